"""Signed notes, verifier keys and checkpoints (C2SP signed-note, tlog-checkpoint, cosignature).

No cryptography here: signing and verifying are callables over raw values of Ed25519 (RFC 8032)
and of ML-DSA-44 (FIPS 204).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from softphone.domain.ed25519 import acceptable
from softphone.domain.errors import ProofInvalid
from softphone.domain.merkle import HASH_BYTES

ED25519 = 0x01
COSIGNATURE_V1 = 0x04
ML_DSA_44 = 0x06
"""ML-DSA-44 over the ``subtree/v1`` message of C2SP tlog-cosignature, the log's own included."""
_KEY_BYTES = {ED25519: 32, COSIGNATURE_V1: 32, ML_DSA_44: 1312}
_SIGNATURE_BYTES = {ED25519: 64, COSIGNATURE_V1: 64, ML_DSA_44: 2420}
_STAMP_BYTES = 8
_SUBTREE = b"subtree/v1\n\0"
_DASH = "\u2014"
_MAX_BYTES = 1_000_000
_MAX_SIGNATURES = 100
_CONTROL = re.compile("[\x00-\x09\x0b-\x1f\ud800-\udfff]")
_NO_NAME = re.compile(r"[\s\x00-\x1f\ud800-\udfff]")
_DECIMAL = re.compile(r"0|[1-9][0-9]{0,17}")

_P = 2**255 - 19
_OF_ORDER_EIGHT = int.from_bytes(
    bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"), "little"
)
_WEAK = frozenset({0, 1, _P - 1, _P, _P + 1, _OF_ORDER_EIGHT, _P - _OF_ORDER_EIGHT})
"""The y coordinates of points of low order: under such a key anybody can sign (RFC 8032)."""

Sign = Callable[[bytes], bytes]
"""Message to raw signature: 64 bytes of Ed25519, 2,420 of ML-DSA-44."""
Verify = Callable[[bytes, bytes, bytes], bool]
"""Public key, signature, message: whether it verifies.

The length of the key tells Ed25519 (32 bytes) from ML-DSA-44 (1,312).
"""


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line: who, the 4-byte key id, and the signature after it."""

    name: str
    key_id: bytes
    value: bytes


@dataclass(frozen=True, slots=True)
class SignedNote:
    """A text that ends in a line break, and its signatures in order."""

    text: str
    signatures: tuple[Signature, ...] = ()


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key with a name; ``type`` is ED25519, COSIGNATURE_V1 or ML_DSA_44."""

    name: str
    public_key: bytes
    type: int = ED25519

    @property
    def key_id(self) -> bytes:
        """SHA-256(name || LF || type || public key), first 4 bytes."""
        data = self.name.encode() + b"\n" + bytes([self.type]) + self.public_key
        return hashlib.sha256(data).digest()[:4]

    def __str__(self) -> str:
        key = base64.b64encode(bytes([self.type]) + self.public_key).decode()
        return f"{self.name}+{self.key_id.hex()}+{key}"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A head of a log: origin, number of leaves, root hash (32 bytes), extension lines."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = field(default=())


def format_note(note: SignedNote) -> str:
    """Return a note as text. Raises ValueError for one that could not be parsed again."""
    if not _text_ok(note.text) or not note.signatures:
        raise ValueError("a note has a text that ends in a line break, and signatures")
    if not all(_name_ok(s.name) and len(s.key_id) == 4 and s.value for s in note.signatures):
        raise ValueError("a signature has a name, a 4-byte key id and a value")
    lines = (
        f"{_DASH} {s.name} {base64.b64encode(s.key_id + s.value).decode()}\n"
        for s in note.signatures
    )
    return f"{note.text}\n{''.join(lines)}"


def parse_note(data: str) -> SignedNote:
    """Parse a signed note strictly; nothing is verified. Raises ProofInvalid."""
    if len(data) > _MAX_BYTES or not data.endswith("\n"):
        raise _invalid("It is too long or does not end in a line break.")
    text, separator, block = data.rpartition(f"\n\n{_DASH} ")
    # The text runs up to the last blank line that a signature follows.
    if not separator:
        raise _invalid("It has no signature.")
    text += "\n"
    if not _text_ok(text):
        raise _invalid("Its text has control characters.")
    lines = f"{_DASH} {block}"[:-1].split("\n")
    if len(lines) > _MAX_SIGNATURES:
        raise _invalid("It has too many signatures.")
    return SignedNote(text, tuple(_parse_signature(line) for line in lines))


def _parse_signature(line: str) -> Signature:
    parts = line.split(" ")
    if len(parts) != 3 or parts[0] != _DASH or not _name_ok(parts[1]):
        raise _invalid("A signature line is malformed.")
    raw = _decode(parts[2])
    if len(raw) < 5:
        raise _invalid("A signature is too short.")
    return Signature(parts[1], raw[:4], raw[4:])


def parse_verifier_key(text: str) -> VerifierKey:
    """Parse ``name+hexid+base64(type || key)``. Raises ProofInvalid."""
    parts = text.split("+", 2)
    if len(parts) != 3 or not _name_ok(parts[0]):
        raise _invalid("The verifier key is malformed.")
    raw = _decode(parts[2])
    if not raw or len(raw) - 1 != _KEY_BYTES.get(raw[0]):
        raise _invalid("The verifier key is of an unknown kind.")
    if raw[0] != ML_DSA_44 and not acceptable(raw[1:]):
        raise _invalid("The verifier key is a weak key.")
    key = VerifierKey(parts[0], raw[1:], raw[0])
    if key.key_id.hex() != parts[1]:
        raise _invalid("The verifier key does not match its own id.")
    return key


def weak_key(public_key: bytes) -> bool:
    """Return whether a raw Ed25519 public key is a point of low order."""
    return int.from_bytes(public_key, "little") & (2**255 - 1) in _WEAK


def sign(text: str, key: VerifierKey, signer: Sign) -> Signature:
    """Return a plain Ed25519 signature over the text of a note."""
    if key.type != ED25519:
        raise ValueError("a plain signature needs a plain key")
    return Signature(key.name, key.key_id, signer(text.encode()))


def sign_subtree(text: str, key: VerifierKey, signer: Sign, at: int = 0) -> Signature:
    """Return an ML-DSA-44 signature over the size and root of a checkpoint (tlog-cosignature).

    ``at`` is POSIX seconds; 0 says nothing about when, which is what a log's own signature says.
    Raises ProofInvalid for a text that is no checkpoint.
    """
    if key.type != ML_DSA_44:
        raise ValueError("this signature needs a key of ML-DSA-44")
    stamp = at.to_bytes(_STAMP_BYTES, "big")
    return Signature(key.name, key.key_id, stamp + signer(_subtree_message(text, key.name, stamp)))


def cosign(text: str, key: VerifierKey, signer: Sign, at: int) -> Signature:
    """Return a cosignature/v1 (C2SP tlog-cosignature); ``at`` is POSIX seconds."""
    if key.type != COSIGNATURE_V1:
        raise ValueError("a cosignature needs a cosignature key")
    stamp = at.to_bytes(8, "big")
    return Signature(key.name, key.key_id, stamp + signer(_cosigned_message(text, at)))


def verify(note: SignedNote, key: VerifierKey, verifier: Verify) -> Signature:
    """Return the valid signature of ``key``. Every one that names the key must be valid.

    Raises ProofInvalid when there is none or one does not verify.
    """
    mine = [s for s in note.signatures if s.name == key.name and s.key_id == key.key_id]
    if not mine:
        raise _invalid("It is not signed by the expected key.")
    wanted = _SIGNATURE_BYTES[key.type]
    for signature in mine:
        value, message = _signed_parts(note.text, key, signature)
        if len(value) != wanted or not verifier(key.public_key, value, message):
            raise _invalid("Its signature is wrong.")
    return mine[0]


def cosigned_at(signature: Signature) -> int:
    """Return the POSIX seconds of a cosignature/v1. Raises ProofInvalid."""
    if len(signature.value) != 72:
        raise _invalid("A cosignature has the wrong length.")
    return int.from_bytes(signature.value[:8], "big")


def _signed_parts(text: str, key: VerifierKey, signature: Signature) -> tuple[bytes, bytes]:
    if key.type == ED25519:
        return signature.value, text.encode()
    if key.type == ML_DSA_44:
        stamp, value = signature.value[:_STAMP_BYTES], signature.value[_STAMP_BYTES:]
        return value, _subtree_message(text, key.name, stamp)
    return signature.value[8:], _cosigned_message(text, cosigned_at(signature))


def _subtree_message(text: str, signer: str, stamp: bytes) -> bytes:
    """Return the ``cosigned_message`` of a whole tree: lines after the root are not in it."""
    head = parse_checkpoint(text)
    names = (signer.encode(), head.origin.encode())
    if not all(0 < len(name) < 256 for name in names):
        raise _invalid("A name is too long to be signed.")
    cosigner, origin = (bytes([len(name)]) + name for name in names)
    span = bytes(8) + head.size.to_bytes(8, "big")
    return b"".join((_SUBTREE, cosigner, stamp, origin, span, head.root))


def _cosigned_message(text: str, at: int) -> bytes:
    return f"cosignature/v1\ntime {at}\n{text}".encode()


def format_checkpoint(checkpoint: Checkpoint) -> str:
    """Return the text to sign. Raises ValueError for a checkpoint that cannot be parsed again."""
    lines = (
        checkpoint.origin,
        str(checkpoint.size),
        base64.b64encode(checkpoint.root).decode(),
        *checkpoint.extensions,
    )
    text = "".join(f"{line}\n" for line in lines)
    if any(not line or "\n" in line for line in lines) or not _text_ok(text):
        raise ValueError("lines of a checkpoint are not empty and have no line breaks")
    if checkpoint.size < 0 or len(checkpoint.root) != HASH_BYTES:
        raise ValueError("a checkpoint has a size and a 32-byte root")
    return text


def parse_checkpoint(text: str) -> Checkpoint:
    """Parse the text of a checkpoint strictly. Raises ProofInvalid."""
    lines = text.split("\n")
    if len(lines) < 4 or lines.pop() or not all(lines) or not _text_ok(text):
        raise _invalid("It is no checkpoint.")
    origin, size, encoded, *extensions = lines
    if not _DECIMAL.fullmatch(size):
        raise _invalid("The size of the checkpoint is malformed.")
    digest = _decode(encoded)
    if len(digest) != HASH_BYTES:
        raise _invalid("The root of the checkpoint is malformed.")
    return Checkpoint(origin, int(size), digest, tuple(extensions))


def _text_ok(text: str) -> bool:
    return text.endswith("\n") and _CONTROL.search(text) is None


def _name_ok(name: str) -> bool:
    return bool(name) and "+" not in name and _NO_NAME.search(name) is None


def _decode(text: str) -> bytes:
    try:
        raw = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        raise _invalid("It is not canonical base64.") from error
    if base64.b64encode(raw).decode() != text:
        raise _invalid("It is not canonical base64.")
    return raw


def _invalid(why: str) -> ProofInvalid:
    return ProofInvalid("A signed note cannot be trusted.", why)
