"""Recordings sent sealed to another workstation through the server, and taken in from there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

from softphone.app.bus import Bus
from softphone.app.handing_over import permit_giving
from softphone.app.ports.relay import PackageJob
from softphone.app.session import Session
from softphone.domain.audit import Action, AuditDraft, DataCategory, Result
from softphone.domain.errors import NotFound, SoftphoneError
from softphone.domain.events import HistoryChanged
from softphone.domain.ids import RecordingId
from softphone.domain.permissions import Permission
from softphone.domain.relay import Correspondent, SentPackage, WaitingPackage

T = TypeVar("T")


class HandOver:
    """A hand-over under way; each step seals or opens some megabytes of it."""

    def __init__(self, session: Session, bus: Bus, draft: AuditDraft) -> None:
        self._session = session
        self._bus = bus
        self._draft = draft
        self._job: PackageJob | None = None

    def begin(self, begin: Callable[[], PackageJob]) -> HandOver:
        """Begin; what is refused is audited with the reason, now as at every step."""
        self._job = self._logged(begin)
        return self

    def step(self) -> bool:
        """Do some of it; True when all is done."""
        job = self._job
        if job is None or self._logged(job.step):
            self._changed("recordings", "packages", "audit")
            return True
        return False

    def _logged(self, work: Callable[[], T]) -> T:
        try:
            return work()
        except SoftphoneError as error:
            detail = {**self._draft.detail, "why": error.why}
            self._session.vault.append_audit(
                replace(self._draft, result=Result.REFUSED, detail=detail)
            )
            self._changed("packages", "audit")
            raise

    def _changed(self, *kinds: str) -> None:
        self._bus.publish(HistoryChanged(frozenset(kinds)))


class Sending:
    """Use cases around packages that the server carries; runs on the vault's thread."""

    def __init__(self, session: Session, bus: Bus) -> None:
        self._session = session
        self._bus = bus

    def workstations(self) -> Sequence[Correspondent]:
        """Return the workstations that a recording can be sent to; none without the right."""
        if not self._session.may(Permission.RECORDINGS_LISTEN).allowed:
            return ()
        return self._session.vault.correspondents()

    def workstation(self, name: str) -> Correspondent:
        """Return one by its name, or its identifier, and where it has several teams ``name/team``.

        Raises NotFound.
        """
        label, _, team = name.partition("/")
        found = [
            one
            for one in self.workstations()
            if label in (one.device, one.label) and team in ("", one.team)
        ]
        if len(found) != 1:
            raise NotFound(
                "The recording was not sent.",
                "The server has no address of such a workstation."
                if not found
                else "More than one workstation or team has this name.",
                "Name one that is listed, by its identifier and its team: DEVICE/TEAM.",
            )
        return found[0]

    def own_addresses(self) -> Sequence[Correspondent]:
        """Return the addresses that this workstation offers, one a team."""
        return self._session.vault.own_addresses()

    def begin_giving(self, recording: RecordingId, to: Correspondent, reason: str) -> HandOver:
        """Begin to seal a recording for another workstation; audited with the reason.

        Raises Refused, NotFound, InvalidInput; its steps as ``HandingOver.give`` does.
        """
        vault = self._session.vault
        draft = permit_giving(
            self._session, recording, reason, "The recording was not sent.", device=to.device
        )
        work = HandOver(self._session, self._bus, draft)
        return work.begin(lambda: vault.begin_sending(recording, to, draft))

    def sent(self) -> Sequence[SentPackage]:
        """Return what was sent and what became of it, newest first; none without the right."""
        if not self._session.may(Permission.RECORDINGS_LISTEN).allowed:
            return ()
        return self._session.vault.sent_packages()

    def put_away(self, package: str) -> None:
        """Show one that came to its end no longer."""
        self._session.vault.put_away_sent(package)
        self._bus.publish(HistoryChanged(frozenset({"packages"})))

    def waiting(self) -> Sequence[WaitingPackage]:
        """Return what waits here to be taken in: which workstation sent it, no more is known."""
        return self._session.vault.waiting_packages()

    def begin_taking_in(self, package: str) -> HandOver:
        """Begin to take a package in; what is refused is audited with the reason.

        Raises Refused, NotFound; its steps as ``HandingOver.receive`` does.
        """
        vault = self._session.vault
        draft = self._session.permit(
            Permission.RECORDINGS_LISTEN,
            Action.RECORDING_RECEIVED,
            DataCategory.RECORDING,
            detail={"package": package},
        )
        work = HandOver(self._session, self._bus, draft)
        return work.begin(lambda: vault.begin_taking_in(package, draft))
