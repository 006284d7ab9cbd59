"""What all routes share: the service, how callers authenticate, and how refusals look."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from softphone.domain.errors import Refused
from softphone.server import models as m
from softphone.server.clients import Clients
from softphone.server.logbook import Logbook
from softphone.server.metrics import Metrics
from softphone.server.policies import Policies
from softphone.server.reading import Reading
from softphone.server.relay import Relay, RelayLimits
from softphone.server.store import Device, Store
from softphone.server.witness import Witness

bearer = HTTPBearer(
    auto_error=False, description="The token that enrolment returned, or the client's."
)
problems: dict[int | str, dict[str, object]] = {
    code: {"model": m.Problem} for code in (400, 401, 403, 404, 409, 413, 422, 429, 503)
}


@dataclass(frozen=True, slots=True)
class Limits:
    """After which time without a word a device counts as silent, and must enrol anew.

    ``relay`` says how much of recordings on their way is kept.
    """

    silent: timedelta = timedelta(hours=24)
    away: timedelta = timedelta(days=180)
    relay: RelayLimits = field(default_factory=RelayLimits)


@dataclass(frozen=True, slots=True)
class Service:
    """What the routes work with."""

    store: Store
    witness: Witness
    logbook: Logbook
    metrics: Metrics
    clients: Clients
    reading: Reading
    policies: Policies
    relay: Relay
    now: Callable[[], datetime]
    limits: Limits


class Unknown(Exception):
    """Nothing is stored under this identifier."""


class Taken(Exception):
    """Something else is stored under this identifier."""


class NotPermitted(Exception):
    """The client's role does not permit this."""


def _service(request: Request) -> Service:
    service: Service = request.app.state.service
    return service


Serving = Annotated[Service, Depends(_service)]


class AwayTooLong(Exception):
    """The device was not heard of for longer than the limit."""


def device_of(
    service: Serving,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)],
) -> Device:
    """Return the device that asks. Raises Refused, AwayTooLong."""
    if credentials is None:
        raise Refused("The request was refused.", "It has no device token.")
    device = service.store.authenticate(credentials.credentials)
    if not service.reading.seen(device.id, service.now(), service.limits.away):
        raise AwayTooLong
    return device


Authenticated = Annotated[Device, Depends(device_of)]
