"""The keys by which a device's log is signed: Ed25519, and ML-DSA-44 where the device has it."""

from __future__ import annotations

from softphone.domain.note import (
    ML_DSA_44,
    Signature,
    VerifierKey,
    sign,
    sign_subtree,
)
from softphone.vault.crypto import mldsa_key, signer
from softphone.vault.meta import DeviceSecrets


class LogSigner:
    """Signs the checkpoints of one log; making the keys anew each time would cost more."""

    def __init__(self, device: DeviceSecrets) -> None:
        self._plain = signer(device.log_key)
        self._second = mldsa_key(device.mldsa_seed) if device.mldsa_seed else None
        self.keys = log_keys(device)
        """Verifier keys, that of Ed25519 first: each of them signs."""

    def sign(self, text: str) -> tuple[Signature, ...]:
        """Return a signature of each key over the text of a checkpoint."""
        first = sign(text, self.keys[0], self._plain)
        if self._second is None:
            return (first,)
        return first, sign_subtree(text, self.keys[1], self._second.sign)


def log_keys(device: DeviceSecrets) -> tuple[VerifierKey, ...]:
    """Return the verifier keys of a device's log: Ed25519, then ML-DSA-44 if there is one."""
    second = mldsa_vkey(device)
    return (device.log_vkey,) if second is None else (device.log_vkey, second)


def mldsa_vkey(device: DeviceSecrets) -> VerifierKey | None:
    """Return the second verifier key; None for a vault made before there was one."""
    key = mldsa_key(device.mldsa_seed) if device.mldsa_seed else None
    if key is None:
        return None
    return VerifierKey(device.origin, key.public_key().public_bytes_raw(), ML_DSA_44)


def mldsa_text(device: DeviceSecrets) -> str:
    """Return the second verifier key as text; empty where there is none."""
    key = mldsa_vkey(device)
    return "" if key is None else str(key)
