"""Requests about sealed recordings on their way; the answers are bounded and checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import httpx

from softphone.app.ports.relay import Outgoing
from softphone.domain.errors import Refused
from softphone.domain.relay import (
    LARGEST_ADDRESS,
    AddressOffer,
    PackageRefusal,
    RelayedPackage,
    Settled,
    chunk_size,
)
from softphone.sync import relay_wire as w
from softphone.sync import wire

_BYTES = {"content-type": "application/octet-stream"}
MAX_ADDRESS_PAGES = 100
"""Of 200 addresses each; a server does not keep a workstation reading for ever."""


class NotAccepted(Refused):
    """The server does not take a package; ``refusal`` is empty when it may later."""

    def __init__(self, refusal: PackageRefusal) -> None:
        super().__init__("The package was not sent.", "The server does not accept it.")
        self.refusal = refusal


class _Asking(Protocol):
    """How requests are made (``SyncClient``)."""

    def _ask(
        self,
        method: str,
        path: str,
        *,
        good: tuple[int, ...],
        json: Mapping[str, object] | None = None,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
        most: int = ...,
    ) -> tuple[httpx.Response, bytes]: ...


class RelayRequests:
    """The part of the client that is about sealed recordings."""

    def publish_addresses(self: _Asking, notes: Sequence[str]) -> None:
        """Offer this workstation's addresses in place of those before."""
        self._ask("PUT", "v1/addresses", json={"addresses": list(notes)}, good=(200,))

    def addresses(self: _Asking) -> tuple[AddressOffer, ...] | None:
        """Return which addresses the server has; None for a server that relays nothing."""
        found: list[AddressOffer] = []
        for _page in range(MAX_ADDRESS_PAGES):
            after = found[-1].digest if found else ""
            response, answer = self._ask(
                "GET", "v1/addresses", params={"after": after}, good=(200, 404)
            )
            if response.status_code == 404:
                return None
            page = wire.decode(answer, w.AddressPage)
            found += w.address_offers(page, after)
            if not page.more:
                return tuple(found)
        raise wire.misbehaved("It lists addresses without end.")

    def address(self: _Asking, digest: str) -> str:
        """Return one address; empty when it is gone meanwhile."""
        response, answer = self._ask(
            "GET", f"v1/addresses/{digest}", good=(200, 404), most=LARGEST_ADDRESS
        )
        return answer.decode("utf-8", "replace") if response.status_code == 200 else ""

    def announce(self: _Asking, package: Outgoing) -> int:
        """Announce a package and return how many of its chunks the server has.

        Raises NotAccepted.
        """
        body = {
            "package": package.package,
            "to": package.device,
            "size": package.size,
            "sha256": package.sha256,
        }
        response, answer = self._ask("POST", "v1/packages", json=body, good=(200, 404, 409, 413))
        if response.status_code == 404:
            raise NotAccepted(PackageRefusal.FOREIGN)
        if response.status_code == 413:
            raise NotAccepted(PackageRefusal.TOO_LARGE)
        if response.status_code == 409:
            if wire.problem_code(answer) == "full":
                raise NotAccepted(PackageRefusal.NONE)
            raise wire.misbehaved("It has another package under a number of this workstation.")
        return w.received(wire.decode(answer, w.PackageOut).received, package.size)

    def put_chunk(self: _Asking, package: Outgoing, n: int, data: bytes) -> int:
        """Send one chunk and return how many the server has. Raises NotAccepted (it is gone)."""
        response, answer = self._ask(
            "PUT",
            f"v1/packages/{package.package}/chunks/{n}",
            content=data,
            headers=_BYTES,
            good=(200, 404),
        )
        if response.status_code == 404:
            raise NotAccepted(PackageRefusal.FOREIGN)
        count = w.received(wire.decode(answer, w.ChunkKept).received, package.size)
        if count <= n:
            raise wire.misbehaved("It does not keep what it confirms.")
        return count

    def sent(self: _Asking) -> tuple[RelayedPackage, ...]:
        """Return what this workstation sent, as far as the server knows of it."""
        _, answer = self._ask("GET", "v1/packages", params={"box": "sent"}, good=(200,))
        return w.packages(wire.decode(answer, w.PackagesOut))

    def waiting(self: _Asking) -> tuple[RelayedPackage, ...]:
        """Return what the server has whole for this workstation."""
        _, answer = self._ask("GET", "v1/packages", params={"box": "waiting"}, good=(200,))
        return w.packages(wire.decode(answer, w.PackagesOut))

    def chunk(self: _Asking, package: str, size: int, n: int) -> bytes:
        """Return one chunk, empty when the package is gone. Raises ServerMisbehaved."""
        length = chunk_size(size, n)
        response, answer = self._ask(
            "GET", f"v1/packages/{package}/chunks/{n}", good=(200, 404), most=length
        )
        if response.status_code == 404:
            return b""
        if len(answer) != length:
            raise wire.misbehaved("A part of a package is shorter than it announced.")
        return answer

    def settle(self: _Asking, done: Settled) -> None:
        """Tell what was done with a package; one that the server knows no longer is fine."""
        body = {"outcome": done.outcome.value, "why": done.why.value, "receipt": done.receipt}
        path = f"v1/packages/{done.package}/outcome"
        self._ask("POST", path, json=body, good=(200, 404))

    def withdraw(self: _Asking, package: str) -> None:
        """Let the server forget a package of this workstation."""
        self._ask("DELETE", f"v1/packages/{package}", good=(204,))
