"""Lets a synchronous client talk to an ASGI application without a network."""

from __future__ import annotations

import asyncio

import httpx
from starlette.types import ASGIApp


class AsgiTransport(httpx.BaseTransport):
    """Runs each request in a loop of its own; an error of the application is a 500."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return asyncio.run(self._ask(request, request.read()))

    async def _ask(self, request: httpx.Request, body: bytes) -> httpx.Response:
        transport = httpx.ASGITransport(self._app, raise_app_exceptions=False)
        passed = httpx.Request(request.method, request.url, headers=request.headers, content=body)
        async with transport:
            answer = await transport.handle_async_request(passed)
            content = await answer.aread()
        return httpx.Response(answer.status_code, headers=answer.headers, content=content)
