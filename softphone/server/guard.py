"""Around every request: a limit on its size, a count, and a log line without personal data."""

from __future__ import annotations

import json
import logging
import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from softphone.server.metrics import Metrics

log = logging.getLogger(__name__)
MAX_BODY = 8 * 1024 * 1024
"""Bytes of a request; a full batch of leaves fits."""
_TOO_LARGE = json.dumps(
    {"error": "too_large", "message": "The request is too large.", "size": None}
).encode("utf-8")


class Guard:
    """ASGI middleware."""

    def __init__(self, app: ASGIApp, metrics: Metrics, max_body: int = MAX_BODY) -> None:
        self._app = app
        self._metrics = metrics
        self._max_body = max_body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        status = 500

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            body = await self._body(receive)
            if body is None:
                await _refuse(noting)
            else:
                await self._app(scope, _replay(body, receive), noting)
        finally:
            self._note(scope, status, time.perf_counter() - began)

    async def _body(self, receive: Receive) -> bytes | None:
        """Return the whole body, or None when it is too large, whatever length it announced."""
        parts: list[bytes] = []
        size = 0
        while True:
            message = await receive()
            part = message.get("body", b"")
            size += len(part)
            if size > self._max_body:
                return None
            parts.append(part)
            if message["type"] == "http.disconnect" or not message.get("more_body"):
                return b"".join(parts)

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        # The template of the route: paths can hold identifiers, addresses belong to people.
        route = getattr(scope.get("route"), "path", "unknown")
        self._metrics.count(scope["method"], route, status, seconds)
        log.info(
            json.dumps(
                {
                    "event": "request",
                    "method": scope["method"],
                    "route": route,
                    "status": status,
                    "ms": round(seconds * 1000, 1),
                }
            )
        )


def _replay(body: bytes, receive: Receive) -> Receive:
    sent = False

    async def replayed() -> Message:
        nonlocal sent
        if sent:
            return await receive()
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replayed


async def _refuse(send: Send) -> None:
    headers = [(b"content-type", b"application/json"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": _TOO_LARGE})
