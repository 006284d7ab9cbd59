"""Small bindings to ``cryptography``: derive, seal, sign. All secret keys are 32 raw bytes."""

from __future__ import annotations

import ctypes
import hashlib
import hmac
import secrets
import sys

from cryptography.exceptions import InvalidSignature, InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey, MLDSA44PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from softphone.domain.ed25519 import acceptable
from softphone.domain.errors import Damaged
from softphone.domain.note import Sign

KEY_BYTES = 32
MLDSA_PUBLIC_BYTES = 1312
_NONCE_BYTES = 12


def derived(secret: bytes, info: bytes, *, salt: bytes | None = None) -> bytearray:
    """Return 32 bytes by HKDF-SHA-256, to be wiped once they are handed on."""
    out = bytearray(32)
    HKDF(algorithm=SHA256(), length=32, salt=salt, info=info).derive_into(secret, out)
    return out


def wipe(secret: bytes | bytearray) -> None:
    """Overwrite a secret where it lies. Only for one that nobody else holds.

    Freed memory keeps its bytes until something is written over them; a bytes object can be
    reached only behind Python's back.
    """
    if isinstance(secret, bytearray):
        secret[:] = bytes(len(secret))
    elif sys.implementation.name == "cpython" and len(secret) > 1:
        ctypes.memset(id(secret) + bytes.__basicsize__ - 1, 0, len(secret))


def new_key() -> bytes:
    """Return 32 random bytes."""
    return secrets.token_bytes(KEY_BYTES)


def derive(key: bytes, info: str, *, salt: bytes = b"") -> bytes:
    """Return a 32-byte key by HKDF-SHA-256 (RFC 5869); ``info`` separates the uses."""
    return HKDF(SHA256(), KEY_BYTES, salt or None, info.encode()).derive(key)


def seal(key: bytes, plaintext: bytes, bound_to: bytes) -> bytes:
    """Return a random nonce and the ChaCha20-Poly1305 (RFC 8439) ciphertext."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + ChaCha20Poly1305(key).encrypt(nonce, plaintext, bound_to)


def open_sealed(key: bytes, sealed: bytes, bound_to: bytes) -> bytes:
    """Return what :func:`seal` sealed. Raises Damaged."""
    nonce, ciphertext = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
    if len(nonce) != _NONCE_BYTES or len(ciphertext) < 16:
        raise Damaged("A sealed value cannot be read.", "It is too short.")
    try:
        return ChaCha20Poly1305(key).decrypt(nonce, ciphertext, bound_to)
    except InvalidTag as error:
        raise Damaged(
            "A sealed value cannot be read.", "It was altered or the key does not fit."
        ) from error


def keyed_hash(key: bytes, text: str) -> str:
    """Return the hex HMAC-SHA-256 of a text."""
    return hmac.digest(key, text.encode(), hashlib.sha256).hex()


def public_key(seed: bytes) -> bytes:
    """Return the raw Ed25519 public key of a seed (RFC 8032)."""
    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()


def signer(seed: bytes) -> Sign:
    """Return what signs with an Ed25519 seed."""
    return Ed25519PrivateKey.from_private_bytes(seed).sign


def mldsa_key(seed: bytes) -> MLDSA44PrivateKey | None:
    """Return the ML-DSA-44 key (FIPS 204) of a seed, or None where OpenSSL has none."""
    try:
        return MLDSA44PrivateKey.from_seed_bytes(seed)
    except UnsupportedAlgorithm:
        return None


def verifies(public: bytes, signature: bytes, message: bytes) -> bool:
    """Return whether a raw signature holds; never under a weak or odd Ed25519 key.

    A public key of 1,312 bytes is one of ML-DSA-44; where OpenSSL has none, nothing holds.
    """
    if len(public) == MLDSA_PUBLIC_BYTES:
        return _mldsa_verifies(public, signature, message)
    if not acceptable(public):
        return False
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def _mldsa_verifies(public: bytes, signature: bytes, message: bytes) -> bool:
    try:
        MLDSA44PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, UnsupportedAlgorithm, ValueError):
        return False
    return True
