"""The witness: checks what devices signed, and cosigns what it has seen grow consistently."""

from __future__ import annotations

import json
import secrets
import uuid
from dataclasses import replace
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey

from softphone.domain.errors import ProofInvalid, StorageFailed
from softphone.domain.note import (
    COSIGNATURE_V1,
    ED25519,
    ML_DSA_44,
    Checkpoint,
    SignedNote,
    VerifierKey,
    cosign,
    format_note,
    parse_checkpoint,
    parse_note,
    parse_verifier_key,
    verify,
    weak_key,
)
from softphone.paths import write_private

_FILE = "witness.json"
_MLDSA_BYTES = 1312


def signature_verifies(public_key: bytes, signature: bytes, message: bytes) -> bool:
    """Return whether a signature of Ed25519 (RFC 8032) or, by a long key, of ML-DSA-44 holds."""
    try:
        if len(public_key) == _MLDSA_BYTES:
            MLDSA44PublicKey.from_public_bytes(public_key).verify(signature, message)
            return True
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except (InvalidSignature, UnsupportedAlgorithm, ValueError):
        return False
    return True


def log_key_of(text: str) -> VerifierKey:
    """Return the log key that a device enrols with. Raises ProofInvalid."""
    key = parse_verifier_key(text)
    if key.type != ED25519:
        raise ProofInvalid("A key cannot be used.", "It is no key of a log.")
    if weak_key(key.public_key):
        raise ProofInvalid("A key cannot be used.", "It is a weak key.")
    return key


def log_keys_of(text: str, second: str) -> tuple[VerifierKey, ...]:
    """Return the keys that a device enrolled with, Ed25519 first. Raises ProofInvalid."""
    key = log_key_of(text)
    if not second:
        return (key,)
    other = parse_verifier_key(second)
    if other.type != ML_DSA_44 or other.name != key.name:
        raise ProofInvalid("A key cannot be used.", "It is no second key of this log.")
    return key, other


def checked_checkpoint(note: SignedNote, key: VerifierKey, *others: VerifierKey) -> Checkpoint:
    """Return the checkpoint that a device signed with each of its keys. Raises ProofInvalid."""
    for one in (key, *others):
        verify(note, one, signature_verifies)
    checkpoint = parse_checkpoint(note.text)
    if checkpoint.origin != key.name:
        raise ProofInvalid("A checkpoint cannot be used.", "It is about another log.")
    return checkpoint


class Witness:
    """Holds the witness's Ed25519 key."""

    def __init__(self, name: str, seed: bytes) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        public = self._key.public_key().public_bytes_raw()
        self.verifier_key = VerifierKey(name, public, COSIGNATURE_V1)

    def cosign(self, note: str, at: int) -> str:
        """Return a checked note with a cosignature/v1 (C2SP) of ``at`` POSIX seconds added.

        Only the signatures of the device stay: nobody gets others relayed.
        """
        parsed = parse_note(note)
        checkpoint = parse_checkpoint(parsed.text)
        mine = cosign(parsed.text, self.verifier_key, self._key.sign, at)
        own = tuple(s for s in parsed.signatures if s.name == checkpoint.origin)
        return format_note(replace(parsed, signatures=(*own, mine)))


def create_witness(folder: Path) -> None:
    """Create the witness's key (0600) where there is none."""
    path = folder / _FILE
    if path.exists():
        return
    value = {
        "name": f"softphone-witness/{uuid.uuid4()}",
        "seed": secrets.token_bytes(32).hex(),
    }
    write_private(path, json.dumps(value).encode("utf-8"))


def load_witness(folder: Path) -> Witness:
    """Return the witness of a data folder. Raises StorageFailed."""
    try:
        value = json.loads((folder / _FILE).read_bytes())
        return Witness(value["name"], bytes.fromhex(value["seed"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StorageFailed(
            "The server cannot start.",
            "Its witness key is missing or damaged.",
            "Initialise the data folder, or restore the key from its backup.",
        ) from error
