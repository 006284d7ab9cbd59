"""Sides of the relay of sealed recordings that have nothing to do."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from softphone.app.ports.relay import Incoming, Outgoing
from softphone.domain.audit import Action, AuditDraft, DataCategory, Result
from softphone.domain.errors import NotFound, Refused
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
from tests.fakes.world import World


class NothingRelayed:
    """A vault that sends and gets nothing through the server."""

    def relay_own_addresses(self) -> Sequence[str]:
        return ()

    def relay_wanted(self, offers: Sequence[AddressOffer]) -> Sequence[AddressOffer]:
        return ()

    def keep_relay_address(self, offer: AddressOffer, note: str) -> None:
        raise AssertionError("it wanted none")

    def relay_outgoing(self) -> Sequence[Outgoing]:
        return ()

    def relay_withdrawn(self) -> Sequence[str]:
        return ()

    def note_outgoing(self, package: str, state: SendState, why: PackageRefusal) -> None:
        raise AssertionError("it sent none")

    def note_receipt(self, package: str, receipt: str) -> None:
        raise AssertionError("it sent none")

    def forget_outgoing(self, package: str) -> None:
        raise AssertionError("it sent none")

    def relay_incoming(self, offers: Sequence[RelayedPackage]) -> Sequence[Incoming]:
        return ()

    def note_arrived(self, package: str) -> None:
        raise AssertionError("it fetched none")

    def refuse_incoming(self, package: str, why: str) -> None:
        raise AssertionError("it fetched none")

    def relay_settled(self) -> Sequence[Settled]:
        return ()

    def settled_told(self, package: str) -> None:
        raise AssertionError("it settled none")


class NoRelayServer:
    """A server that knows nothing of sealed recordings."""

    def addresses(self) -> tuple[AddressOffer, ...] | None:
        return None


class OneStepJob:
    """Done with its first step."""

    def __init__(self, deed) -> None:
        self._deed = deed
        self.total = 2
        self.done = 0

    def step(self) -> bool:
        self._deed()
        self.done = self.total
        return True


class FakeRelay:
    """Sealed recordings of a world: lists in memory, nothing sealed."""

    world: World

    def handover_address(self, team: str, destination, draft: AuditDraft) -> None:
        now = self._clock.now()  # type: ignore[attr-defined]
        self.world.own_addresses = [
            Correspondent(self.device, "", team, now + timedelta(days=7))  # type: ignore[attr-defined]
        ]
        self.append_audit(draft)  # type: ignore[attr-defined]

    def correspondents(self) -> Sequence[Correspondent]:
        return tuple(self.world.correspondents)

    def own_addresses(self) -> Sequence[Correspondent]:
        return tuple(self.world.own_addresses)

    def begin_sending(
        self, recording: RecordingId, to: Correspondent, draft: AuditDraft
    ) -> OneStepJob:
        def sent() -> None:
            now = self._clock.now()  # type: ignore[attr-defined]
            package = f"00000000-0000-4000-8000-{len(self.world.sent_packages):012}"
            self.world.sent_packages.append(
                SentPackage(
                    package,
                    recording,
                    to.device,
                    to.label,
                    SendState.WAITING,
                    PackageRefusal.NONE,
                    now,
                )
            )
            self.append_audit(draft)  # type: ignore[attr-defined]

        return OneStepJob(sent)

    def sent_packages(self) -> Sequence[SentPackage]:
        return tuple(reversed(self.world.sent_packages))

    def put_away_sent(self, package: str) -> None:
        self.world.sent_packages = [
            one for one in self.world.sent_packages if one.package != package
        ]

    def waiting_packages(self) -> Sequence[WaitingPackage]:
        return tuple(self.world.waiting_packages)

    def begin_taking_in(self, package: str, draft: AuditDraft) -> OneStepJob:
        if package not in {one.package for one in self.world.waiting_packages}:
            raise NotFound("Nothing was taken in.", "The recording waits no longer.")

        def taken() -> None:
            self.world.waiting_packages = [
                one for one in self.world.waiting_packages if one.package != package
            ]
            if package in self.world.erased_packages:
                raise Refused("The recording was not taken in.", "It was erased.")
            self.append_audit(  # type: ignore[attr-defined]
                AuditDraft(Action.RECORDING_RECEIVED, DataCategory.RECORDING, package, Result.DONE)
            )

        return OneStepJob(taken)


DESK_8, NORTH = DeviceId("0" * 8), DeviceId("1" * 8)


def fill(world, now) -> None:
    """Let there be two that wait, and one of each state that was sent."""
    later = now + timedelta(days=5)
    world.correspondents = [
        Correspondent(DESK_8, "Desk 8", "sales", later),
        Correspondent(NORTH, "Review room north", "sales", later),
    ]
    world.waiting_packages = [
        WaitingPackage(f"p{n}", DESK_8, "Desk 8", 9_000_000, later) for n in range(2)
    ]
    recording = next(iter(world.recordings))
    states = (
        (SendState.REFUSED, PackageRefusal.LISTENERS_CHANGED),
        (SendState.TAKEN_IN, PackageRefusal.NONE),
        (SendState.SENT, PackageRefusal.NONE),
    )
    world.sent_packages = [
        SentPackage(
            f"s{n}", recording, NORTH, "Review room north", state, why,
            now - timedelta(minutes=90 - 30 * n),
        )
        for n, (state, why) in enumerate(states)
    ]  # fmt: skip
