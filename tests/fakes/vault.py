"""A vault in memory: the rules of the port without keys, files or proofs."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from softphone.app.ports import BackupMade, Clock, NewMember, RecordingFilter
from softphone.app.ports.audit_check import AuditCheck
from softphone.app.ports.people import RecoveryDrill
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
from softphone.domain.audit_bundle import AuditBundle, EntryProof
from softphone.domain.call_policy import CallPolicy
from softphone.domain.contact import Access, Contact, ContactFile, HistoryEntry, Note
from softphone.domain.errors import InvalidInput, NotFound, Refused, WrongCredentials
from softphone.domain.ids import (
    CallId,
    ContactId,
    DeviceId,
    ErasureId,
    GroupId,
    NoteId,
    RecordingId,
    UserId,
    new_id,
)
from softphone.domain.merkle import inclusion_proof, leaf_hash
from softphone.domain.permissions import (
    EndorsedDevice,
    Member,
    Permission,
    Policy,
    Role,
    decide,
)
from softphone.domain.privacy import (
    STEP_ORDER,
    ErasedBefore,
    ErasurePlan,
    ErasureReason,
    ErasureReceipt,
    ErasureStep,
    Restriction,
    Tombstone,
)
from softphone.domain.recording import Joined, Recording, SealedRecording, SealTarget
from softphone.domain.roles import with_role, without_role
from softphone.domain.score import ScoreCard
from softphone.domain.workplace import WorkplaceRules
from tests.fakes.contacts_side import FakeContactSide
from tests.fakes.sync_side import FakeSync
from tests.fakes.world import FakeReader, World, matches


class FakeRestrictions:
    """Who is restricted, as the world says."""

    def __init__(self, known: list[Restriction]) -> None:
        self._known = known

    def of_contact(self, contact: ContactId) -> list[Restriction]:
        return [one for one in self._known if one.contact == contact]

    def all(self) -> list[Restriction]:
        return list(self._known)


class _OneStep:
    """A check of the log as it was when it began; it takes a step to look and one to say."""

    def __init__(self, verdict: AuditVerdict) -> None:
        self._verdict = verdict
        self.total = verdict.entries
        self.done = 0

    def step(self) -> AuditVerdict | None:
        if self.done == self.total:
            return self._verdict
        self.done = self.total
        return None


class FakeVault(FakeContactSide, FakeSync):
    """One signed-in person's view of a world."""

    def __init__(self, world: World, name: str, clock: Clock) -> None:
        self.world = world
        self._clock = clock
        self._name = name
        self.closed = False
        self.append_audit(AuditDraft(Action.SIGNED_IN, DataCategory.SIGN_IN, actor=self.user.id))

    @property
    def restrictions(self) -> FakeRestrictions:
        return FakeRestrictions(self.world.restrictions)

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
        if new.one_time:
            self.world.one_time.add(new.name)
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

    @property
    def password_due(self) -> bool:
        return self._name in self.world.one_time

    def _publish_roles(self, roles: tuple[Role, ...], draft: AuditDraft) -> None:
        policy = self.world.policy
        self.world.policy = replace(policy, version=policy.version + 1, roles=roles)
        self.append_audit(draft)

    def save_role(self, role: Role, draft: AuditDraft) -> None:
        self._publish_roles(with_role(self.policy, role, self.user.id), draft)

    def remove_role(self, name: str, draft: AuditDraft) -> None:
        self._publish_roles(without_role(self.policy, name, self.user.id), draft)

    def drill_recovery(self, recovery_key: str, draft: AuditDraft) -> RecoveryDrill:
        if recovery_key != self.world.recovery_key:
            raise WrongCredentials
        self.append_audit(draft)
        return RecoveryDrill(len(self.policy.members), len(self.world.recordings))

    def reset_password(
        self, user: UserId, recovery_key: str, password: str, draft: AuditDraft
    ) -> None:
        if recovery_key != self.world.recovery_key:
            raise WrongCredentials
        member = self._other(user)
        self.world.passwords[member.name] = password
        self.world.one_time.add(member.name)
        self.append_audit(draft)

    def set_call_policy(self, calls: CallPolicy, draft: AuditDraft) -> None:
        policy = self.world.policy
        self.world.policy = replace(policy, version=policy.version + 1, calls=calls)
        self.append_audit(draft)

    def save_score(self, card: ScoreCard, draft: AuditDraft) -> None:
        self.recording(card.recording)
        self.world.scores[(card.recording, card.reviewer)] = card
        self.append_audit(draft)

    def score_cards(self, recording: RecordingId) -> list[ScoreCard]:
        cards = [c for c in self.world.scores.values() if c.recording == recording]
        return sorted(cards, key=lambda c: c.at)

    def set_workplace(self, rules: WorkplaceRules, draft: AuditDraft) -> None:
        policy = self.world.policy
        self.world.policy = replace(policy, version=policy.version + 1, workplace=rules)
        self.append_audit(draft)

    def change_password(self, old: str, new: str, draft: AuditDraft) -> None:
        if self.world.passwords[self._name] != old:
            raise WrongCredentials
        self.world.passwords[self._name] = new
        self.world.one_time.discard(self._name)
        self.append_audit(draft)

    def replace_group_keys(self, draft: AuditDraft) -> int:
        self._publish_members(self.world.policy.members)
        self.append_audit(draft)
        return len({m.team for m in self.world.policy.members if m.role == "supervisor"})

    def rewrap_recordings(self, draft: AuditDraft, limit: int) -> int:
        return 0

    def endorse_device(self, log_key: str, label: str, draft: AuditDraft) -> EndorsedDevice:
        device = DeviceId(log_key.partition("+")[0].partition("/")[2])
        if not device:
            raise InvalidInput("The workstation was not endorsed.", "The key is malformed.")
        endorsed = EndorsedDevice(device, log_key, label)
        self.world.policy = replace(
            self.policy,
            version=self.policy.version + 1,
            devices=(*(d for d in self.policy.devices if d.device != device), endorsed),
        )
        self.append_audit(replace(draft, object_id=device))
        for position, tombstone in list(self.world.held.values()):
            if tombstone.device == device:
                del self.world.held[tombstone.erasure]
                self.apply_tombstone(tombstone, position)
        return endorsed

    def withdraw_device(self, device: DeviceId, draft: AuditDraft) -> None:
        if self.policy.device(device) is None:
            raise NotFound("The workstation is not endorsed.")
        self.world.policy = replace(
            self.policy,
            version=self.policy.version + 1,
            devices=tuple(d for d in self.policy.devices if d.device != device),
        )
        self.append_audit(draft)

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
                and (not wanted.object_id or entry.object_id in self._about(wanted.object_id))
                and (wanted.actor is None or row.who == self._name_of(wanted.actor))
                and (wanted.below is None or entry.index < wanted.below)
                and (wanted.above is None or entry.index >= wanted.above)
                and (not wanted.text or matches(wanted.text, row.who, row.what, row.object_label))
            )
            if keep:
                found.append(replace(row, witnessed=entry.index < self.world.witnessed))
        return found

    def _about(self, name: str) -> set[str]:
        world = self.world
        return {
            name,
            *(r.id for r in world.recordings.values() if r.contact == name),
            *(c.call for c in world.calls.values() if c.contact == name),
            *(n.id for n in world.notes.values() if n.contact == name),
        }

    def _name_of(self, user: UserId) -> str:
        member = self.world.policy.member(user)
        return member.name if member else ""

    def audit_rows(self, wanted: AuditFilter, limit: int, offset: int) -> Sequence[AuditRow]:
        return self._audit(wanted)[offset : offset + limit]

    def audit_count(self, wanted: AuditFilter) -> int:
        return len(self._audit(wanted))

    def rest(self) -> None:
        pass

    def begin_audit_check(self) -> AuditCheck:
        return _OneStep(self.verify_audit())

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

    def audit_bundle(self) -> AuditBundle:
        leaves = tuple(repr(r.entry).encode() for r in self.world.audit)
        return AuditBundle(self.log_key, "", len(leaves), leaves, (self.sign_checkpoint(),))

    def audit_proof(self, index: int) -> EntryProof:
        leaves = [repr(r.entry).encode() for r in self.world.audit]
        if not 0 <= index < len(leaves):
            raise NotFound("The entry does not exist.")
        path = inclusion_proof([leaf_hash(leaf) for leaf in leaves], index)
        return EntryProof(index, leaves[index], path, self.sign_checkpoint(), self.log_key, "")

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
        return next(iter(self.directory.sharing(number)), None)

    def contacts(self, text: str, limit: int, offset: int) -> Sequence[Contact]:
        self._trouble()
        found = [
            c
            for c in self.world.contacts.values()
            if matches(text, c.name, c.company, *c.emails, *c.tags, *c.numbers)
        ]
        return sorted(found, key=lambda c: c.name.casefold())[offset : offset + limit]

    def contact_file(self, contact: ContactId, draft: AuditDraft) -> ContactFile:
        self.append_audit(draft)
        calls = tuple(c for c in self.world.calls.values() if c.contact == contact)
        recordings = tuple(
            (r.id, r.started_at, r.audio_ms)
            for r in map(self._joined, self.world.recordings.values())
            if contact in r.heard
        )
        accesses = tuple(
            Access(r.entry.time, r.who, r.what, r.entry.result)
            for r in self.world.audit
            if r.entry.object_id == contact
        )
        return ContactFile(
            self.contact(contact),
            calls,
            recordings,
            tuple(self.notes(contact=contact)),
            accesses,
            self.consents.history(contact),
            self.informing.of_contact(contact),
            (),
            self.do_not_call.on_lists(self.contact(contact).numbers),
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

    def _history(self, text: str, agents: tuple[UserId, ...] | None) -> list[HistoryEntry]:
        self._trouble()
        found = [
            c
            for c in self.world.calls.values()
            if matches(text, c.contact_name, c.number) and (agents is None or c.agent in agents)
        ]
        return sorted(found, key=lambda c: c.started_at, reverse=True)

    def history(
        self, text: str, limit: int, offset: int, agents: tuple[UserId, ...] | None = None
    ) -> Sequence[HistoryEntry]:
        return self._history(text, agents)[offset : offset + limit]

    def history_count(self, text: str, agents: tuple[UserId, ...] | None = None) -> int:
        return len(self._history(text, agents))

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

    def _joined(self, row: Recording) -> Recording:
        """Fill in who came into it by a transfer."""
        calls = [c for c in self.world.calls.values() if c.recording == row.id]
        joined = [
            Joined(c.contact, c.contact_name or c.number) for c in calls if c.call != row.call
        ]
        return replace(row, joined=tuple(joined))

    def _with_refusal(self, row: Recording) -> Recording:
        row = self._joined(row)
        decision = decide(
            self.policy,
            self.user.id,
            Permission.RECORDINGS_LISTEN,
            owner=row.agent,
            team=row.team,
        )
        # Whoever may not hear it need not know that nobody can.
        keyless = row.keyless and decision.allowed
        return replace(row, refused=row.refused if keyless else decision.sentence, keyless=keyless)

    def _recordings(self, wanted: RecordingFilter) -> list[Recording]:
        self._trouble()
        found = [
            r
            for r in self.world.recordings.values()
            if (not wanted.text or matches(wanted.text, r.contact_name, r.agent_name))
            and (wanted.agent is None or r.agent == wanted.agent)
            and (wanted.agents is None or r.agent in wanted.agents)
            and (not wanted.team or r.team == wanted.team)
            and (not wanted.tag or wanted.tag in r.tags)
            and (wanted.contact is None or wanted.contact in self._joined(r).heard)
            and (wanted.since is None or r.started_at >= wanted.since)
            and (wanted.until is None or r.started_at < wanted.until)
            and r.audio_ms > wanted.longer_than_ms
            and (wanted.reviewed is None or bool(r.reviewed_by) == wanted.reviewed)
        ]
        return sorted(found, key=lambda r: r.started_at, reverse=True)

    def recordings(self, wanted: RecordingFilter, limit: int, offset: int) -> Sequence[Recording]:
        return [self._with_refusal(r) for r in self._recordings(wanted)[offset : offset + limit]]

    def tag_recording(
        self, recording: RecordingId, tags: tuple[str, ...], draft: AuditDraft
    ) -> None:
        self.world.recordings[recording] = replace(self.recording(recording), tags=tags)
        self.append_audit(draft)

    def recording_tags(self) -> list[str]:
        found = {tag for r in self.world.recordings.values() for tag in r.tags}
        return sorted(found, key=str.casefold)

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
        heard = [r.heard for r in map(self._joined, world.recordings.values())]
        return ErasurePlan(
            contact,
            calls=sum(c.contact == contact for c in world.calls.values()),
            recordings=sum(contact in people for people in heard),
            notes=sum(n.contact == contact for n in world.notes.values()),
            audit_details=sum(r.entry.object_id == contact for r in world.audit),
            with_others=sum(contact in people and len(people) > 1 for people in heard),
        )

    def erase_contact(
        self,
        contact: ContactId,
        reason: ErasureReason,
        on_step: Callable[[ErasureStep], None],
        mentions: tuple[NoteId, ...] = (),
    ) -> ErasureReceipt:
        plan = self.plan_erasure(contact)
        world = self.world
        for step in STEP_ORDER:
            on_step(step)
        world.contacts.pop(contact, None)
        world.recordings = {
            k: r for k, r in world.recordings.items() if contact not in self._joined(r).heard
        }
        world.calls = {k: c for k, c in world.calls.items() if c.contact != contact}
        world.notes = {k: n for k, n in world.notes.items() if n.contact != contact}
        world.consents = [c for c in world.consents if c.contact != contact]
        world.informed = [i for i in world.informed if i.contact != contact]
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

    def back_up(
        self, file: Path, draft: AuditDraft, keys: Path | None = None, days: int | None = None
    ) -> BackupMade:
        days = self.policy.workplace.backup_keys_days if days is None else days
        until = self._clock.now() + timedelta(days=days)
        self.append_audit(replace(draft, detail={**draft.detail, "keys_until": until.isoformat()}))
        return BackupMade(len(self.world.recordings), 0, 0, until)

    def resume_erasures(self) -> int:
        return 0

    def search_remains(self, needles: Sequence[str]) -> int:
        return sum(n in repr(self.world) for n in needles)

    def _trouble(self) -> None:
        if self.world.trouble is not None:
            raise self.world.trouble
