"""A plausible working week of Team North; the same every time."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import datetime, timedelta

from softphone.domain.account import Account
from softphone.domain.audit import Action, AuditDraft, DataCategory, Result
from softphone.domain.call import Direction, Disposition
from softphone.domain.consent import (
    MARKETING,
    RECORDING,
    Consent,
    ConsentChange,
    ConsentSource,
    DoNotCallList,
    Informed,
    InfoText,
    LegalBasis,
    Told,
)
from softphone.domain.contact import Contact, HistoryEntry, Note
from softphone.domain.ids import (
    AccountId,
    CallId,
    ContactId,
    GroupId,
    NoteId,
    RecordingId,
    UserId,
)
from softphone.domain.permissions import (
    BUILT_IN_ROLES,
    Grant,
    ListenerGroup,
    Member,
    Permission,
    Policy,
    Role,
    Scope,
)
from softphone.domain.recording import Gap, GapReason, Recording
from tests.fakes.clock import FakeClock
from tests.fakes.vault import FakeVault
from tests.fakes.world import World

PASSWORD = "correct horse battery"
AGENT = "Marta Nováková"
SUPERVISOR = "Jonas Weber"
OFFICER = "Claire Dubois"
ADMINISTRATOR = "Sofia Marinova"

PEOPLE = (
    (AGENT, "agent", "North"),
    ("Ben Okafor", "agent", "North"),
    ("Ilse de Vries", "agent", "North"),
    ("Tomáš Horák", "agent", "North"),
    (SUPERVISOR, "supervisor", "North"),
    (OFFICER, "data protection officer", "North"),
    (ADMINISTRATOR, "administrator", "IT"),
    ("Erik Sandström", "agent", "South"),
)
CONTACTS = (
    ("Anna Kowalska", "+48225550147", "Studio Kowalska, Warsaw"),
    ("Katrin Meier", "+493023125418", "Meier & Töchter Bürobedarf"),
    ("Meike Brandt", "+496990009227", ""),
    ("Aoife Byrne", "+353209120143", "Byrne Interiors"),
    ("Petra Schulz", "+498999998061", "Schulz Versandhandelsgesellschaft mbH"),
    ("Karin Nyström", "+46846500457", ""),
    ("Pierre Lambert", "+33199004812", "Lambert Frères"),
    ("Oliver Grant", "+442079460318", "Grant Logistics"),
    ("Nora Hughes", "+442079460552", ""),
    ("Lucía Fernández", "+34910005512", "Fernández Textil"),
    ("Giulia Conti", "+390655500122", "Conti Design"),
    ("Henrik Lindqvist", "+46846500991", ""),
)
WRAP_UPS = ("Order status", "Complaint", "New order", "Address change", "Callback", "Try again")


def _policy(now: datetime) -> Policy:
    members = tuple(
        Member(UserId(f"user-{i}"), name, role, team, f"age1pq1user{i}")
        for i, (name, role, team) in enumerate(PEOPLE)
    )
    officer = Role(
        "data protection officer",
        tuple(Grant(right, Scope.ALL) for right in Permission if right.value != "calls.place"),
    )
    supervisors = tuple(m.id for m in members if m.name in (SUPERVISOR, OFFICER))
    return Policy(
        version=15,
        issued_at=now - timedelta(days=1),
        not_after=now + timedelta(days=365),
        issuer="Nordlager",
        roles=(*(role for role in BUILT_IN_ROLES if role.name != officer.name), officer),
        members=members,
        groups=(
            ListenerGroup(
                GroupId("listen/North/1"), "Team North supervisors", "age1pq1north", supervisors
            ),
            ListenerGroup(GroupId("listen/South/1"), "Team South supervisors", "age1pq1south", ()),
        ),
        default_region="DE",
    )


def world(clock: FakeClock, *, history: int = 60) -> World:
    """Return Team North's workstation with ``history`` calls behind it."""
    now = clock.now()
    made = World(_policy(now), {name: PASSWORD for name, _, _ in PEOPLE})
    for i, (name, number, company) in enumerate(CONTACTS):
        contact = Contact(
            ContactId(f"contact-{i}"),
            name,
            (number,),
            company=company,
            email=f"{name.split()[0].lower()}@example.com" if i % 2 else "",
            created_at=now - timedelta(days=200),
        )
        made.contacts[contact.id] = contact
    account = Account(AccountId("account"), "marta", "north.example", "sip.north.example")
    made.accounts[account.id] = (account, "secret")
    _calls(made, now, history)
    _notes(made, now)
    _consents(made, now)
    _audit(made, clock)
    return made


def _calls(made: World, now: datetime, history: int) -> None:
    dice = random.Random(7)
    contacts = list(made.contacts.values())
    agents = [m for m in made.policy.members if m.role == "agent"]
    started = now - timedelta(minutes=11)
    for i in range(history):
        started -= timedelta(minutes=dice.randint(6, 38))
        if started.hour < 7:
            started = (started - timedelta(days=1)).replace(hour=16, minute=44)
        contact = contacts[(i * 5 + 1) % len(contacts)]
        agent = agents[i % len(agents)]
        missed = i % 7 == 3
        disposition = Disposition.ANSWERED
        if missed:
            disposition = Disposition.MISSED if i % 2 else Disposition.NO_ANSWER
        talk = 0 if missed else dice.randint(80, 760) * 1000
        direction = Direction.OUTGOING if i % 3 == 0 else Direction.INCOMING
        recording = None if missed or i % 11 == 5 else RecordingId(f"recording-{i}")
        call = HistoryEntry(
            CallId(f"call-{i}"),
            contact.id,
            contact.name,
            contact.numbers[0],
            direction,
            disposition,
            agent.id,
            agent.name,
            started,
            talk,
            wrap_up="" if missed else WRAP_UPS[i % len(WRAP_UPS)],
            recording=recording,
            quality_mos=None if missed else 4.2,
        )
        made.calls[call.call] = call
        if recording is not None:
            _recording(made, call, recording, agent, i)


def _recording(
    made: World, call: HistoryEntry, recording: RecordingId, agent: Member, i: int
) -> None:
    gaps: tuple[Gap, ...] = ()
    if i % 4 == 1 and call.talk_ms > 200_000:
        gaps = (Gap(int(call.talk_ms * 0.37), 42_000, GapReason.CARD_PAYMENT),)
    reviewed = i > 12 and i % 2 == 0
    made.recordings[recording] = Recording(
        id=recording,
        call=call.call,
        agent=agent.id,
        agent_name=agent.name,
        team=agent.team,
        contact=call.contact,
        contact_name=call.contact_name,
        direction=call.direction,
        started_at=call.started_at,
        audio_ms=max(call.talk_ms - sum(g.length_ms for g in gaps), 1000),
        gaps=gaps,
        group=GroupId(f"listen/{agent.team}/1"),
        codec="opus",
        reviewed_by=SUPERVISOR if reviewed else "",
        reviewed_at=call.started_at + timedelta(hours=1) if reviewed else None,
        tags=(("complaint", "payment"), ("order",), ("refund",), ())[i % 4],
    )
    made.audio[recording] = bytes(1000)


def _notes(made: World, now: datetime) -> None:
    texts = (
        "Explains the delay clearly.",
        "Offers the refund before it is asked for.",
        "I promised a callback on Tuesday.",
    )
    jonas = next(m for m in made.policy.members if m.name == SUPERVISOR)
    for recording in list(made.recordings.values())[:8]:
        for share, text in zip((0.16, 0.32, 0.74), texts, strict=True):
            note = Note(
                NoteId(f"note-{recording.id}-{share}"),
                jonas.id,
                jonas.name,
                now - timedelta(hours=2),
                text,
                contact=recording.contact,
                recording=recording.id,
                at_ms=int(recording.audio_ms * share),
            )
            made.notes[note.id] = note


def _consents(made: World, now: datetime) -> None:
    marta = made.policy.members[0]
    contacts = list(made.contacts.values())
    texts = (
        (RECORDING, 1, "en", "We record this call for training. You may say no at any time."),
        (RECORDING, 2, "en", "We record this call to improve our service. You may say no."),
        (RECORDING, 2, "de", "Wir zeichnen dieses Gespräch auf. Sie können jederzeit ablehnen."),
        (MARKETING, 1, "de", "Dürfen wir Sie zu neuen Angeboten anrufen?"),
    )
    for topic, version, language, text in texts:
        kept = InfoText(topic, version, language, text, now - timedelta(days=40), OFFICER)
        made.texts[(topic, version, language)] = (kept, b"")
    for i, contact in enumerate(contacts[:7]):
        call = next(c for c in made.calls.values() if c.contact == contact.id)
        given = Consent(
            f"consent-{i}",
            contact.id,
            RECORDING if i % 3 else MARKETING,
            ConsentChange.WITHDRAWN if i == 4 else ConsentChange.GIVEN,
            LegalBasis.CONSENT if i != 5 else LegalBasis.CONTRACT,
            ConsentSource.CALL if i % 2 else ConsentSource.FORM,
            now - timedelta(hours=3 * i + 1),
            marta.id,
            marta.name,
            version=2,
            language="de",
            call=call.call if i % 2 else None,
            at_ms=12_000 if i % 2 else None,
        )
        made.consents.append(given)
    told = Informed(
        "informed-0",
        CallId("call-1"),
        RECORDING,
        2,
        "de",
        Told.READ_OUT,
        now - timedelta(hours=2),
        marta.id,
        marta.name,
        contacts[0].id,
    )
    made.informed.append(told)
    listed = DoNotCallList("list-0", "Robinson list, November", now - timedelta(days=3), 0)
    made.do_not_call[listed.id] = (listed, {f"+4930{n:07d}" for n in range(1204)})


def _audit(made: World, clock: FakeClock) -> None:
    vault = FakeVault(made, SUPERVISOR, clock)
    made.audit.clear()
    deeds = (
        (Action.RECORDING_STARTED, DataCategory.RECORDING, "recording-0", Result.DONE),
        (Action.RECORDING_PAUSED, DataCategory.RECORDING, "recording-1", Result.DONE),
        (Action.RECORDING_LISTENED, DataCategory.RECORDING, "recording-2", Result.DONE),
        (Action.RECORDING_LISTENED, DataCategory.RECORDING, "recording-7", Result.REFUSED),
        (Action.NOTE_SAVED, DataCategory.NOTE, "contact-0", Result.DONE),
        (Action.CONTACT_EXPORTED, DataCategory.WHOLE_RECORD, "contact-4", Result.DONE),
        (Action.SIGN_IN_FAILED, DataCategory.SIGN_IN, "", Result.FAILED),
        (Action.CALL_ENDED, DataCategory.CALL, "call-4", Result.DONE),
    )
    members = made.policy.members
    for i in range(120):
        action, category, wanted, result = deeds[i % len(deeds)]
        detail = {"missing": "Listen to recordings"} if result is Result.REFUSED else {}
        actor = members[i % 6].id
        vault.append_audit(AuditDraft(action, category, wanted, result, actor, detail))
    for i, row in enumerate(made.audit):
        when = clock.now() - timedelta(minutes=4 * (len(made.audit) - i))
        made.audit[i] = replace(row, entry=replace(row.entry, time=when))
    made.witnessed = len(made.audit) - 1
