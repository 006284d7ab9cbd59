"""Sealed recordings through the server (``RelaySource`` and ``RelayStore``)."""

from __future__ import annotations

from collections.abc import Sequence

from softphone.app.ports.relay import Incoming, Outgoing, PackageJob
from softphone.domain.audit import AuditDraft
from softphone.domain.ids import RecordingId
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
from softphone.vault.stores import Stores


class RelaySourceSide:
    """``RelaySource``."""

    _stores: Stores

    def relay_own_addresses(self) -> Sequence[str]:
        """Return this workstation's addresses that hold, as it signed them."""
        return self._stores.relay_out.own_notes()

    def relay_wanted(self, offers: Sequence[AddressOffer]) -> Sequence[AddressOffer]:
        """Return which offered addresses to fetch; forget what is offered no longer."""
        return self._stores.relay_out.wanted(offers)

    def keep_relay_address(self, offer: AddressOffer, note: str) -> None:
        """Keep another workstation's address. Raises ServerMisbehaved: it does not hold."""
        self._stores.relay_out.keep(offer, note)

    def relay_outgoing(self) -> Sequence[Outgoing]:
        """Return packages whose end is not known yet, oldest first."""
        return self._stores.relay_out.outgoing()

    def relay_withdrawn(self) -> Sequence[str]:
        """Return packages whose recording was erased here."""
        return self._stores.relay_out.withdrawn()

    def note_outgoing(self, package: str, state: SendState, why: PackageRefusal) -> None:
        """Note how far a package got; its file goes once the server has it."""
        self._stores.relay_out.note(package, state, why)

    def note_receipt(self, package: str, receipt: str) -> None:
        """Note what its receiver says of a package. Raises ServerMisbehaved."""
        self._stores.relay_out.note_receipt(package, receipt)

    def forget_outgoing(self, package: str) -> None:
        """Forget a package of which the server knows no more."""
        self._stores.relay_out.forget(package)

    def relay_incoming(self, offers: Sequence[RelayedPackage]) -> Sequence[Incoming]:
        """Return which of the offered packages are to be fetched. Raises ServerMisbehaved."""
        return self._stores.relay_in.offered(offers)

    def note_arrived(self, package: str) -> None:
        """A package is here whole."""
        self._stores.relay_in.arrived(package)

    def refuse_incoming(self, package: str, why: str) -> None:
        """A package is not the one that was announced (audited)."""
        self._stores.relay_in.refuse(package, why)

    def relay_settled(self) -> Sequence[Settled]:
        """Return what was done here and the server does not know yet."""
        return self._stores.relay_in.settled()

    def settled_told(self, package: str) -> None:
        """The server knows."""
        self._stores.relay_in.told(package)


class RelaySide(RelaySourceSide):
    """``RelayStore``."""

    def correspondents(self) -> Sequence[Correspondent]:
        """Return the endorsed workstations whose addresses are here and hold."""
        return self._stores.relay_out.correspondents()

    def own_addresses(self) -> Sequence[Correspondent]:
        """Return this workstation's own addresses that hold."""
        return self._stores.relay_out.own_addresses()

    def begin_sending(
        self, recording: RecordingId, to: Correspondent, draft: AuditDraft
    ) -> PackageJob:
        """Begin to seal a recording for a workstation. Raises as ``hand_over`` says."""
        return self._stores.relay_out.begin(recording, to, draft)

    def sent_packages(self) -> Sequence[SentPackage]:
        """Return what was sent and is not put away, newest first."""
        return self._stores.relay_out.sent()

    def put_away_sent(self, package: str) -> None:
        """Show a package that came to its end no longer."""
        self._stores.relay_out.put_away(package)

    def waiting_packages(self) -> Sequence[WaitingPackage]:
        """Return packages that lie here whole, oldest first."""
        return self._stores.relay_in.waiting()

    def begin_taking_in(self, package: str, draft: AuditDraft) -> PackageJob:
        """Begin to take a package in. Raises NotFound, and as ``receive_package`` says."""
        return self._stores.relay_in.begin(package, draft)
