from __future__ import annotations

import asyncio
import json
import logging

import pytest
from starlette.types import Message, Receive, Scope, Send

from softphone.server.guard import Guard
from softphone.server.metrics import Metrics


class Echo:
    """Answers with the body it was given, then waits for the client to leave."""

    def __init__(self) -> None:
        self.kinds: list[str] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.kinds.append(scope["type"])
        if scope["type"] != "http":
            return
        first = await receive()
        last = await receive()
        assert last["type"] == "http.disconnect"
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": first["body"]})


def run(app: Guard, *parts: bytes, kind: str = "http") -> tuple[int, bytes]:
    """Send parts of a body and return status and body of the answer."""
    queue: list[Message] = [
        {"type": "http.request", "body": part, "more_body": n + 1 < len(parts)}
        for n, part in enumerate(parts)
    ]
    sent: list[Message] = []

    async def receive() -> Message:
        return queue.pop(0) if queue else {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": kind, "method": "POST", "path": "/anna?x=1", "client": ("10.0.0.9", 1)}
    asyncio.run(app(scope, receive, send))
    if not sent:
        return 0, b""
    return sent[0]["status"], sent[1]["body"]


def test_a_body_comes_whole():
    assert run(Guard(Echo(), Metrics(), max_body=6), b"abc", b"", b"def") == (200, b"abcdef")


def test_a_body_is_bounded_whatever_it_announces():
    app = Echo()
    status, body = run(Guard(app, Metrics(), max_body=5), b"abc", b"def", b"never read")
    assert status == 413
    assert json.loads(body)["error"] == "too_large"
    assert app.kinds == []


def test_other_traffic_passes():
    app = Echo()
    assert run(Guard(app, Metrics()), kind="lifespan") == (0, b"")
    assert app.kinds == ["lifespan"]


def test_a_log_line_names_neither_path_nor_address(caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.INFO)
    metrics = Metrics()
    run(Guard(Echo(), metrics), b"x")
    line = json.loads(caplog.records[-1].getMessage())
    assert line.pop("ms") >= 0
    assert line == {"event": "request", "method": "POST", "route": "unknown", "status": 200}
    assert "anna" not in metrics.text({})
