"""Sealed recordings on their way through the sync server, as the vault keeps them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from softphone.domain.audit import AuditDraft
from softphone.domain.ids import DeviceId, RecordingId
from softphone.domain.relay import (
    AddressOffer,
    Correspondent,
    PackageRefusal,
    RelayedPackage,
    SendState,
    SentPackage,
    Settled,
    WaitingPackage,
)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A package of this workstation that is under way, and its sealed file while it lies here."""

    package: str
    device: DeviceId
    size: int
    sha256: str
    state: SendState
    file: Path


@dataclass(frozen=True, slots=True)
class Incoming:
    """A package that is to be fetched into a file."""

    package: str
    size: int
    sha256: str
    file: Path


class PackageJob(Protocol):
    """Sealing or taking in, in steps: between them the vault's lane is free for others."""

    @property
    def done(self) -> int:
        """Bytes that are done."""
        ...

    @property
    def total(self) -> int:
        """Bytes that there are to do, about."""
        ...

    def step(self) -> bool:
        """Do some of it; True when all is done. Raises as the whole would."""
        ...


class RelaySource(Protocol):
    """What synchronisation brings to the server and gets from it; each method is short."""

    def relay_own_addresses(self) -> Sequence[str]:
        """Return this workstation's addresses that hold, as it signed them."""
        ...

    def relay_wanted(self, offers: Sequence[AddressOffer]) -> Sequence[AddressOffer]:
        """Return the offered addresses of endorsed workstations that are not here yet.

        Addresses that the server offers no longer are forgotten.
        """
        ...

    def keep_relay_address(self, offer: AddressOffer, note: str) -> None:
        """Keep another workstation's address. Raises ServerMisbehaved: it does not hold."""
        ...

    def relay_outgoing(self) -> Sequence[Outgoing]:
        """Return packages whose end is not known yet, oldest first."""
        ...

    def relay_withdrawn(self) -> Sequence[str]:
        """Return packages whose recording was erased here: the server is to forget them."""
        ...

    def note_outgoing(self, package: str, state: SendState, why: PackageRefusal) -> None:
        """Note how far a package got; its file goes once the server has it."""
        ...

    def note_receipt(self, package: str, receipt: str) -> None:
        """Note what its receiver says of a package. Raises ServerMisbehaved: not signed by it."""
        ...

    def forget_outgoing(self, package: str) -> None:
        """Forget a package of which the server knows no more."""
        ...

    def relay_incoming(self, offers: Sequence[RelayedPackage]) -> Sequence[Incoming]:
        """Return which of the offered packages are to be fetched; others are refused (audited).

        What the server offers no longer is dropped.
        """
        ...

    def note_arrived(self, package: str) -> None:
        """A package is here whole: from now on it waits for somebody who may take it in."""
        ...

    def refuse_incoming(self, package: str, why: str) -> None:
        """A package is not the one that was announced; its file goes (audited)."""
        ...

    def relay_settled(self) -> Sequence[Settled]:
        """Return what was done here and the server does not know yet."""
        ...

    def settled_told(self, package: str) -> None:
        """The server knows."""
        ...


class RelayStore(Protocol):
    """The same, as people see it."""

    def correspondents(self) -> Sequence[Correspondent]:
        """Return the endorsed workstations whose addresses are here and hold."""
        ...

    def own_addresses(self) -> Sequence[Correspondent]:
        """Return this workstation's own addresses that hold."""
        ...

    def begin_sending(
        self, recording: RecordingId, to: Correspondent, draft: AuditDraft
    ) -> PackageJob:
        """Begin to seal a recording for a workstation; at the end of it, it waits to be sent.

        Raises as ``HandOverStore.hand_over`` says, at once or at a step.
        """
        ...

    def sent_packages(self) -> Sequence[SentPackage]:
        """Return what was sent and is not put away, newest first."""
        ...

    def put_away_sent(self, package: str) -> None:
        """Show a package that came to its end no longer."""
        ...

    def waiting_packages(self) -> Sequence[WaitingPackage]:
        """Return packages that lie here whole, oldest first."""
        ...

    def begin_taking_in(self, package: str, draft: AuditDraft) -> PackageJob:
        """Begin to take a package in; it goes when it was taken in or refused.

        Raises as ``HandOverStore.receive_package`` says, at once or at a step.
        """
        ...
