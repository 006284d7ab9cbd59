"""Tokens: 256 random bits, kept only as a hash, compared in constant time."""

from __future__ import annotations

import hashlib
import hmac
import secrets


def new_token() -> str:
    """Return a fresh token (256 bits, hexadecimal: one that began with "-" would be taken for an
    option on a command line)."""
    return secrets.token_hex(32)


def hash_token(token: str) -> str:
    """Return SHA-256 (hex); a random token of 256 bits needs no slow hash."""
    return hashlib.sha256(token.encode("utf-8")).hexdigest()


def matches(token: str, kept: str) -> bool:
    """Return whether a token is the one whose hash was kept, in constant time."""
    return hmac.compare_digest(hash_token(token), kept)
