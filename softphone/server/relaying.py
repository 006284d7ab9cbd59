"""Routes by which devices hand sealed recordings to each other; and the clock that ends them."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Body, FastAPI, Path, Query, Response
from fastapi.concurrency import run_in_threadpool

from softphone.domain.errors import StorageFailed
from softphone.domain.relay import CHUNK, chunks_of
from softphone.domain.tombstone import format_time
from softphone.server import models as m
from softphone.server.relay import Package
from softphone.server.serving import Authenticated, Service, Serving, problems

log = logging.getLogger(__name__)
SWEEP_EVERY_S = 600.0
_BYTES = "application/octet-stream"
relaying = APIRouter(prefix="/v1", responses=problems, tags=["sealed recordings"])
Chunk = Annotated[int, Path(ge=0, lt=chunks_of(2**40))]
Digest = Annotated[str, Path(pattern="^[0-9a-f]{64}$")]
After = Annotated[str, Query(pattern="^([0-9a-f]{64})?$")]
Part = Annotated[bytes, Body(media_type=_BYTES, min_length=1, max_length=CHUNK)]


class Box(StrEnum):
    """Which packages a device asks for."""

    WAITING = "waiting"
    """Those that are here whole for it."""
    SENT = "sent"
    """Those that it sent."""


@relaying.put("/addresses")
def publish_addresses(
    body: m.AddressesIn, service: Serving, device: Authenticated
) -> m.AddressesKept:
    """Keep the device's addresses, which it signed with its log key, in place of earlier ones."""
    return m.AddressesKept(kept=service.relay.publish(device, body.addresses, service.now()))


@relaying.get("/addresses")
def addresses(
    service: Serving,
    _device: Authenticated,
    after: After = "",
    limit: Annotated[int, Query(ge=1, le=m.MAX_PAGE)] = m.MAX_PAGE,
) -> m.AddressPage:
    """Return which addresses of enrolled devices hold, by digest."""
    found = service.relay.addresses(after, limit + 1, service.now())
    return m.AddressPage(
        addresses=[
            m.AddressOut(device=UUID(device), digest=digest, ends_at=format_time(ends_at))
            for device, digest, ends_at in found[:limit]
        ],
        more=len(found) > limit,
    )


@relaying.get(
    "/addresses/{digest}",
    response_class=Response,
    responses={200: {"content": {_BYTES: {"schema": {"type": "string", "format": "binary"}}}}},
)
def address(digest: Digest, service: Serving, _device: Authenticated) -> Response:
    """Return one address as its device signed it."""
    note = service.relay.address(digest, service.now())
    return Response(note.encode("utf-8"), media_type=_BYTES)


@relaying.post("/packages")
def announce_package(body: m.PackageIn, service: Serving, device: Authenticated) -> m.PackageOut:
    """Make room for a package; announced again it says from which chunk on to go on."""
    made = service.relay.announce(
        device, str(body.package), str(body.to), body.size, body.sha256, service.now()
    )
    return _out(made)


@relaying.get("/packages")
def packages(
    service: Serving, device: Authenticated, box: Annotated[Box, Query()]
) -> m.PackagesOut:
    """Return what waits for the device, or what it sent and what became of that."""
    now = service.now()
    if box is Box.WAITING:
        found = service.relay.waiting(device, now)
    else:
        found = service.relay.sent(device, now)
    return m.PackagesOut(packages=[_out(one) for one in found])


@relaying.put("/packages/{package}/chunks/{n}")
def put_chunk(
    package: UUID, n: Chunk, data: Part, service: Serving, device: Authenticated
) -> m.ChunkKept:
    """Keep the next chunk of an own package; one that is here already changes nothing."""
    received = service.relay.put_chunk(device, str(package), n, data, service.now())
    return m.ChunkKept(received=received)


@relaying.get(
    "/packages/{package}/chunks/{n}",
    response_class=Response,
    responses={200: {"content": {_BYTES: {"schema": {"type": "string", "format": "binary"}}}}},
)
def get_chunk(package: UUID, n: Chunk, service: Serving, device: Authenticated) -> Response:
    """Return one chunk of a package that waits for the device."""
    data = service.relay.chunk(device, str(package), n, service.now())
    return Response(data, media_type=_BYTES)


@relaying.post("/packages/{package}/outcome")
def settle_package(
    package: UUID, body: m.PackageSettled, service: Serving, device: Authenticated
) -> m.PackageSettled:
    """Note what the device did with a package that waited for it; the chunks are deleted."""
    service.relay.settle(device, str(package), body.outcome.value, body.why.value, body.receipt)
    return body


@relaying.delete("/packages/{package}", status_code=204)
def withdraw_package(package: UUID, service: Serving, device: Authenticated) -> None:
    """Forget an own package, fetched or not: its recording was erased, or its end is known."""
    service.relay.withdraw(device, str(package))


@asynccontextmanager
async def sweeping(app: FastAPI) -> AsyncIterator[None]:
    """While the server runs, delete every ten minutes what is past its time."""
    task = asyncio.create_task(_sweep(app.state.service))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _sweep(service: Service) -> None:
    while True:
        try:
            went = await run_in_threadpool(service.relay.sweep, service.now())
        except StorageFailed:
            log.warning(json.dumps({"event": "sweep_failed"}))
        else:
            if went:
                log.info(json.dumps({"event": "packages_ended", "packages": went}))
        await asyncio.sleep(SWEEP_EVERY_S)


def _out(package: Package) -> m.PackageOut:
    return m.PackageOut(
        package=UUID(package.package),
        sender=UUID(package.sender),
        receiver=UUID(package.receiver),
        size=package.size,
        sha256=package.sha256,
        received=package.received,
        ends_at=format_time(package.ends_at),
        outcome=package.outcome,
        why=package.why,
        receipt=package.receipt,
    )
