"""The HTTP interface, version 1; its OpenAPI document is the contract."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, FastAPI, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, PlainTextResponse
from fastapi.security import HTTPAuthorizationCredentials
from sqlalchemy.exc import IntegrityError

from softphone.domain.canonical import canonical_json
from softphone.domain.errors import (
    InvalidInput,
    ProofInvalid,
    Refused,
    SoftphoneError,
    StorageFailed,
)
from softphone.domain.handover import parse_handover
from softphone.domain.leaving import parse_certificate
from softphone.domain.note import parse_note, parse_verifier_key, verify
from softphone.domain.tombstone import format_time, from_dict, to_dict, tombstone_verifies
from softphone.server import models as m
from softphone.server.clients import Clients
from softphone.server.guard import Guard
from softphone.server.logbook import LeavesRefused, Logbook
from softphone.server.metrics import Metrics
from softphone.server.outside import outside
from softphone.server.policies import NotNewer, Policies
from softphone.server.rates import Rates
from softphone.server.reading import DeviceState, Reading
from softphone.server.relay import (
    AnotherPackage,
    ChunkGap,
    NoSuchPackage,
    PackageTooLarge,
    QuotaReached,
    Relay,
)
from softphone.server.relaying import relaying, sweeping
from softphone.server.serving import (
    Authenticated,
    AwayTooLong,
    Limits,
    NotPermitted,
    Service,
    Serving,
    Taken,
    Unknown,
    bearer,
    device_of,
    problems,
)
from softphone.server.store import Store, StoredTombstone
from softphone.server.witness import Witness, log_keys_of, signature_verifies

v1 = APIRouter(prefix="/v1", responses=problems)
health = APIRouter()


@v1.post("/devices", status_code=201)
def enrol(body: m.Enrol, service: Serving) -> m.Enrolled:
    """Enrol a device with a one-time token; one that was away for too long does so again."""
    log_keys_of(body.log_key, body.log_key_mldsa)
    replaces = _replaced(service, body) if body.continues else ""
    token = service.store.enrol(
        body.token, str(body.device), body.log_key, service.now(), replaces, body.log_key_mldsa
    )
    return m.Enrolled(device_token=token, witness_key=str(service.witness.verifier_key))


@v1.get("/policy", response_class=Response, responses={204: {}, 304: {}})
def policy(request: Request, service: Serving, _device: Authenticated) -> Response:
    """Return the newest signed policy; 204 while there is none, 304 when the ETag is known."""
    found = service.policies.newest()
    if found is None:
        return Response(status_code=204)
    etag = f'"{found[0]}"'
    if request.headers.get("if-none-match") == etag:
        return Response(status_code=304, headers={"etag": etag})
    return Response(found[1], media_type="application/octet-stream", headers={"etag": etag})


@v1.put("/policy")
def publish_policy(body: m.PolicyIn, service: Serving, _device: Authenticated) -> m.PolicyKept:
    """Keep a newer policy that the accepted policy key signed; sent again it changes nothing."""
    return m.PolicyKept(version=service.policies.publish(body.policy))


@v1.get("/devices")
def devices(
    service: Serving,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)],
) -> m.Devices:
    """Return every device, to a device or to a client: what it sent and did, when it was seen."""
    if credentials is not None and credentials.credentials.startswith("client."):
        service.clients.authenticate(credentials.credentials)
    else:
        device_of(service, credentials)
    last = service.store.counts()["tombstones"]
    silent = service.now() - service.limits.silent
    return m.Devices(
        tombstones=last,
        devices=[_shown(one, last, silent) for one in service.reading.devices()],
    )


@v1.post("/entries")
def append_entries(body: m.Entries, service: Serving, device: Authenticated) -> m.Cosigned:
    """Store audit leaves and return the checkpoint cosigned; sending them again is harmless."""
    note = service.logbook.append(device, body.first, body.leaves, body.checkpoint)
    return m.Cosigned(size=body.first + len(body.leaves), checkpoint=note)


@v1.post("/tombstones")
def add_tombstone(body: m.TombstoneIn, service: Serving, device: Authenticated) -> m.Accepted:
    """Keep a tombstone that the device signed; sending it again is harmless."""
    tombstone = from_dict(body.tombstone)
    key = parse_verifier_key(device.log_key)
    if tombstone.device != device.id or not tombstone_verifies(
        tombstone, key.public_key, signature_verifies
    ):
        raise ProofInvalid("A tombstone cannot be used.", "It is not signed by this device.")
    text = canonical_json(to_dict(tombstone)).decode("utf-8")
    stored, new = service.store.add_tombstone(tombstone.erasure, text)
    if not new and stored.body != text:
        raise Taken
    return m.Accepted(position=stored.position)


@v1.get("/tombstones")
def tombstones(
    service: Serving,
    _device: Authenticated,
    after: m.Position = 0,
    limit: Annotated[int, Query(ge=1, le=m.MAX_PAGE)] = m.MAX_PAGE,
) -> m.Tombstones:
    """Return tombstones after a position, the device's own included."""
    found = service.store.tombstones(after, limit + 1)
    return m.Tombstones(tombstones=[_out(one) for one in found[:limit]], more=len(found) > limit)


@v1.get("/tombstones/{erasure}")
def tombstone_progress(erasure: UUID, service: Serving, _device: Authenticated) -> m.Progress:
    """Say how many devices carried out an erasure."""
    found = service.store.progress(str(erasure))
    if found is None:
        raise Unknown
    position, acknowledged, devices = found
    return m.Progress(position=position, acknowledged=acknowledged, devices=devices)


@v1.post("/acknowledgements")
def acknowledge(body: m.Acknowledge, service: Serving, device: Authenticated) -> m.Acknowledge:
    """Note what the device carried out; returns what is noted, which never goes back."""
    return m.Acknowledge(up_to=service.store.acknowledge(device.id, body.up_to))


@v1.post("/leaving")
def leave(body: m.Leave, service: Serving, device: Authenticated) -> m.Left:
    """Take the certificate of a device that is given up; it speaks no more, nobody waits for it."""
    said = parse_certificate(
        body.certificate, parse_verifier_key(device.log_key), signature_verifies
    )
    if said["device"] != device.id:
        raise ProofInvalid("The certificate is not this device's.")
    service.store.retire(device.id)
    return m.Left(device=UUID(device.id))


@health.get("/health/live")
def live() -> dict[str, str]:
    """Answer while the process runs."""
    return {"status": "live"}


@health.get("/health/ready", responses={503: {}})
def ready(service: Serving) -> JSONResponse:
    """Answer 200 while the database does, else 503."""
    good = service.store.ready()
    return JSONResponse({"status": "ready" if good else "not ready"}, 200 if good else 503)


@health.get("/metrics", response_class=PlainTextResponse)
def metrics(service: Serving) -> str:
    """Return counters for Prometheus."""
    silent = service.reading.silent(service.now() - service.limits.silent)
    return service.metrics.text(
        {**service.store.counts(), **service.relay.counts(), "devices_silent": silent}
    )


def _out(stored: StoredTombstone) -> m.TombstoneOut:
    return m.TombstoneOut(position=stored.position, tombstone=json.loads(stored.body))


def _replaced(service: Serving, body: m.Enrol) -> str:
    """Return the device whose key handed its log over to the one that enrols."""
    earlier, log_key = parse_handover(body.continues)
    known = service.store.log_key(earlier)
    if known is None:
        return ""
    if log_key != body.log_key:
        raise ProofInvalid("The device was not enrolled.", "Its log was handed over to another.")
    verify(parse_note(body.continues), parse_verifier_key(known), signature_verifies)
    return earlier


def _shown(one: DeviceState, last: int, silent: datetime) -> m.DeviceOut:
    return m.DeviceOut(
        device=UUID(one.device),
        enrolled_at=format_time(one.enrolled_at),
        last_seen=None if one.last_seen is None else format_time(one.last_seen),
        entries=one.entries,
        acknowledged=one.acknowledged,
        behind=last - one.acknowledged,
        silent=(one.last_seen or one.enrolled_at) < silent,
    )


def create_app(
    store: Store,
    witness: Witness,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    limits: Limits | None = None,
) -> FastAPI:
    """Return the application."""
    counters, limits = Metrics(), limits or Limits()
    app = FastAPI(
        title="softphone sync server",
        version="1",
        docs_url=None,
        redoc_url=None,
        lifespan=sweeping,
    )
    app.state.service = Service(
        store,
        witness,
        Logbook(store, witness, lambda: now().timestamp()),
        counters,
        Clients(store),
        Reading(store),
        Policies(store),
        Relay(store, limits.relay),
        now,
        limits,
    )
    app.include_router(v1)
    app.include_router(relaying)
    app.include_router(outside)
    app.include_router(health)
    app.add_middleware(Rates)
    app.add_middleware(Guard, metrics=counters)
    app.add_exception_handler(RequestValidationError, _invalid)
    for kind in _STATUS:
        app.add_exception_handler(kind, _refused)
    return app


_STATUS: dict[type[Exception], tuple[int, str]] = {
    Refused: (401, "refused"),
    NotPermitted: (403, "not_permitted"),
    LeavesRefused: (409, "conflict"),
    AwayTooLong: (403, "away_too_long"),
    IntegrityError: (409, "conflict"),
    NotNewer: (409, "not_newer"),
    Taken: (409, "taken"),
    Unknown: (404, "unknown"),
    NoSuchPackage: (404, "unknown"),
    AnotherPackage: (409, "taken"),
    ChunkGap: (409, "gap"),
    QuotaReached: (409, "full"),
    PackageTooLarge: (413, "too_large"),
    ProofInvalid: (400, "proof"),
    InvalidInput: (400, "malformed"),
    StorageFailed: (503, "storage"),
}


async def _refused(_request: Request, error: Exception) -> JSONResponse:
    status, code = next(_STATUS[kind] for kind in type(error).__mro__ if kind in _STATUS)
    size = None
    message = "The request cannot be carried out."
    if isinstance(error, LeavesRefused):
        code, size = error.conflict.value, error.size
    if isinstance(error, ChunkGap):
        size = error.size
    if isinstance(error, SoftphoneError):
        message = str(error)
    problem = m.Problem(error=code, message=message, size=size)
    headers = {"www-authenticate": "Bearer"} if status == 401 else None
    return JSONResponse(problem.model_dump(), status, headers)


async def _invalid(_request: Request, _error: Exception) -> JSONResponse:
    # What was sent is not repeated: it may be anything.
    problem = m.Problem(error="malformed", message="The request is malformed.")
    return JSONResponse(problem.model_dump(), 422)
