"""Talks to the sync server: HTTPS only, the system's trust store, bounded answers."""

from __future__ import annotations

import re
import ssl
import time
from collections.abc import Mapping
from types import TracebackType

import httpx

from softphone.app.ports import Enrolment, LeafBatch
from softphone.domain.errors import (
    CertificateRejected,
    ConnectionRefused,
    InvalidInput,
    ProofInvalid,
    Refused,
)
from softphone.domain.fleet import DeviceSeen
from softphone.domain.ids import DeviceId
from softphone.domain.note import COSIGNATURE_V1, parse_verifier_key
from softphone.domain.privacy import Tombstone
from softphone.sync import wire
from softphone.sync.relay_client import RelayRequests
from softphone.sync.trust import parse_pin, tls_context

MAX_ANSWER = 16 * 1024 * 1024
"""Bytes; a server cannot fill the memory of a workstation."""
LONGEST_ANSWER_S = 300.0
"""A server that sends a byte now and then does not stop synchronisation for ever."""
DIRECT = "direct"
_TIMEOUT = httpx.Timeout(20.0, connect=5.0)
_HOST = re.compile(r"[A-Za-z0-9.:-]+")
_CONFLICTS = {
    "gap": "It misses entries that it had confirmed.",
    "fork": "It holds other entries than this workstation wrote.",
    "rollback": "It holds more entries than this workstation has.",
}


class SyncClient(RelayRequests):
    """One connection to the server. Used by one thread."""

    def __init__(
        self,
        url: str,
        token: str = "",
        ca_file: str = "",
        transport: httpx.BaseTransport | None = None,
        *,
        pin: str = "",
        proxy: str = "",
    ) -> None:
        address = _address(url)
        if address is None:
            raise InvalidInput(
                "The server's address cannot be used.",
                "It must begin with https:// and name a host.",
                "Check the address.",
            )
        self._http = httpx.Client(
            base_url=address,
            headers={"authorization": f"Bearer {token}"} if token else {},
            verify=tls_context(ca_file, pin),
            timeout=_TIMEOUT,
            follow_redirects=False,
            # A proxy that is named holds, and so does none; else what the surroundings say.
            trust_env=not proxy,
            proxy=parse_proxy(proxy),
            transport=transport,
        )

    def __enter__(self) -> SyncClient:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self._http.close()

    def enrol(
        self,
        token: str,
        device: DeviceId,
        log_key: str,
        handover: str = "",
        log_key_mldsa: str = "",
    ) -> wire.Enrolled:
        """Use a one-time token. Raises Refused, ConnectionRefused, ServerMisbehaved.

        A server that does not know of second keys refuses to read the request, and keeps the
        token good; it is asked again without.
        """
        body = {"token": token, "device": device, "log_key": log_key, "continues": handover}
        good: tuple[int, ...] = (201,)
        if log_key_mldsa:
            body["log_key_mldsa"] = log_key_mldsa
            good = (201, 422)
        response, answer = self._ask("POST", "v1/devices", json=body, good=good)
        if response.status_code == 422:
            return self.enrol(token, device, log_key, handover)
        enrolled = wire.decode(answer, wire.Enrolled)
        try:
            if parse_verifier_key(enrolled.witness_key).type != COSIGNATURE_V1:
                raise wire.misbehaved("Its witness key is of another kind.")
        except ProofInvalid as error:
            raise wire.misbehaved("Its witness key is malformed.") from error
        return enrolled

    def push_leaves(self, batch: LeafBatch) -> str:
        """Return the cosigned checkpoint; the vault verifies it. Raises as the others."""
        body = wire.entries_body(batch)
        _, answer = self._ask("POST", "v1/entries", json=body, good=(200,))
        cosigned = wire.decode(answer, wire.Cosigned)
        if cosigned.size != batch.first + len(batch.leaves):
            raise wire.misbehaved("It confirms another number of entries.")
        return cosigned.checkpoint

    def push_tombstone(self, tombstone: Tombstone) -> int:
        """Return the position the tombstone got; 0 for an erasure that is there already.

        That happens to a restored workstation, whose earlier self had sent it under another name.
        """
        body = wire.tombstone_body(tombstone)
        response, answer = self._ask("POST", "v1/tombstones", json=body, good=(200, 409))
        if response.status_code == 409:
            if wire.problem_code(answer) != "taken":
                raise _refusal(409, answer)
            return 0
        return wire.decode(answer, wire.Accepted).position

    def tombstones(self, after: int) -> tuple[list[tuple[int, Tombstone]], bool]:
        """Return tombstones after a position, and whether there are more."""
        params = {"after": str(after)}
        _, answer = self._ask("GET", "v1/tombstones", params=params, good=(200,))
        page = wire.decode(answer, wire.Page)
        return wire.placed_tombstones(page, after), page.more

    def acknowledge(self, up_to: int) -> None:
        """Tell that all tombstones up to a position were carried out."""
        _, answer = self._ask("POST", "v1/acknowledgements", json={"up_to": up_to}, good=(200,))
        if wire.decode(answer, wire.Acknowledged).up_to < up_to:
            raise wire.misbehaved("It has fewer tombstones than it sent.")

    def leave(self, certificate: str) -> None:
        """Hand over the certificate of this device's end; its token is good for nothing then."""
        self._ask("POST", "v1/leaving", json={"certificate": certificate}, good=(200,))

    def policy(self, etag: str = "") -> tuple[str, bytes] | None:
        """Return the newest signed policy with its ETag; None when it is known or there is none."""
        headers = {"if-none-match": etag} if etag else {}
        response, body = self._ask("GET", "v1/policy", headers=headers, good=(200, 204, 304))
        if response.status_code != 200:
            return None
        return response.headers.get("etag", ""), body

    def publish_policy(self, note: str) -> None:
        """Offer a fleet's policy. Raises Refused (the server was told of another key, or none)."""
        body = {"policy": note}
        response, answer = self._ask("PUT", "v1/policy", json=body, good=(200, 400, 409))
        if response.status_code != 200:
            code = wire.problem_code(answer)
            raise Refused(
                "The fleet's policy was not published.",
                "The server holds a newer one."
                if code == "not_newer"
                else "The server does not accept this workstation's policy key.",
                "Ask whoever runs the server.",
            )

    def devices(self) -> tuple[DeviceSeen, ...]:
        """Return the devices of the fleet and when each was heard of."""
        _, answer = self._ask("GET", "v1/devices", good=(200,))
        return wire.devices_seen(wire.decode(answer, wire.Devices))

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
        most: int = MAX_ANSWER,
    ) -> tuple[httpx.Response, bytes]:
        try:
            with self._http.stream(
                method, path, json=json, params=params, headers=headers, content=content
            ) as response:
                # A refusal is short, but may be longer than the part of a file that was asked for.
                body = _bounded(response, most if response.status_code == 200 else MAX_ANSWER)
        except httpx.HTTPError as error:
            raise _unreachable(error) from error
        if response.status_code not in good:
            raise _refusal(response.status_code, body)
        return response, body


def sync_client(enrolment: Enrolment) -> SyncClient:
    """Return a client for an enrolment."""
    return SyncClient(
        enrolment.url,
        enrolment.device_token,
        enrolment.ca_file,
        pin=enrolment.pin,
        proxy=enrolment.proxy,
    )


def enrol(
    url: str,
    token: str,
    device: DeviceId,
    log_key: str,
    ca_file: str = "",
    transport: httpx.BaseTransport | None = None,
    *,
    handover: str = "",
    pin: str = "",
    log_key_mldsa: str = "",
    proxy: str = "",
) -> Enrolment:
    """Enrol this device with a one-time token; the caller keeps the result.

    ``handover`` is a restored workstation's; ``pin`` the SHA-256 of the server's certificate;
    ``proxy`` an address, ``direct``, or empty for what the surroundings say.
    Raises InvalidInput, Refused, ConnectionRefused, CertificateRejected, ServerMisbehaved.
    """
    with SyncClient(url, ca_file=ca_file, pin=pin, proxy=proxy, transport=transport) as client:
        enrolled = client.enrol(token.strip(), device, log_key, handover, log_key_mldsa)
    return Enrolment(
        url, enrolled.device_token, enrolled.witness_key, ca_file, parse_pin(pin), proxy.strip()
    )


def parse_proxy(text: str) -> httpx.Proxy | None:
    """Return the proxy that is named; None for ``direct`` and for none. Raises InvalidInput."""
    text = text.strip()
    if text in ("", DIRECT):
        return None
    try:
        address = httpx.URL(text)
        usable = address.scheme in ("http", "https") and bool(_HOST.fullmatch(address.host))
    except httpx.InvalidURL:
        usable = False
    if not usable:
        raise InvalidInput(
            "The proxy cannot be used.",
            "Its address must begin with http:// or https:// and name a host.",
            "Check the address, or write direct for none.",
        )
    return httpx.Proxy(text)


def _address(url: str) -> httpx.URL | None:
    try:
        address = httpx.URL(url)
    except (httpx.InvalidURL, TypeError):
        return None
    usable = address.scheme == "https" and _HOST.fullmatch(address.host) and not address.userinfo
    return address if usable else None


def _bounded(response: httpx.Response, most: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    ends = time.monotonic() + LONGEST_ANSWER_S
    for part in response.iter_bytes():
        size += len(part)
        if time.monotonic() > ends:
            raise wire.misbehaved("Its answer does not end.")
        if size > most:
            raise wire.misbehaved("Its answer is too large.")
        parts.append(part)
    return b"".join(parts)


def _unreachable(error: httpx.HTTPError) -> Exception:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return CertificateRejected(
                "The synchronisation server was refused.",
                "Its certificate is expired, for another host, or of an unknown authority.",
                "Tell your administrator.",
            )
        cause = cause.__cause__ or cause.__context__
    if isinstance(error, httpx.DecodingError | httpx.RemoteProtocolError):
        return ConnectionRefused(
            "The synchronisation server does not answer properly.",
            "Something else may listen at its address.",
            "Check the address.",
        )
    return ConnectionRefused(
        "The synchronisation server cannot be reached.",
        "There is no connection to it.",
        "Nothing is lost; it is tried again by itself.",
    )


def _refusal(status: int, body: bytes) -> Exception:
    code = wire.problem_code(body)
    if status == 401:
        return Refused(
            "The synchronisation server refused this workstation.",
            "Its token is not valid.",
            "Ask your administrator for a new one.",
        )
    if status == 403 and code == "away_too_long":
        return Refused(
            "The synchronisation server refused this workstation.",
            "It was away for longer than the server allows, and has to enrol again.",
            "Ask your administrator for a new enrolment token.",
        )
    if status == 409 and code in _CONFLICTS:
        return wire.misbehaved(_CONFLICTS[code])
    if status >= 500 or status in (408, 429):
        return ConnectionRefused(
            "The synchronisation server is not available.",
            f"It reports an error (code {status}).",
            "Nothing is lost; it is tried again by itself.",
        )
    return wire.misbehaved(f"It refused what it must accept (code {status}).")
