"""Digest answers for the requests that the edge sends itself (RFC 7616, RFC 8760, RFC 3261 22)."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass

from softphone.sip.message import Message

_PAIR = re.compile(r'(\w+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))')


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


def _md5(text: str) -> str:
    return hashlib.md5(text.encode("utf-8", "surrogateescape"), usedforsecurity=False).hexdigest()


_HASHES: dict[str, Callable[[str], str]] = {"SHA-256": _sha256, "MD5": _md5}
"""Strongest first."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """Whose password answers a challenge."""

    user: str
    password: str


def authorize(request: Message, answer: Message, credentials: Credentials) -> bool:
    """Add an answer to the strongest usable challenge of a 401 or 407; whether there was one."""
    proxy = answer.status == 407
    asked = "Proxy-Authenticate" if proxy else "WWW-Authenticate"
    challenges = [dict(_pairs(v)) for k, v in answer.headers if k.lower() == asked.lower()]
    for algorithm, digest in _HASHES.items():
        for challenge in challenges:
            if challenge.get("algorithm", "MD5").upper() == algorithm and "nonce" in challenge:
                name = "Proxy-Authorization" if proxy else "Authorization"
                value = _answer(request, challenge, algorithm, digest, credentials)
                request.set_values(name, [])
                request.headers.append((name, value))
                return True
    return False


def _pairs(challenge: str) -> list[tuple[str, str]]:
    return [(m[1].lower(), m[2] if m[2] is not None else m[3]) for m in _PAIR.finditer(challenge)]


def _answer(
    request: Message,
    challenge: dict[str, str],
    algorithm: str,
    digest: Callable[[str], str],
    credentials: Credentials,
) -> str:
    realm, nonce, uri = challenge.get("realm", ""), challenge["nonce"], request.uri
    one = digest(f"{credentials.user}:{realm}:{credentials.password}")
    two = digest(f"{request.method}:{uri}")
    parts = [
        f'username="{credentials.user}"', f'realm="{realm}"', f'nonce="{nonce}"', f'uri="{uri}"',
        f"algorithm={algorithm}",
    ]  # fmt: skip
    if "auth" in [q.strip() for q in challenge.get("qop", "").split(",")]:
        ours = secrets.token_hex(8)
        response = digest(f"{one}:{nonce}:00000001:{ours}:auth:{two}")
        parts += ["qop=auth", "nc=00000001", f'cnonce="{ours}"']
    else:
        response = digest(f"{one}:{nonce}:{two}")
    parts.append(f'response="{response}"')
    if "opaque" in challenge:
        parts.append(f'opaque="{challenge["opaque"]}"')
    return "Digest " + ", ".join(parts)
