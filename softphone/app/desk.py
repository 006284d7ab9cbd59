"""All use cases of one signed-in person, bundled for the window and the command line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from softphone.app.answers import Answers
from softphone.app.auditing import Auditing
from softphone.app.bus import Bus
from softphone.app.call_rules import CallRules
from softphone.app.calls import Calls
from softphone.app.campaigns import Campaigns
from softphone.app.consents import Consents
from softphone.app.contacts import Contacts
from softphone.app.deleting import Deletions
from softphone.app.duty import Duty
from softphone.app.fleet import Fleet
from softphone.app.handing_over import HandingOver
from softphone.app.importing import Importing
from softphone.app.information import Information
from softphone.app.invitations import Invitations
from softphone.app.keys import Keys
from softphone.app.people import People
from softphone.app.ports import (
    Clock,
    ContactFiles,
    Delivery,
    DocumentWriter,
    ExportFormat,
    Phone,
    RecordingExporter,
    SoundMeter,
    Vault,
    WorkbookWriter,
)
from softphone.app.ports.audit_files import AuditFiles
from softphone.app.privacy import Privacy
from softphone.app.recordings import Recordings
from softphone.app.registers import Registers
from softphone.app.requests import Requests
from softphone.app.retention import Keeping
from softphone.app.roles import Roles
from softphone.app.scoring import Scoring
from softphone.app.sending import Sending
from softphone.app.session import Session
from softphone.app.tagging import Tagging
from softphone.app.workplace_rules import WorkplaceSettings


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
    contacts: Contacts
    importing: Importing
    consents: Consents
    information: Information
    campaigns: Campaigns
    fleet: Fleet
    keeping: Keeping
    registers: Registers
    requests: Requests
    answers: Answers
    roles: Roles
    invitations: Invitations
    tagging: Tagging
    deletions: Deletions
    workplace: WorkplaceSettings
    scoring: Scoring
    handing_over: HandingOver
    sending: Sending


def open_desk(
    vault: Vault,
    phone: Phone,
    workbooks: WorkbookWriter,
    bus: Bus,
    clock: Clock,
    exporters: Mapping[ExportFormat, RecordingExporter] | None = None,
    meter: SoundMeter | None = None,
    audit_files: AuditFiles | None = None,
    files: ContactFiles | None = None,
    delivery: Delivery | None = None,
    *,
    documents: DocumentWriter,
) -> Desk:
    """Bundle the use cases around an unlocked vault."""
    session = Session(vault, clock)
    calls, people = Calls(session, phone, bus), People(session, bus)
    information = Information(session, bus, phone)
    privacy, requests = Privacy(session, workbooks, bus, delivery), Requests(session, bus)
    consents = Consents(session, people, information, phone, bus)
    recordings = Recordings(session, bus, exporters, meter)
    return Desk(
        session=session,
        calls=calls,
        recordings=recordings,
        call_rules=CallRules(session, bus),
        duty=Duty(session, phone),
        people=people,
        privacy=privacy,
        audit=Auditing(session, bus, audit_files),
        keys=Keys(session, bus),
        contacts=Contacts(session, people, bus, files, delivery),
        importing=Importing(session, bus, files),
        consents=consents,
        information=information,
        campaigns=Campaigns(session, calls, bus, files),
        fleet=Fleet(session, bus),
        keeping=Keeping(session, bus),
        registers=Registers(session, bus),
        requests=requests,
        answers=Answers(
            session, bus, requests, privacy, documents, workbooks, exporters or {}, consents
        ),
        roles=Roles(session, bus),
        invitations=Invitations(session, bus),
        tagging=Tagging(session, bus),
        deletions=Deletions(session, recordings),
        workplace=WorkplaceSettings(session, bus),
        scoring=Scoring(session, bus),
        handing_over=HandingOver(session, bus),
        sending=Sending(session, bus),
    )
