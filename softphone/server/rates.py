"""A limit on how often one caller may ask, by token bucket, in each server process."""

from __future__ import annotations

import hashlib
import json
import math
import time
from collections import OrderedDict
from collections.abc import Callable

from starlette.types import ASGIApp, Receive, Scope, Send

BURST = 600.0
"""Requests at once: a workstation that was weeks away sends 100,000 entries in 400."""
PER_SECOND = 50.0
_MOST_CALLERS = 10_000
_FREE = frozenset({"/health/live", "/health/ready"})


class Rates:
    """ASGI middleware: 429 with ``Retry-After`` for a caller whose bucket is empty.

    A caller is a token, or the address it comes from where there is none.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        burst: float = BURST,
        per_second: float = PER_SECOND,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._app = app
        self._burst = burst
        self._per_second = per_second
        self._clock = clock
        self._buckets: OrderedDict[bytes, tuple[float, float]] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let one request pass, or refuse it."""
        if scope["type"] != "http" or scope["path"] in _FREE:
            await self._app(scope, receive, send)
            return
        wait = self._take(_caller(scope))
        if not wait:
            await self._app(scope, receive, send)
            return
        headers = [
            (b"content-type", b"application/json"),
            (b"retry-after", str(math.ceil(wait)).encode()),
        ]
        await send({"type": "http.response.start", "status": 429, "headers": headers})
        await send({"type": "http.response.body", "body": _TOO_MANY})

    def _take(self, caller: bytes) -> float:
        """Take one from the caller's bucket; return the seconds to wait when it is empty."""
        now = self._clock()
        left, since = self._buckets.pop(caller, (self._burst, now))
        left = min(self._burst, left + (now - since) * self._per_second)
        allowed = left >= 1
        self._buckets[caller] = (left - 1 if allowed else left, now)
        if len(self._buckets) > _MOST_CALLERS:
            self._buckets.popitem(last=False)
        return 0.0 if allowed else (1 - left) / self._per_second


_TOO_MANY = json.dumps(
    {"error": "too_many", "message": "There are too many requests. Try again later.", "size": None}
).encode("utf-8")


def _caller(scope: Scope) -> bytes:
    for name, value in scope["headers"]:
        if name == b"authorization":
            # Only a hash is kept: a dump of the memory must not give tokens away.
            return hashlib.sha256(value).digest()
    client = scope.get("client")
    return client[0].encode() if client else b""
