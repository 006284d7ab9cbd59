"""A network that loses, repeats and reorders what is sent over it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import StrEnum

import httpx


class Fault(StrEnum):
    """What happens to one request."""

    NONE = "none"
    LOST = "the request never arrives"
    ANSWER_LOST = "it arrives, and its answer does not"
    TWICE = "it arrives twice"
    AGAIN_LATER = "it arrives, and once more behind later ones"


class FaultyTransport(httpx.BaseTransport):
    """Hands requests to another transport as the faults say, then without any."""

    def __init__(self, inner: httpx.BaseTransport, faults: Iterable[Fault] = ()) -> None:
        self._inner = inner
        self._faults = iter(tuple(faults))
        self._kept: list[httpx.Request] = []
        self.cut = False

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()
        fault = next(self._faults, Fault.NONE)
        if self.cut or fault is Fault.LOST:
            raise httpx.ConnectError("no network", request=request)
        answer = self._inner.handle_request(copied(request))
        if fault is Fault.AGAIN_LATER:
            self._kept.append(copied(request))
        elif fault is Fault.TWICE:
            answer = self._inner.handle_request(copied(request))
        elif fault is Fault.ANSWER_LOST:
            raise httpx.ReadTimeout("no answer", request=request)
        return answer

    def deliver_late(self) -> None:
        """Let what was kept arrive once more, newest first."""
        while self._kept:
            self._inner.handle_request(self._kept.pop())


def copied(request: httpx.Request) -> httpx.Request:
    return httpx.Request(
        request.method, request.url, headers=request.headers, content=request.content
    )


Rewrite = Callable[[httpx.Request, httpx.Response], httpx.Response]


class LyingTransport(httpx.BaseTransport):
    """An honest server whose answers somebody exchanges on the way out."""

    def __init__(self, inner: httpx.BaseTransport, rewrite: Rewrite) -> None:
        self._inner = inner
        self.rewrite = rewrite

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()
        return self.rewrite(request, self._inner.handle_request(copied(request)))
