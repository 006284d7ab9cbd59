"""All use cases of one signed-in person, bundled for the window and the command line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from softphone.app.answers import Answers
from softphone.app.auditing import Auditing
from softphone.app.bus import Bus
from softphone.app.call_rules import CallRules
from softphone.app.calls import Calls
from softphone.app.duty import Duty
from softphone.app.keys import Keys
from softphone.app.people import People
from softphone.app.ports import (
    Clock,
    DocumentWriter,
    ExportFormat,
    Phone,
    RecordingExporter,
    SoundMeter,
    Vault,
    WorkbookWriter,
)
from softphone.app.privacy import Privacy
from softphone.app.recordings import Recordings
from softphone.app.registers import Registers
from softphone.app.requests import Requests
from softphone.app.retention import Keeping
from softphone.app.session import Session


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything a signed-in person can do. Its methods run on the vault's thread."""

    session: Session
    calls: Calls
    call_rules: CallRules
    duty: Duty
    recordings: Recordings
    people: People
    privacy: Privacy
    audit: Auditing
    keys: Keys
    keeping: Keeping
    registers: Registers
    requests: Requests
    answers: Answers


def open_desk(
    vault: Vault,
    phone: Phone,
    workbooks: WorkbookWriter,
    bus: Bus,
    clock: Clock,
    exporters: Mapping[ExportFormat, RecordingExporter] | None = None,
    meter: SoundMeter | None = None,
    *,
    documents: DocumentWriter,
) -> Desk:
    """Bundle the use cases around an unlocked vault."""
    session = Session(vault, clock)
    privacy, requests = Privacy(session, workbooks, bus), Requests(session, bus)
    return Desk(
        session=session,
        calls=Calls(session, phone, bus),
        call_rules=CallRules(session, bus),
        duty=Duty(session, phone),
        recordings=Recordings(session, bus, exporters, meter),
        people=People(session, bus),
        privacy=privacy,
        audit=Auditing(session, bus),
        keys=Keys(session, bus),
        keeping=Keeping(session, bus),
        registers=Registers(session, bus),
        requests=requests,
        answers=Answers(session, bus, requests, privacy, documents, workbooks, exporters or {}),
    )
