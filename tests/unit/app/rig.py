"""A desk over a real vault, with a phone that notes what it was told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from softphone.app.bus import Bus
from softphone.app.desk import Desk, open_desk
from softphone.app.ports import ExportFormat, NewMember, RecordingPlan, RecordingReader
from softphone.domain.account import Account
from softphone.domain.agent import AgentState
from softphone.domain.audit import Action, AuditFilter, AuditRow
from softphone.domain.call import Availability
from softphone.domain.events import Event
from softphone.domain.ids import AccountId, CallId, RecordingId, new_id
from softphone.domain.recording import GapReason, SealedRecording
from softphone.domain.sound import SoundOrder
from softphone.export.audit_table import FileAuditFiles
from softphone.export.contact_files import FileContacts
from softphone.export.documents import HtmlDocuments
from softphone.vault.delivery import AgeDelivery
from softphone.vault.export import AgeExporter
from tests.unit.vault.rig import ADMIN, AGENT, PASSWORD, SUPERVISOR, Rig

LEAD = NewMember("Lea Lead", PASSWORD, "team lead", "sales")
OFFICER = NewMember("Dora Privacy", PASSWORD, "data protection officer", "office")


@dataclass
class NotingPhone:
    told: list[tuple[object, ...]] = field(default_factory=list)
    sounds: list[SoundOrder] = field(default_factory=list)
    waiting: list[SealedRecording] = field(default_factory=list)
    listeners: list[Callable[[object], None]] = field(default_factory=list)

    def set_account(self, account: Account, password: str) -> None:
        self.told.append(("account", account.id, password))

    def remove_account(self, account: AccountId) -> None:
        self.told.append(("remove", account))

    def set_recording_plan(self, plan: RecordingPlan, journal_key: bytes) -> None:
        self.told.append(("plan", plan, journal_key))

    def use_language(self, call: CallId, language: str) -> None:
        self.told.append(("language", call, language))

    def sound(self, order: SoundOrder) -> None:
        self.sounds.append(order)

    def dial(self, account: AccountId, target: str) -> CallId:
        self.told.append(("dial", account, target))
        return CallId(new_id())

    def answer(self, call: CallId) -> None:
        self.told.append(("answer", call))

    def hang_up(self, call: CallId) -> None:
        self.told.append(("hang up", call))

    def hold(self, call: CallId, on: bool) -> None:
        self.told.append(("hold", call, on))

    def mute(self, call: CallId, on: bool) -> None:
        self.told.append(("mute", call, on))

    def transfer(self, call: CallId, target: str) -> None:
        self.told.append(("transfer", call, target))

    def transfer_to_call(self, call: CallId, other: CallId) -> None:
        self.told.append(("connect", call, other))

    def send_dtmf(self, call: CallId, digits: str) -> None:
        self.told.append(("dtmf", call, digits))

    def set_availability(self, availability: Availability) -> None:
        self.told.append(("availability", availability))

    def set_agent_state(self, state: AgentState, reason: str = "") -> None:
        self.told.append(("agent", state, reason))

    def start_recording(self, call: CallId) -> None:
        self.told.append(("record", call))

    def pause_recording(self, call: CallId, reason: GapReason) -> None:
        self.told.append(("pause", call, reason))

    def resume_recording(self, call: CallId) -> None:
        self.told.append(("resume", call))

    def stop_recording(self, call: CallId) -> None:
        self.told.append(("stop", call))

    def permit_recording(self, call: CallId) -> None:
        self.told.append(("permit", call))

    def sealed_recordings(self) -> Sequence[SealedRecording]:
        return tuple(self.waiting)

    def forget_recording(self, recording: RecordingId) -> None:
        self.waiting = [s for s in self.waiting if s.manifest.recording != recording]

    def forget_call(self, call: CallId) -> None:
        self.told.append(("forget", call))

    def subscribe(self, listener: Callable[[object], None]) -> None:
        self.listeners.append(listener)


class NotingWriter:
    def __init__(self) -> None:
        self.written: list[tuple[object, ...]] = []

    def write(
        self, data, destination, exported_by, exported_at, time_zone, *, delivery=None, on_row=None
    ) -> None:
        destination.write_bytes(b"a workbook")
        self.written.append((data, destination, exported_by, time_zone))


class FixedMeter:
    error: Exception | None = None

    def length_ms(self, reader: RecordingReader) -> int:
        if self.error is not None:
            raise self.error
        return 7000


class DeskRig:
    """One workstation and whoever is signed in."""

    def __init__(self, root: Path) -> None:
        self.rig = Rig(root)
        self.rig.create(SUPERVISOR, AGENT, LEAD)
        self.phone = NotingPhone()
        self.writer = NotingWriter()
        self.meter = FixedMeter()
        self.events: list[Event] = []
        self.bus = Bus()
        self.bus.subscribe(self.events.append)
        self._open: list[Desk] = []

    def add_officer(self) -> None:
        """Let the administrator add a data protection officer."""
        self.sign_in(ADMIN).people.add_member(OFFICER)

    def sign_in(self, member=SUPERVISOR) -> Desk:
        self.close()
        vault = self.rig.open(member)
        exporters = {ExportFormat.AGE: AgeExporter(work_factor=10)}
        desk = open_desk(
            vault,
            self.phone,
            self.writer,
            self.bus,
            self.rig.clock,
            exporters,
            self.meter,
            FileAuditFiles(),
            FileContacts(),
            AgeDelivery(work_factor=10),
            documents=HtmlDocuments(),
        )
        self._open.append(desk)
        return desk

    def close(self) -> None:
        while self._open:
            self._open.pop().session.vault.close()

    def kinds(self) -> set[str]:
        return {kind for event in self.events for kind in getattr(event, "kinds", ())}


def log_of(desk: Desk, action: Action) -> list[AuditRow]:
    return list(desk.session.vault.audit_rows(AuditFilter(action=action), 99, 0))


__all__ = ["ADMIN", "AGENT", "LEAD", "OFFICER", "SUPERVISOR", "DeskRig", "log_of"]
