"""What all routes share: the service, how callers authenticate, and how refusals look."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPBearer

from softphone.server import models as m
from softphone.server.clients import Clients
from softphone.server.logbook import Logbook
from softphone.server.metrics import Metrics
from softphone.server.policies import Policies
from softphone.server.reading import Reading
from softphone.server.store import Store
from softphone.server.witness import Witness

bearer = HTTPBearer(
    auto_error=False, description="The token that enrolment returned, or the client's."
)
problems: dict[int | str, dict[str, object]] = {
    code: {"model": m.Problem} for code in (400, 401, 403, 404, 409, 413, 422, 429, 503)
}


@dataclass(frozen=True, slots=True)
class Limits:
    """After which time without a word a device counts as silent, and must enrol anew."""

    silent: timedelta = timedelta(hours=24)
    away: timedelta = timedelta(days=180)


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
