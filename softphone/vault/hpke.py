"""Small secrets sealed for one hybrid recipient: HPKE base mode (RFC 9180), MLKEM768-X25519.

Base mode says nothing of the sender: whoever opens one checks what is inside by other means.
"""

from __future__ import annotations

import hashlib

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import (
    AEAD,
    KDF,
    KEM,
    MLKEM768X25519PrivateKey,
    MLKEM768X25519PublicKey,
    Suite,
)

from softphone.domain.errors import Damaged, InvalidInput
from softphone.vault import bech32

_SUITE = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)
_MLKEM_PUBLIC = 1184


def seal_for(recipient: str, secret: bytes, info: bytes) -> bytes:
    """Return a secret sealed for ``age1pq1...``; ``info`` binds its use. Raises InvalidInput."""
    prefix, data = bech32.decode(recipient)
    if prefix != "age1pq" or len(data) != _MLKEM_PUBLIC + 32:
        raise InvalidInput("The key cannot be given.", "The person's key is of an unknown kind.")
    public = MLKEM768X25519PublicKey(
        MLKEM768PublicKey.from_public_bytes(data[:_MLKEM_PUBLIC]),
        X25519PublicKey.from_public_bytes(data[_MLKEM_PUBLIC:]),
    )
    return _SUITE.encrypt(secret, public, info)


def open_with(seed: bytes, sealed: bytes, info: bytes) -> bytes:
    """Return what was sealed for the recipient of a seed (32 bytes). Raises Damaged."""
    expanded = hashlib.shake_256(seed).digest(96)
    private = MLKEM768X25519PrivateKey(
        MLKEM768PrivateKey.from_seed_bytes(expanded[:64]),
        X25519PrivateKey.from_private_bytes(expanded[64:]),
    )
    try:
        return _SUITE.decrypt(sealed, private, info)
    except (InvalidTag, ValueError) as error:
        raise Damaged(
            "A sealed key cannot be opened.",
            "It was altered or is another person's.",
            "Ask your administrator to check the workstation.",
        ) from error
