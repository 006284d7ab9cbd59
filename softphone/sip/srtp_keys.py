"""SRTP keys from our own random source (RFC 4568; the Windows binding has none)."""

from __future__ import annotations

import secrets

# Key and salt in octets. Only NUL-free ASCII survives the binding's strings: 7 bits an octet.
SUITES: tuple[tuple[str, int], ...] = (
    ("AES_256_CM_HMAC_SHA1_80", 46),
    ("AES_CM_128_HMAC_SHA1_80", 30),
)


def fresh_key(octets: int) -> str:
    """Return a random key of NUL-free ASCII, log2(127) bits an octet."""
    return "".join(chr(1 + secrets.randbelow(127)) for _ in range(octets))
