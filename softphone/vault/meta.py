"""Named values of the vault: this device's identifiers and keys."""

from __future__ import annotations

import msgspec

from softphone.domain.errors import Damaged
from softphone.domain.ids import DeviceId, new_id
from softphone.domain.note import VerifierKey
from softphone.vault.crypto import new_key, public_key
from softphone.vault.database import Connection

_FIXED = "device"


class DeviceSecrets(msgspec.Struct, frozen=True):
    """What makes this device one. Keys are 32 bytes.

    ``log_key`` signs checkpoints and tombstones (Ed25519 seed); ``fleet_key`` makes pseudonyms of
    data subjects; ``actor_key`` makes pseudonyms of people in the log; ``journal_key`` opens the
    engine's journal.
    """

    device: str
    name: str
    log_key: bytes
    fleet_key: bytes
    actor_key: bytes
    journal_key: bytes
    predecessors: tuple[str, ...] = ()
    """Verifier keys of the logs that this one continues, oldest first (domain.handover)."""
    mldsa_seed: bytes = b""
    """Seed of the ML-DSA-44 key that signs checkpoints too; empty in a vault made before."""

    @property
    def id(self) -> DeviceId:
        """This workstation."""
        return DeviceId(self.device)

    @property
    def origin(self) -> str:
        """The origin line of this device's checkpoints (C2SP tlog-checkpoint)."""
        return f"softphone/{self.device}"

    @property
    def log_vkey(self) -> VerifierKey:
        """The verifier key of this device's log."""
        return VerifierKey(self.origin, public_key(self.log_key))


def new_device(name: str, fleet_key: bytes | None) -> DeviceSecrets:
    """Return a device with fresh keys."""
    return DeviceSecrets(
        new_id(),
        name,
        new_key(),
        fleet_key or new_key(),
        new_key(),
        new_key(),
        mldsa_seed=new_key(),
    )


def save_device(connection: Connection, device: DeviceSecrets) -> None:
    """Keep the device's secrets."""
    put(connection, _FIXED, msgspec.msgpack.encode(device))


def load_device(connection: Connection) -> DeviceSecrets:
    """Return the device's secrets. Raises Damaged."""
    value = get(connection, _FIXED)
    if value is None:
        raise Damaged("The vault cannot be opened.", "It has no device identity.")
    return msgspec.msgpack.decode(value, type=DeviceSecrets)


def get(connection: Connection, name: str) -> bytes | None:
    """Return a named value, or None."""
    row = connection.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
    return None if row is None else bytes(row[0])


def put(connection: Connection, name: str, value: bytes) -> None:
    """Keep a named value."""
    connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, value))
