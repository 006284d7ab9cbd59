"""The API for other systems: order erasures, see how far they got, read and export audit logs."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Query, Response
from fastapi.responses import StreamingResponse
from fastapi.security import HTTPAuthorizationCredentials

from softphone.domain.audit import Action, DataCategory, Result
from softphone.domain.audit_bundle import FORMAT
from softphone.domain.canonical import canonical_json
from softphone.domain.errors import InvalidInput, ProofInvalid, Refused
from softphone.domain.note import parse_verifier_key
from softphone.domain.tombstone import format_time, from_dict, to_dict, tombstone_verifies
from softphone.server import models as m
from softphone.server.clients import ApiClient, ClientRole
from softphone.server.reading import Place, Wanted
from softphone.server.serving import NotPermitted, Serving, Taken, Unknown, bearer, problems
from softphone.server.witness import signature_verifies

outside = APIRouter(prefix="/v1", responses=problems, tags=["other systems"])
_LINES = "application/jsonl"


def _client(
    service: Serving,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)],
) -> ApiClient:
    if credentials is None:
        raise Refused("The request was refused.", "It has no client token.")
    return service.clients.authenticate(credentials.credentials)


AnyClient = Annotated[ApiClient, Depends(_client)]


def _eraser(client: AnyClient) -> ApiClient:
    if client.role is not ClientRole.ERASER:
        raise NotPermitted
    return client


def _auditor(client: AnyClient) -> ApiClient:
    if client.role is not ClientRole.AUDITOR:
        raise NotPermitted
    return client


Eraser = Annotated[ApiClient, Depends(_eraser)]
Auditor = Annotated[ApiClient, Depends(_auditor)]
IdempotencyKey = Annotated[str, Header(alias="Idempotency-Key", min_length=1, max_length=64)]
Until = Annotated[int, Query(ge=1, le=m.MAX_POSITION)]


@outside.post("/orders")
def order(
    body: m.TombstoneIn, service: Serving, client: Eraser, idempotency_key: IdempotencyKey
) -> m.Ordered:
    """Order an erasure of recordings, or of subjects by their keyed pseudonyms.

    The order is a tombstone that the client's own key signed. Devices whose administrator endorsed
    that key carry it out and acknowledge it; the server cannot make or alter one.
    """
    tombstone = from_dict(body.tombstone)
    text = canonical_json(to_dict(tombstone)).decode("utf-8")
    if not tombstone.recordings and not tombstone.subjects:
        raise InvalidInput("The order was refused.", "It names nothing to erase.")
    key = parse_verifier_key(client.log_key)
    if tombstone.device != client.id or not tombstone_verifies(
        tombstone, key.public_key, signature_verifies
    ):
        raise ProofInvalid("The order cannot be used.", "It is not signed by this client.")
    service.clients.asked_before(client.id, idempotency_key, text)
    stored, _ = service.store.add_tombstone(tombstone.erasure, text)
    if stored.body != text:
        raise Taken
    service.clients.remember(client.id, idempotency_key, text, tombstone.erasure)
    return m.Ordered(erasure=UUID(tombstone.erasure), position=stored.position)


@outside.get("/orders/{erasure}")
def order_progress(erasure: UUID, service: Serving, _client: AnyClient) -> m.OrderProgress:
    """Say which devices carried an erasure out, and since when the others are silent.

    It is complete only when every enrolled device said so.
    """
    found = service.store.progress(str(erasure))
    if found is None:
        raise Unknown
    position = found[0]
    devices = [
        m.DeviceProgress(
            device=UUID(one.device),
            carried_out=one.acknowledged >= position,
            last_seen=_text(one.last_seen),
        )
        for one in service.reading.devices()
    ]
    done = sum(one.carried_out for one in devices)
    return m.OrderProgress(
        erasure=erasure,
        position=position,
        complete=bool(devices) and done == len(devices),
        carried_out=done,
        devices=devices,
    )


@outside.get("/audit")
def audit(  # one parameter a filter
    service: Serving,
    _client: Auditor,
    device: UUID | None = None,
    action: Action | None = None,
    category: DataCategory | None = None,
    result: Result | None = None,
    object_id: Annotated[str, Query(alias="object", max_length=64)] = "",
    since: datetime | None = None,
    until: datetime | None = None,
    after: Annotated[str, Query(max_length=64, pattern=r"^([0-9a-f-]{36}:[0-9]{1,18})?$")] = "",
    limit: Annotated[int, Query(ge=1, le=m.MAX_PAGE)] = m.MAX_PAGE,
) -> m.AuditPage:
    """Return entries of all logs that match, by device and number.

    Go on with ``next`` as ``after`` until it is null; a page may be empty before that.
    """
    wanted = Wanted(
        device="" if device is None else str(device),
        action=action or "",
        category=category or "",
        result=result or "",
        object=object_id,
        since=_moment(since),
        until=_moment(until),
    )
    found, goes_on = service.reading.entries(wanted, _place(after), limit)
    return m.AuditPage(
        entries=[m.AuditLeaf(device=UUID(at.device), n=at.n, leaf=said) for at, said in found],
        next=None if goes_on is None else f"{goes_on.device}:{goes_on.n}",
    )


@outside.get("/logs/{device}/bundle.json")
def bundle_header(device: UUID, service: Serving, _client: Auditor) -> m.BundleHeader:
    """Return the first file of a bundle of this log, as far as it is cosigned.

    The other two are ``leaves.jsonl`` and ``checkpoints.jsonl`` with ``entries`` of this answer.
    """
    known = service.reading.log_size(str(device))
    if known is None:
        raise Unknown
    return m.BundleHeader(
        format=FORMAT,
        entries=known[1],
        log_key=known[0],
        witness_key=str(service.witness.verifier_key),
        log_key_mldsa=known[2],
    )


@outside.get(
    "/logs/{device}/leaves.jsonl",
    response_class=Response,
    responses={200: {"content": {_LINES: {}}}},
)
def bundle_leaves(
    device: UUID, service: Serving, _client: Auditor, entries: Until
) -> StreamingResponse:
    """Return the leaves of a bundle, one a line."""
    return StreamingResponse(service.reading.leaves(str(device), entries), media_type=_LINES)


@outside.get(
    "/logs/{device}/checkpoints.jsonl",
    response_class=Response,
    responses={200: {"content": {_LINES: {}}}},
)
def bundle_checkpoints(
    device: UUID, service: Serving, _client: Auditor, entries: Until
) -> StreamingResponse:
    """Return the cosigned checkpoints of a bundle, one a line, as JSON strings."""
    return StreamingResponse(service.reading.checkpoints(str(device), entries), media_type=_LINES)


def _text(when: datetime | None) -> str | None:
    return None if when is None else format_time(when)


def _moment(when: datetime | None) -> str:
    if when is None:
        return ""
    if when.tzinfo is None:
        raise InvalidInput("Nothing was found.", "A time has no offset.", "Write it with a Z.")
    return format_time(when)


def _place(text: str) -> Place | None:
    device, _, n = text.partition(":")
    return Place(device, int(n)) if text else None
