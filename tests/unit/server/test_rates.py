from __future__ import annotations

import asyncio

from httpx import ASGITransport, AsyncClient
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from softphone.server import rates
from softphone.server.rates import Rates


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


async def hello(scope: Scope, receive: Receive, send: Send) -> None:
    await PlainTextResponse("hello")(scope, receive, send)


def ask(app: Rates, token: str = "", path: str = "/v1/x") -> tuple[int, str]:
    async def run() -> tuple[int, str]:
        async with AsyncClient(transport=ASGITransport(app), base_url="https://s") as http:
            headers = {"authorization": token} if token else {}
            answer = await http.get(path, headers=headers)
            return answer.status_code, answer.headers.get("retry-after", "")

    return asyncio.run(run())


def test_a_caller_that_asks_too_often_waits_and_others_do_not():
    clock = Clock()
    app = Rates(hello, burst=3, per_second=0.5, clock=clock)
    assert [ask(app, "a")[0] for _ in range(4)] == [200, 200, 200, 429]
    assert ask(app, "a") == (429, "2")
    assert ask(app, "b")[0] == 200
    clock.now = 2.0
    assert [ask(app, "a")[0] for _ in range(2)] == [200, 429]
    clock.now = 1000.0
    assert [ask(app, "a")[0] for _ in range(4)] == [200, 200, 200, 429]


def test_callers_without_a_token_share_their_address_and_health_is_free():
    app = Rates(hello, burst=1, per_second=1, clock=Clock())
    assert [ask(app)[0], ask(app)[0]] == [200, 429]
    assert ask(app, path="/health/live")[0] == 200


def test_memory_stays_bounded_and_holds_no_token(monkeypatch):
    monkeypatch.setattr(rates, "_MOST_CALLERS", 5)
    app = Rates(hello, clock=Clock())
    for n in range(20):
        ask(app, f"secret-{n}")
    assert len(app._buckets) == 5
    assert all(b"secret" not in caller for caller in app._buckets)
