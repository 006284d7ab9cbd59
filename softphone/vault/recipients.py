"""Whom an age file is for, and what opens it: X25519, hybrid post-quantum, passphrase.

Two small interfaces over the stanza, as in age itself: ``Recipient.wrap`` and
``Identity.unwrap``. "Not for me" is a named error; every other error is fatal.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Sequence
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hpke import (
    AEAD,
    KDF,
    KEM,
    MLKEM768X25519PrivateKey,
    MLKEM768X25519PublicKey,
    Suite,
)
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from softphone.domain.errors import Damaged, InvalidInput, SoftphoneError
from softphone.domain.recording import Stanza
from softphone.vault import bech32
from softphone.vault.age_format import FILE_KEY_SIZE, Header, decode_base64, encode_base64

X25519 = "X25519"
HYBRID = "mlkem768x25519"
SCRYPT = "scrypt"
WORK_FACTOR = 18
"""Base-two logarithm of scrypt's N, 256 MiB: what the age command uses."""
MAX_WORK_FACTOR = 20
"""1 GiB: a file must not make a workstation run out of memory."""

_BODY_SIZE = FILE_KEY_SIZE + 16
_ZERO_NONCE = bytes(12)
_X25519_INFO = b"age-encryption.org/v1/X25519"
_SCRYPT_LABEL = b"age-encryption.org/v1/scrypt"
_HYBRID_INFO = b"age-encryption.org/mlkem768x25519"
_MLKEM_PUBLIC = 1184
_MLKEM_ENC = 1088
_SUITE = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)
_DECIMAL = re.compile(r"[1-9][0-9]*")


class NotForMe(SoftphoneError):
    """None of the stanzas can be opened with this identity."""

    def __init__(self) -> None:
        super().__init__("This file is sealed for somebody else.")


class Recipient(Protocol):
    """Somebody a file can be sealed for."""

    def wrap(self, file_key: bytes) -> Stanza:
        """Return the file key (16 bytes) wrapped for this recipient."""
        ...


class Identity(Protocol):
    """What opens files sealed for one recipient."""

    def unwrap(self, stanzas: Sequence[Stanza]) -> bytes:
        """Return the file key (16 bytes). Raises NotForMe, Damaged."""
        ...


def new_file_key() -> bytes:
    """Return a fresh file key (16 bytes); never use one for two files."""
    return secrets.token_bytes(FILE_KEY_SIZE)


def wrap_file_key(recipients: Sequence[Recipient], file_key: bytes) -> tuple[Stanza, ...]:
    """Return one stanza a recipient.

    Refuses (InvalidInput) what the format refuses: a passphrase beside anything else, and
    post-quantum beside other recipients, which would undo its protection.
    """
    stanzas = tuple(recipient.wrap(file_key) for recipient in recipients)
    types = {stanza.type for stanza in stanzas}
    if not stanzas:
        raise InvalidInput("Nothing can be sealed.", "There is no recipient.", "Name one.")
    if (SCRYPT in types and len(stanzas) > 1) or (HYBRID in types and len(types) > 1):
        raise InvalidInput(
            "These recipients cannot be mixed.",
            "A passphrase must stand alone, and post-quantum keys among themselves.",
            "Seal for one kind of recipient.",
        )
    return stanzas


def unwrap_file_key(header: Header, identities: Sequence[Identity]) -> bytes:
    """Return the file key of a header whose MAC holds. Raises NotForMe, Damaged."""
    for identity in identities:
        try:
            file_key = identity.unwrap(header.stanzas)
        except NotForMe:
            continue
        header.verify(file_key)
        return file_key
    raise NotForMe


class X25519Recipient:
    """A public X25519 key (``age1...``)."""

    def __init__(self, public: bytes) -> None:
        self._public = _sized(public, 32)

    def __str__(self) -> str:
        return bech32.encode("age", self._public)

    def wrap(self, file_key: bytes) -> Stanza:
        """Return the stanza. Raises InvalidInput for a key of low order."""
        ephemeral = X25519PrivateKey.generate()
        share = ephemeral.public_key().public_bytes_raw()
        try:
            secret = ephemeral.exchange(X25519PublicKey.from_public_bytes(self._public))
        except ValueError as error:
            raise InvalidInput(
                "This key cannot be used.", "It is a weak key.", "Ask its owner for a new one."
            ) from error
        wrapping = _x25519_key(secret, share + self._public)
        body = wrapping.encrypt(_ZERO_NONCE, _sized(file_key, FILE_KEY_SIZE), None)
        return Stanza(X25519, (encode_base64(share),), body)


class X25519Identity:
    """A private X25519 key (``AGE-SECRET-KEY-1...``)."""

    def __init__(self, secret: bytes) -> None:
        self._secret = _sized(secret, 32)
        self._key = X25519PrivateKey.from_private_bytes(secret)

    @classmethod
    def generate(cls) -> X25519Identity:
        """Return a fresh identity."""
        return cls(secrets.token_bytes(32))

    def __str__(self) -> str:
        return bech32.encode("AGE-SECRET-KEY-", self._secret)

    def __repr__(self) -> str:
        return "X25519Identity(...)"

    def recipient(self) -> str:
        """Return the public key (``age1...``)."""
        return str(X25519Recipient(self._key.public_key().public_bytes_raw()))

    def unwrap(self, stanzas: Sequence[Stanza]) -> bytes:
        """Return the file key. Raises NotForMe, Damaged."""
        public = self._key.public_key().public_bytes_raw()
        for stanza in stanzas:
            if stanza.type != X25519:
                continue
            share = _share(stanza, 32)
            try:
                secret = self._key.exchange(X25519PublicKey.from_public_bytes(share))
            except ValueError as error:
                raise _bad_stanza() from error
            try:
                return _x25519_key(secret, share + public).decrypt(_ZERO_NONCE, stanza.body, None)
            except InvalidTag:
                continue
        raise NotForMe


class HybridRecipient:
    """A public MLKEM768-X25519 key (``age1pq1...``): ML-KEM-768 key, then X25519 key."""

    def __init__(self, public: bytes) -> None:
        self._public = _sized(public, _MLKEM_PUBLIC + 32)
        try:
            self._key = MLKEM768X25519PublicKey(
                MLKEM768PublicKey.from_public_bytes(public[:_MLKEM_PUBLIC]),
                X25519PublicKey.from_public_bytes(public[_MLKEM_PUBLIC:]),
            )
        except ValueError as error:
            raise _bad_key() from error

    def __str__(self) -> str:
        return bech32.encode("age1pq", self._public)

    def wrap(self, file_key: bytes) -> Stanza:
        """Return the stanza: HPKE SealBase (RFC 9180), no associated data."""
        sealed = _SUITE.encrypt(_sized(file_key, FILE_KEY_SIZE), self._key, _HYBRID_INFO)
        size = _MLKEM_ENC + 32
        return Stanza(HYBRID, (encode_base64(sealed[:size]),), sealed[size:])


class HybridIdentity:
    """A private MLKEM768-X25519 key (``AGE-SECRET-KEY-PQ-1...``): a seed of 32 bytes.

    The two private keys come from the seed as in filippo.io/hpke-pq (X-Wing): SHAKE256 to 96
    bytes, 64 for ML-KEM-768 and 32 for X25519.
    """

    def __init__(self, seed: bytes) -> None:
        self._seed = _sized(seed, 32)
        expanded = hashlib.shake_256(seed).digest(96)
        self._mlkem = MLKEM768PrivateKey.from_seed_bytes(expanded[:64])
        self._x25519 = X25519PrivateKey.from_private_bytes(expanded[64:])
        self._key = MLKEM768X25519PrivateKey(self._mlkem, self._x25519)

    @classmethod
    def from_seed(cls, seed: bytes) -> HybridIdentity:
        """Return the identity of a seed (32 bytes)."""
        return cls(seed)

    @classmethod
    def generate(cls) -> HybridIdentity:
        """Return a fresh identity."""
        return cls(secrets.token_bytes(32))

    @property
    def seed(self) -> bytes:
        """The secret itself (32 bytes), to be wrapped for members of a group."""
        return self._seed

    def __str__(self) -> str:
        return bech32.encode("AGE-SECRET-KEY-PQ-", self._seed)

    def __repr__(self) -> str:
        return "HybridIdentity(...)"

    def recipient(self) -> str:
        """Return the public key (``age1pq1...``)."""
        public = (
            self._mlkem.public_key().public_bytes_raw()
            + self._x25519.public_key().public_bytes_raw()
        )
        return bech32.encode("age1pq", public)

    def unwrap(self, stanzas: Sequence[Stanza]) -> bytes:
        """Return the file key. Raises NotForMe, Damaged."""
        for stanza in stanzas:
            if stanza.type != HYBRID:
                continue
            enc = _share(stanza, _MLKEM_ENC + 32)
            try:
                # HPKE would tell a share of low order only as "cannot be opened".
                self._x25519.exchange(X25519PublicKey.from_public_bytes(enc[_MLKEM_ENC:]))
            except ValueError as error:
                raise _bad_stanza() from error
            try:
                return _SUITE.decrypt(enc + stanza.body, self._key, _HYBRID_INFO)
            except InvalidTag:
                continue
        raise NotForMe


class Passphrase:
    """A passphrase, both recipient and identity. It must be the only stanza of a file."""

    def __init__(
        self,
        passphrase: str,
        *,
        work_factor: int = WORK_FACTOR,
        max_work_factor: int = MAX_WORK_FACTOR,
    ) -> None:
        if not passphrase or not 1 <= work_factor <= max_work_factor:
            raise InvalidInput(
                "This passphrase cannot be used.", "It is empty or too costly.", "Choose another."
            )
        self._passphrase = passphrase.encode("utf-8")
        self._work_factor = work_factor
        self._max_work_factor = max_work_factor

    def __repr__(self) -> str:
        return "Passphrase(...)"

    def wrap(self, file_key: bytes) -> Stanza:
        """Return the stanza."""
        salt = secrets.token_bytes(16)
        key = self._derive(salt, self._work_factor)
        body = key.encrypt(_ZERO_NONCE, _sized(file_key, FILE_KEY_SIZE), None)
        return Stanza(SCRYPT, (encode_base64(salt), str(self._work_factor)), body)

    def unwrap(self, stanzas: Sequence[Stanza]) -> bytes:
        """Return the file key. Raises NotForMe, Damaged."""
        if not any(stanza.type == SCRYPT for stanza in stanzas):
            raise NotForMe
        if len(stanzas) != 1:
            raise _bad_stanza()
        (stanza,) = stanzas
        salt, work_factor = self._parse(stanza)
        try:
            return self._derive(salt, work_factor).decrypt(_ZERO_NONCE, stanza.body, None)
        except InvalidTag as error:
            raise NotForMe from error

    def _parse(self, stanza: Stanza) -> tuple[bytes, int]:
        if len(stanza.args) != 2 or len(stanza.body) != _BODY_SIZE:
            raise _bad_stanza()
        salt = decode_base64(stanza.args[0])
        digits = stanza.args[1]
        if len(salt) != 16 or len(digits) > 3 or not _DECIMAL.fullmatch(digits):
            raise _bad_stanza()
        if int(digits) > self._max_work_factor:
            raise Damaged(
                "This file cannot be opened.",
                "Checking its passphrase would take too much memory.",
                "Ask its sender to seal it again.",
            )
        return salt, int(digits)

    def _derive(self, salt: bytes, work_factor: int) -> ChaCha20Poly1305:
        scrypt = Scrypt(salt=_SCRYPT_LABEL + salt, length=32, n=1 << work_factor, r=8, p=1)
        return ChaCha20Poly1305(scrypt.derive(self._passphrase))


def parse_recipient(text: str) -> Recipient:
    """Return the recipient written as ``age1...`` or ``age1pq1...``. Raises InvalidInput."""
    prefix, data = bech32.decode(text)
    if prefix == "age" and len(data) == 32:
        return X25519Recipient(data)
    if prefix == "age1pq" and len(data) == _MLKEM_PUBLIC + 32:
        return HybridRecipient(data)
    raise _bad_key()


def parse_identity(text: str) -> X25519Identity | HybridIdentity:
    """Return the identity written as ``AGE-SECRET-KEY-[PQ-]1...``. Raises InvalidInput."""
    prefix, data = bech32.decode(text)
    if prefix == "AGE-SECRET-KEY-" and len(data) == 32:
        return X25519Identity(data)
    if prefix == "AGE-SECRET-KEY-PQ-" and len(data) == 32:
        return HybridIdentity(data)
    raise _bad_key()


def _share(stanza: Stanza, size: int) -> bytes:
    """Return the one argument of a public-key stanza; its body must be one wrapped file key."""
    if len(stanza.args) != 1 or len(stanza.body) != _BODY_SIZE:
        raise _bad_stanza()
    share = decode_base64(stanza.args[0])
    if len(share) != size:
        raise _bad_stanza()
    return share


def _x25519_key(secret: bytes, salt: bytes) -> ChaCha20Poly1305:
    hkdf = HKDF(algorithm=SHA256(), length=32, salt=salt, info=_X25519_INFO)
    return ChaCha20Poly1305(hkdf.derive(secret))


def _sized(data: bytes, size: int) -> bytes:
    if len(data) != size:
        raise ValueError(f"expected {size} bytes")
    return data


def _bad_key() -> InvalidInput:
    return InvalidInput(
        "This key cannot be used.", "It is of an unknown kind.", "Copy the whole key once more."
    )


def _bad_stanza() -> Damaged:
    return Damaged(
        "This file cannot be opened.", "Its header is not canonical.", "Use an unaltered copy."
    )
