"""The vault as synchronisation sees it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from softphone.app.ports.fleet import FleetSource
from softphone.app.ports.relay import RelaySource
from softphone.domain.ids import (
    DeviceId,
    ErasureId,
)
from softphone.domain.privacy import (
    Tombstone,
)


@dataclass(frozen=True, slots=True)
class Enrolment:
    """How this device reaches its sync server. ``ca_file`` may be empty (system trust only)."""

    url: str
    device_token: str
    witness_key: str
    """C2SP signed-note verifier key of the server's witness."""
    ca_file: str = ""
    pin: str = ""
    """SHA-256 (hex) of the only certificate that is taken; empty for any that verifies."""
    proxy: str = ""
    """Address of the HTTP proxy; ``direct`` for none; empty for that of the surroundings."""


@dataclass(frozen=True, slots=True)
class LeafBatch:
    """Audit leaves for the server: exact canonical bytes, and a checkpoint that covers them."""

    first: int
    leaves: tuple[bytes, ...]
    checkpoint: str


class SyncSource(FleetSource, RelaySource, Protocol):
    """The vault as synchronisation sees it."""

    @property
    def device(self) -> DeviceId:
        """This workstation."""
        ...

    @property
    def log_key(self) -> str:
        """The signed-note verifier key of this device's log."""
        ...

    @property
    def log_key_mldsa(self) -> str:
        """The second verifier key (ML-DSA-44) of this device's log; empty without one."""
        ...

    @property
    def handover(self) -> str:
        """The note by which an earlier log's key handed over to this one's; empty without."""
        ...

    def enrolment(self) -> Enrolment | None:
        """Return how to reach the server, or None when standalone."""
        ...

    def save_enrolment(self, enrolment: Enrolment) -> None:
        """Keep the enrolment (audited)."""
        ...

    def unsent_leaves(self, limit: int) -> LeafBatch | None:
        """Return the oldest leaves not yet cosigned, or None."""
        ...

    def confirm_leaves(self, size: int, cosigned: str) -> None:
        """Keep the cosigned checkpoint. Raises ServerMisbehaved when it does not verify."""
        ...

    def unsent_tombstones(self) -> Sequence[Tombstone]:
        """Return own tombstones that the server has not acknowledged."""
        ...

    def confirm_tombstone(self, erasure: ErasureId) -> None:
        """The server has it."""
        ...

    def tombstone_cursor(self) -> int:
        """Return the last position received from the server, 0 at first."""
        ...

    def apply_tombstone(self, tombstone: Tombstone, position: int) -> bool:
        """Carry out an erasure that an endorsed device signed; a replay is a no-op.

        One of a device that the policy does not endorse is held back, audited, and not carried
        out. Returns whether anything went. Raises ServerMisbehaved (audited) for a signature that
        is not the endorsed one's; the cursor stays before it.
        """
        ...

    def tombstones_done(self) -> int:
        """Return the position up to which everything received was carried out."""
        ...

    def held_back(self) -> int:
        """Return how many erasures wait for their device to be endorsed."""
        ...

    def waiting(self) -> int:
        """Return how many rows wait for the server."""
        ...
