"""A vault in memory: the rules of the port without keys, files or proofs."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

from softphone.app.ports import BackupMade, Clock, Enrolment, LeafBatch, NewMember, RecordingFilter
from softphone.domain.account import Account
from softphone.domain.audit import (
    ACTION_WORDS,
    Action,
    AuditDraft,
    AuditEntry,
    AuditFilter,
    AuditRow,
    AuditVerdict,
    DataCategory,
)
from softphone.domain.contact import Access, Contact, ContactFile, HistoryEntry, Note
from softphone.domain.errors import NotFound, Refused, Truncated, WrongCredentials
from softphone.domain.ids import (
    AccountId,
    CallId,
    ContactId,
    DeviceId,
    ErasureId,
    GroupId,
    RecordingId,
    UserId,
    new_id,
)
from softphone.domain.permissions import (
    BUILT_IN_ROLES,
    Member,
    Permission,
    Policy,
    decide,
)
from softphone.domain.privacy import (
    STEP_ORDER,
    ErasedBefore,
    ErasurePlan,
    ErasureReason,
    ErasureReceipt,
    ErasureStep,
    Tombstone,
)
from softphone.domain.recording import Recording, SealedRecording, SealTarget


@dataclass
class World:
    """All that the vaults of one workstation share."""

    policy: Policy
    passwords: dict[str, str]
    contacts: dict[ContactId, Contact] = field(default_factory=dict)
    calls: dict[CallId, HistoryEntry] = field(default_factory=dict)
    notes: dict[str, Note] = field(default_factory=dict)
    recordings: dict[RecordingId, Recording] = field(default_factory=dict)
    audio: dict[RecordingId, bytes] = field(default_factory=dict)
    accounts: dict[AccountId, tuple[Account, str]] = field(default_factory=dict)
    audit: list[AuditRow] = field(default_factory=list)
    tombstones: list[Tombstone] = field(default_factory=list)
    applied: set[ErasureId] = field(default_factory=set)
    cursor: int = 0
    enrolment: Enrolment | None = None
    witnessed: int = 0
    broken_at: int | None = None
    trouble: Exception | None = None
    """Raised by the next reads, for error states."""

    @classmethod
    def empty(cls, administrator: NewMember, clock: Clock) -> World:
        member = Member(
            UserId(new_id()), administrator.name, administrator.role, administrator.team, "age1"
        )
        policy = Policy(
            version=1,
            issued_at=clock.now(),
            not_after=clock.now() + timedelta(days=3650),
            issuer="local",
            roles=BUILT_IN_ROLES,
            members=(member,),
            groups=(),
        )
        return cls(policy, {administrator.name: administrator.password})


class FakeReader:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self.closed = False
        self.problem = ""

    @property
    def size(self) -> int:
        return len(self._data)

    def read_at(self, position: int, length: int) -> bytes:
        if position > len(self._data):
            raise Truncated("The recording ends early.", authentic=len(self._data))
        return self._data[position : position + length]

    def close(self) -> None:
        self.closed = True


def _matches(text: str, *fields: str) -> bool:
    wanted = text.casefold().split()
    digits = "".join(c for c in text if c.isdigit())
    words = [w for f in fields for w in f.casefold().replace("@", " ").split()]
    if digits and any(digits in "".join(c for c in f if c.isdigit()) for f in fields):
        return True
    return all(any(w.startswith(part) for w in words) for part in wanted)


class FakeVault:
    """One signed-in person's view of a world."""

    def __init__(self, world: World, name: str, clock: Clock) -> None:
        self.world = world
        self._clock = clock
        self._name = name
        self.closed = False
        self.append_audit(AuditDraft(Action.SIGNED_IN, DataCategory.SIGN_IN, actor=self.user.id))

    @property
    def user(self) -> Member:
        return next(m for m in self.world.policy.members if m.name == self._name)

    @property
    def policy(self) -> Policy:
        return self.world.policy

    def close(self) -> None:
        self.closed = True

    # people and accounts
    def add_member(self, new: NewMember, draft: AuditDraft) -> Member:
        member = Member(UserId(new_id()), new.name, new.role, new.team, "age1")
        policy = self.world.policy
        self.world.policy = replace(
            policy, version=policy.version + 1, members=(*policy.members, member)
        )
        self.world.passwords[new.name] = new.password
        self.append_audit(replace(draft, object_id=member.id))
        return member

    def _other(self, user: UserId) -> Member:
        member = self.world.policy.member(user)
        if member is None:
            raise NotFound("Nothing was changed.", "The policy does not name this person.")
        if user == self.user.id:
            raise Refused("Nothing was changed.", "Nobody changes their own rights.")
        return member

    def _publish_members(self, members: tuple[Member, ...]) -> None:
        policy = self.world.policy
        self.world.policy = replace(policy, version=policy.version + 1, members=members)

    def remove_member(self, user: UserId, draft: AuditDraft) -> None:
        member = self._other(user)
        self._publish_members(tuple(m for m in self.world.policy.members if m.id != user))
        del self.world.passwords[member.name]
        self.append_audit(replace(draft, object_id=user))

    def change_member(self, user: UserId, role: str, team: str, draft: AuditDraft) -> Member:
        changed = replace(self._other(user), role=role, team=team)
        members = self.world.policy.members
        self._publish_members(tuple(changed if m.id == user else m for m in members))
        self.append_audit(replace(draft, object_id=user))
        return changed

    def change_password(self, old: str, new: str, draft: AuditDraft) -> None:
        if self.world.passwords[self._name] != old:
            raise WrongCredentials
        self.world.passwords[self._name] = new
        self.append_audit(draft)

    def replace_group_keys(self, draft: AuditDraft) -> int:
        self._publish_members(self.world.policy.members)
        self.append_audit(draft)
        return len({m.team for m in self.world.policy.members if m.role == "supervisor"})

    def rewrap_recordings(self, draft: AuditDraft, limit: int) -> int:
        return 0

    def seal_targets(self, team: str) -> tuple[SealTarget, ...]:
        group = self.world.policy.group_for_team(team)
        label = group.label if group else f"Team {team} supervisors"
        listen = SealTarget(GroupId(f"listen/{team}/1"), label, "age1pq1listen")
        return (listen, SealTarget(GroupId("recovery/1"), "Recovery", "age1pq1recovery"))

    def journal_key(self) -> bytes:
        return bytes(32)

    def save_account(self, account: Account, password: str, draft: AuditDraft) -> None:
        self.world.accounts[account.id] = (account, password)
        self.append_audit(draft)

    def accounts(self) -> Sequence[tuple[Account, str]]:
        return tuple(self.world.accounts.values())

    # audit
    def append_audit(self, draft: AuditDraft) -> AuditEntry:
        index = len(self.world.audit)
        member = self.world.policy.member(draft.actor) if draft.actor else None
        entry = AuditEntry(
            device="NORTH-12",
            index=index,
            time=self._clock.now(),
            actor=hashlib.sha256((draft.actor or "device").encode()).hexdigest()[:16],
            action=draft.action.value,
            object_id=draft.object_id,
            category=draft.category.value,
            result=draft.result.value,
            commitment=hashlib.sha256(repr(sorted(draft.detail.items())).encode()).hexdigest()
            if draft.detail
            else "",
        )
        leaf = hashlib.sha256(repr(entry).encode()).hexdigest()
        row = AuditRow(
            entry,
            who=member.name if member else "NORTH-12",
            what=ACTION_WORDS[draft.action],
            object_label=self._object_label(draft.object_id),
            detail=dict(draft.detail),
            leaf_hash=leaf,
        )
        self.world.audit.append(row)
        return entry

    def _object_label(self, object_id: str) -> str:
        world = self.world
        if contact := world.contacts.get(ContactId(object_id)):
            return contact.name
        if recording := world.recordings.get(RecordingId(object_id)):
            return f"{recording.contact_name}, {recording.started_at:%H:%M}"
        if call := world.calls.get(CallId(object_id)):
            return call.contact_name or call.number
        member = world.policy.member(UserId(object_id))
        return member.name if member else ""

    def _audit(self, wanted: AuditFilter) -> list[AuditRow]:
        self._trouble()
        found = []
        for row in reversed(self.world.audit):
            entry = row.entry
            keep = (
                (wanted.since is None or entry.time >= wanted.since)
                and (wanted.until is None or entry.time < wanted.until)
                and (wanted.action is None or entry.action == wanted.action.value)
                and (wanted.category is None or entry.category == wanted.category.value)
                and (wanted.result is None or entry.result == wanted.result.value)
                and (not wanted.object_id or entry.object_id == wanted.object_id)
                and (not wanted.text or _matches(wanted.text, row.who, row.what, row.object_label))
            )
            if keep:
                found.append(replace(row, witnessed=entry.index < self.world.witnessed))
        return found

    def audit_rows(self, wanted: AuditFilter, limit: int, offset: int) -> Sequence[AuditRow]:
        return self._audit(wanted)[offset : offset + limit]

    def audit_count(self, wanted: AuditFilter) -> int:
        return len(self._audit(wanted))

    def verify_audit(self) -> AuditVerdict:
        broken = self.world.broken_at
        size = len(self.world.audit)
        return AuditVerdict(
            holds=broken is None,
            entries=size,
            signed_up_to=size,
            witnessed_up_to=self.world.witnessed,
            root_hash=hashlib.sha256(str(size).encode()).hexdigest(),
            checked_at=self._clock.now(),
            took_ms=312.0,
            broken_at=broken,
            why="" if broken is None else "The entry differs from what was signed.",
        )

    def sign_checkpoint(self) -> str:
        return f"north-12.example\n{len(self.world.audit)}\n8Qk0rT7dW1yZs5oG2uXbJv4nHc9eLmPqA6\n"

    # contacts, calls, notes
    def save_contact(self, contact: Contact, draft: AuditDraft) -> None:
        self.world.contacts[contact.id] = contact
        for key, call in self.world.calls.items():
            if call.number in contact.numbers:
                self.world.calls[key] = replace(call, contact=contact.id, contact_name=contact.name)
        self.append_audit(draft)

    def contact(self, contact: ContactId) -> Contact:
        if contact not in self.world.contacts:
            raise NotFound("The contact was not found.", "It may have been erased.")
        return self.world.contacts[contact]

    def find_contact(self, number: str) -> Contact | None:
        return next((c for c in self.world.contacts.values() if number in c.numbers), None)

    def contacts(self, text: str, limit: int, offset: int) -> Sequence[Contact]:
        self._trouble()
        found = [c for c in self.world.contacts.values() if _matches(text, c.name, c.company)]
        return sorted(found, key=lambda c: c.name.casefold())[offset : offset + limit]

    def contact_file(self, contact: ContactId, draft: AuditDraft) -> ContactFile:
        self.append_audit(draft)
        calls = tuple(c for c in self.world.calls.values() if c.contact == contact)
        recordings = tuple(
            (r.id, r.started_at, r.audio_ms)
            for r in self.world.recordings.values()
            if r.contact == contact
        )
        accesses = tuple(
            Access(r.entry.time, r.who, r.what, r.entry.result)
            for r in self.world.audit
            if r.entry.object_id == contact
        )
        return ContactFile(
            self.contact(contact), calls, recordings, tuple(self.notes(contact=contact)), accesses
        )

    def add_call(self, entry: HistoryEntry, draft: AuditDraft) -> None:
        if entry.call not in self.world.calls:
            self.world.calls[entry.call] = entry
            self.append_audit(draft)

    def set_wrap_up(self, call: CallId, wrap_up: str, draft: AuditDraft) -> None:
        if call not in self.world.calls:
            raise NotFound("The call was not found.")
        self.world.calls[call] = replace(self.world.calls[call], wrap_up=wrap_up)
        self.append_audit(draft)

    def _history(self, text: str) -> list[HistoryEntry]:
        self._trouble()
        found = [c for c in self.world.calls.values() if _matches(text, c.contact_name, c.number)]
        return sorted(found, key=lambda c: c.started_at, reverse=True)

    def history(self, text: str, limit: int, offset: int) -> Sequence[HistoryEntry]:
        return self._history(text)[offset : offset + limit]

    def history_count(self, text: str) -> int:
        return len(self._history(text))

    def save_note(self, note: Note, draft: AuditDraft) -> None:
        self.world.notes[note.id] = note
        self.append_audit(draft)

    def notes(
        self, *, contact: ContactId | None = None, recording: RecordingId | None = None
    ) -> Sequence[Note]:
        found = [
            n
            for n in self.world.notes.values()
            if (contact and n.contact == contact) or (recording and n.recording == recording)
        ]
        return sorted(found, key=lambda n: (n.at_ms or 0, n.written_at))

    # recordings
    def take_in(self, sealed: SealedRecording, draft: AuditDraft) -> None:
        manifest = sealed.manifest
        if manifest.recording in self.world.recordings:
            return
        contact = self.find_contact(sealed.number)
        agent = self.world.policy.member(sealed.agent)
        self.world.recordings[manifest.recording] = Recording(
            id=manifest.recording,
            call=sealed.call,
            agent=sealed.agent,
            agent_name=agent.name if agent else "",
            team=sealed.team,
            contact=contact.id if contact else None,
            contact_name=contact.name if contact else sealed.number,
            direction=sealed.direction,
            started_at=sealed.started_at,
            audio_ms=manifest.audio_ms,
            gaps=manifest.gaps,
            group=sealed.group,
            codec=manifest.codec,
            complete=manifest.complete,
        )
        self.append_audit(draft)

    def _with_refusal(self, row: Recording) -> Recording:
        decision = decide(
            self.policy,
            self.user.id,
            Permission.RECORDINGS_LISTEN,
            owner=row.agent,
            team=row.team,
        )
        return replace(row, refused=decision.sentence)

    def _recordings(self, wanted: RecordingFilter) -> list[Recording]:
        self._trouble()
        found = [
            r
            for r in self.world.recordings.values()
            if (not wanted.text or _matches(wanted.text, r.contact_name, r.agent_name))
            and (wanted.agent is None or r.agent == wanted.agent)
            and (wanted.contact is None or r.contact == wanted.contact)
            and (wanted.since is None or r.started_at >= wanted.since)
            and (wanted.until is None or r.started_at < wanted.until)
            and r.audio_ms > wanted.longer_than_ms
            and (wanted.reviewed is None or bool(r.reviewed_by) == wanted.reviewed)
        ]
        return sorted(found, key=lambda r: r.started_at, reverse=True)

    def recordings(self, wanted: RecordingFilter, limit: int, offset: int) -> Sequence[Recording]:
        return [self._with_refusal(r) for r in self._recordings(wanted)[offset : offset + limit]]

    def recordings_count(self, wanted: RecordingFilter) -> int:
        return len(self._recordings(wanted))

    def recording(self, recording: RecordingId) -> Recording:
        if recording not in self.world.recordings:
            raise NotFound("The recording was not found.", "It may have been erased.")
        return self._with_refusal(self.world.recordings[recording])

    def open_recording(self, recording: RecordingId, draft: AuditDraft) -> FakeReader:
        row = self.recording(recording)
        group = next((g for g in self.policy.groups if g.id == row.group), None)
        if group is None or self.user.id not in group.members:
            raise Refused("This recording is sealed for others.", "You do not hold its key.")
        self.append_audit(draft)
        return FakeReader(self.world.audio.get(recording, b""))

    def finish_recording(
        self, recording: RecordingId, audio_ms: int, draft: AuditDraft
    ) -> Recording:
        row = self.recording(recording)
        if not row.complete:
            self.world.recordings[recording] = replace(row, complete=True, audio_ms=audio_ms)
            self.append_audit(draft)
        return self.recording(recording)

    def mark_reviewed(self, recording: RecordingId, draft: AuditDraft) -> None:
        row = self.world.recordings[recording]
        self.world.recordings[recording] = replace(
            row, reviewed_by=self.user.name, reviewed_at=self._clock.now()
        )
        self.append_audit(draft)

    # erasure
    def plan_erasure(self, contact: ContactId) -> ErasurePlan:
        world = self.world
        return ErasurePlan(
            contact,
            calls=sum(c.contact == contact for c in world.calls.values()),
            recordings=sum(r.contact == contact for r in world.recordings.values()),
            notes=sum(n.contact == contact for n in world.notes.values()),
            audit_details=sum(r.entry.object_id == contact for r in world.audit),
        )

    def erase_contact(
        self,
        contact: ContactId,
        reason: ErasureReason,
        on_step: Callable[[ErasureStep], None],
    ) -> ErasureReceipt:
        plan = self.plan_erasure(contact)
        world = self.world
        for step in STEP_ORDER:
            on_step(step)
        world.contacts.pop(contact, None)
        world.calls = {k: c for k, c in world.calls.items() if c.contact != contact}
        world.recordings = {k: r for k, r in world.recordings.items() if r.contact != contact}
        world.notes = {k: n for k, n in world.notes.items() if n.contact != contact}
        return self._receipt(
            reason, (("calls", plan.calls), ("notes", plan.notes), ("recordings", plan.recordings))
        )

    def delete_recording(self, recording: RecordingId, draft: AuditDraft) -> ErasureReceipt:
        self.world.recordings.pop(recording)
        self.append_audit(draft)
        return self._receipt(ErasureReason.RECORDING_DELETED, (("recordings", 1),))

    def _receipt(
        self, reason: ErasureReason, counts: tuple[tuple[str, int], ...]
    ) -> ErasureReceipt:
        erasure = ErasureId(new_id())
        entry = self.append_audit(
            AuditDraft(Action.ERASURE_DONE, DataCategory.WHOLE_RECORD, erasure, actor=self.user.id)
        )
        self.world.tombstones.append(
            Tombstone(erasure, self.device, reason, self._clock.now(), counts=counts)
        )
        return ErasureReceipt(
            erasure, self._clock.now(), reason, counts, 0, entry.index, self.sign_checkpoint()
        )

    def replay_erased(self, erased: ErasedBefore) -> bool:
        gone = [r for r in self.world.recordings if r in erased.objects]
        for recording in gone:
            del self.world.recordings[recording]
        return bool(gone)

    def back_up(self, file: Path, draft: AuditDraft) -> BackupMade:
        self.append_audit(draft)
        return BackupMade(len(self.world.recordings), 0, 0)

    def resume_erasures(self) -> int:
        return 0

    def search_remains(self, needles: Sequence[str]) -> int:
        return sum(n in repr(self.world) for n in needles)

    # synchronisation
    @property
    def device(self) -> DeviceId:
        return DeviceId("NORTH-12")

    @property
    def log_key(self) -> str:
        return "north-12.example+00000000+AQ=="

    def enrolment(self) -> Enrolment | None:
        return self.world.enrolment

    def save_enrolment(self, enrolment: Enrolment) -> None:
        self.world.enrolment = enrolment

    def unsent_leaves(self, limit: int) -> LeafBatch | None:
        first = self.world.witnessed
        leaves = tuple(repr(r.entry).encode() for r in self.world.audit[first : first + limit])
        return LeafBatch(first, leaves, self.sign_checkpoint()) if leaves else None

    def confirm_leaves(self, size: int, cosigned: str) -> None:
        self.world.witnessed = max(self.world.witnessed, size)

    def unsent_tombstones(self) -> Sequence[Tombstone]:
        return tuple(t for t in self.world.tombstones if t.erasure not in self.world.applied)

    def confirm_tombstone(self, erasure: ErasureId) -> None:
        self.world.applied.add(erasure)

    def tombstone_cursor(self) -> int:
        return self.world.cursor

    def apply_tombstone(self, tombstone: Tombstone, position: int) -> bool:
        self.world.cursor = max(self.world.cursor, position)
        before = len(self.world.recordings)
        for recording in tombstone.recordings:
            self.world.recordings.pop(recording, None)
        return len(self.world.recordings) != before

    def waiting(self) -> int:
        return len(self.world.audit) - self.world.witnessed + len(self.unsent_tombstones())

    def _trouble(self) -> None:
        if self.world.trouble is not None:
            raise self.world.trouble
