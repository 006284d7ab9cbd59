"""What every implementation of ``ports.Vault`` and ``ports.VaultKeeper`` does.

A test class inherits :class:`VaultContract` and gives three fixtures: ``keeper`` (a VaultKeeper of
an empty profile), ``clock`` (the FakeClock it uses) and ``seal`` (``seal(vault, number)`` returns a
SealedRecording as the engine would hand over). Passwords are :data:`PASSWORD`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from softphone.app.ports import NewMember, RecordingFilter, Vault, VaultKeeper
from softphone.app.ports.audit_check import checked
from softphone.domain.account import Account
from softphone.domain.audit import Action, AuditDraft, AuditFilter, DataCategory, Result
from softphone.domain.call import Direction, Disposition
from softphone.domain.contact import Contact, HistoryEntry, Note
from softphone.domain.errors import InvalidInput, NotFound, Refused, WrongCredentials
from softphone.domain.ids import (
    AccountId,
    CallId,
    ContactId,
    DeviceId,
    ErasureId,
    NoteId,
    RecordingId,
    UserId,
    new_id,
)
from softphone.domain.note import VerifierKey
from softphone.domain.privacy import STEP_ORDER, ErasureReason, Tombstone
from softphone.domain.recording import SealedRecording
from softphone.domain.score import Answer, ScoreCard
from softphone.domain.tombstone import sign_tombstone
from softphone.domain.workplace import Question, WorkplaceRules
from softphone.vault.crypto import new_key, public_key, signer
from softphone.vault.policy import anchor_key
from tests.fakes.clock import FakeClock

PASSWORD = "four random words here"
ADMIN = NewMember("Ida Root", PASSWORD, "administrator", "office")
SUPERVISOR = NewMember("Sam Ears", PASSWORD, "supervisor", "sales")
AGENT = NewMember("Ann Agent", PASSWORD, "agent", "sales")
NUMBER = "+493012345678"
OTHER = "+442079460000"
Seal = Callable[[Vault, str], SealedRecording]


def draft(
    vault: Vault, action: Action = Action.CONTACT_SAVED, object_id: str = "", **detail: str
) -> AuditDraft:
    return AuditDraft(action, DataCategory.CONTACT, object_id, actor=vault.user.id, detail=detail)


POLICY_KEY = str(anchor_key(public_key(b"z" * 32)))


class Device:
    """Another workstation's identity."""

    def __init__(self) -> None:
        self.id = DeviceId(new_id())
        self.seed = new_key()
        self.key = VerifierKey(f"softphone/{self.id}", public_key(self.seed))

    def erase(self, clock: FakeClock, recording: RecordingId) -> Tombstone:
        """Return the signed tombstone of a recording."""
        unsigned = Tombstone(
            ErasureId(new_id()),
            self.id,
            ErasureReason.RECORDING_DELETED,
            clock.now(),
            (recording,),
        )
        return sign_tombstone(unsigned, signer(self.seed))


def a_draft(action: Action) -> AuditDraft:
    return AuditDraft(action, DataCategory.RIGHTS)


def a_contact(name: str = "Ada Lovelace", *numbers: str) -> Contact:
    return Contact(ContactId(new_id()), name, numbers or (NUMBER,), company="Engines Ltd")


def a_call(vault: Vault, clock: FakeClock, number: str = NUMBER, minutes: int = 0) -> HistoryEntry:
    return HistoryEntry(
        CallId(new_id()),
        None,
        "",
        number,
        Direction.INCOMING,
        Disposition.ANSWERED,
        vault.user.id,
        vault.user.name,
        clock.now() - timedelta(minutes=minutes),
        61_000,
    )


def a_note(vault: Vault, clock: FakeClock, text: str, **about: object) -> Note:
    member = vault.user
    return Note(NoteId(new_id()), member.id, member.name, clock.now(), text, **about)


class VaultContract:
    @pytest.fixture
    def administrator(self, keeper: VaultKeeper) -> Iterator[Vault]:
        vault, _ = keeper.create(ADMIN, "desk 7")
        vault.add_member(SUPERVISOR, draft(vault, Action.USER_ADDED))
        vault.add_member(AGENT, draft(vault, Action.USER_ADDED))
        yield vault
        vault.close()

    @pytest.fixture
    def sign_in(
        self, administrator: Vault, keeper: VaultKeeper
    ) -> Iterator[Callable[[NewMember], Vault]]:
        administrator.close()
        opened: list[Vault] = []

        def signed_in(member: NewMember) -> Vault:
            if opened:
                opened[-1].close()
            opened.append(keeper.unlock(member.name, member.password))
            return opened[-1]

        yield signed_in
        if opened:
            opened[-1].close()

    @pytest.fixture
    def vault(self, sign_in: Callable[[NewMember], Vault]) -> Vault:
        return sign_in(SUPERVISOR)

    # sign-in

    def test_creating_gives_a_recovery_key_and_signs_the_administrator_in(
        self, keeper: VaultKeeper
    ):
        assert not keeper.exists()
        vault, recovery = keeper.create(ADMIN, "desk 7")
        assert keeper.exists()
        assert vault.user.name == ADMIN.name
        assert vault.policy.member(vault.user.id) == vault.user
        assert recovery
        vault.close()

    def test_wrong_name_and_wrong_password_say_the_same(
        self, administrator: Vault, keeper: VaultKeeper
    ):
        administrator.close()
        with pytest.raises(WrongCredentials) as wrong_name:
            keeper.unlock("Nobody", PASSWORD)
        with pytest.raises(WrongCredentials) as wrong_password:
            keeper.unlock(ADMIN.name, "guess")
        assert str(wrong_name.value) == str(wrong_password.value)

    def test_members_sign_in_with_their_own_role(self, sign_in: Callable[[NewMember], Vault]):
        for member in (SUPERVISOR, AGENT, ADMIN):
            vault = sign_in(member)
            assert (vault.user.name, vault.user.role) == (member.name, member.role)

    def test_names_are_not_offered_in_the_clear(self, administrator: Vault, keeper: VaultKeeper):
        assert isinstance(list(keeper.names()), list)

    # people

    def test_a_password_is_changed_by_whoever_knows_the_old_one(
        self, vault: Vault, keeper: VaultKeeper
    ):
        with pytest.raises(WrongCredentials):
            vault.change_password("guess", "a quite different phrase", draft(vault))
        changed = draft(vault, Action.PASSWORD_CHANGED)
        vault.change_password(PASSWORD, "a quite different phrase", changed)
        assert vault.audit_count(AuditFilter(action=Action.PASSWORD_CHANGED)) == 1
        vault.close()
        with pytest.raises(WrongCredentials):
            keeper.unlock(SUPERVISOR.name, PASSWORD)
        keeper.unlock(SUPERVISOR.name, "a quite different phrase").close()

    def test_a_removed_member_stays_outside(
        self, sign_in: Callable[[NewMember], Vault], keeper: VaultKeeper
    ):
        vault = sign_in(ADMIN)
        version = vault.policy.version
        (sam,) = (m for m in vault.policy.members if m.name == SUPERVISOR.name)
        vault.remove_member(sam.id, draft(vault, Action.USER_REMOVED))
        assert vault.policy.version == version + 1
        assert vault.policy.member(sam.id) is None
        assert vault.audit_count(AuditFilter(action=Action.USER_REMOVED, object_id=sam.id)) == 1
        with pytest.raises(NotFound):
            vault.remove_member(sam.id, draft(vault, Action.USER_REMOVED))
        vault.close()
        with pytest.raises(WrongCredentials):
            keeper.unlock(SUPERVISOR.name, PASSWORD)

    def test_roles_and_teams_are_changed_by_others_only(
        self, sign_in: Callable[[NewMember], Vault]
    ):
        vault = sign_in(ADMIN)
        (ann,) = (m for m in vault.policy.members if m.name == AGENT.name)
        changed = vault.change_member(
            ann.id, "supervisor", "support", draft(vault, Action.USER_CHANGED)
        )
        assert (changed.role, changed.team) == ("supervisor", "support")
        assert vault.policy.member(ann.id) == changed
        for change in (
            lambda: vault.remove_member(vault.user.id, draft(vault)),
            lambda: vault.change_member(vault.user.id, "supervisor", "sales", draft(vault)),
        ):
            with pytest.raises(Refused):
                change()
        assert sign_in(AGENT).user == changed

    # accounts

    def test_accounts_come_back_with_their_passwords(self, vault: Vault):
        account = Account(AccountId(new_id()), "201", "example.org", "sip.example.org")
        vault.save_account(account, "secret", draft(vault))
        vault.save_account(account, "changed", draft(vault))
        assert list(vault.accounts()) == [(account, "changed")]

    def test_the_journal_key_is_one_key(self, vault: Vault):
        assert len(vault.journal_key()) == 32
        assert vault.journal_key() == vault.journal_key()

    # contacts

    def test_a_contact_is_found_by_name_and_number(self, vault: Vault):
        ada, bob = a_contact(), a_contact("Bob Other", OTHER)
        for contact in (bob, ada):
            vault.save_contact(contact, draft(vault))
        assert vault.contact(ada.id) == ada
        assert vault.find_contact(NUMBER) == ada
        assert vault.find_contact("+15550000000") is None
        assert [c.name for c in vault.contacts("", 10, 0)] == ["Ada Lovelace", "Bob Other"]
        assert list(vault.contacts("love", 10, 0)) == [ada]
        assert list(vault.contacts("", 1, 1)) == [bob]

    def test_saving_again_replaces(self, vault: Vault):
        ada = a_contact()
        vault.save_contact(ada, draft(vault))
        married = replace(ada, name="Ada King", numbers=(OTHER,))
        vault.save_contact(married, draft(vault))
        assert vault.contact(ada.id) == married
        assert vault.find_contact(NUMBER) is None
        assert list(vault.contacts("lovelace", 10, 0)) == []

    def test_an_unknown_contact_is_not_found(self, vault: Vault):
        with pytest.raises(NotFound):
            vault.contact(ContactId(new_id()))

    # calls and notes

    def test_history_is_newest_first_in_pages(self, vault: Vault, clock: FakeClock):
        calls = [a_call(vault, clock, minutes=n) for n in range(5)]
        for entry in calls:
            vault.add_call(entry, draft(vault, Action.CALL_ENDED))
        assert [e.call for e in vault.history("", 2, 1)] == [calls[1].call, calls[2].call]
        assert vault.history_count("") == 5

    def test_the_same_call_twice_changes_nothing(self, vault: Vault, clock: FakeClock):
        entry = a_call(vault, clock)
        vault.add_call(entry, draft(vault, Action.CALL_ENDED))
        before = vault.audit_count(AuditFilter())
        vault.add_call(replace(entry, talk_ms=1), draft(vault, Action.CALL_ENDED))
        assert [e.talk_ms for e in vault.history("", 9, 0)] == [61_000]
        assert vault.audit_count(AuditFilter()) == before

    def test_calls_are_linked_to_contacts_saved_before_and_after(
        self, vault: Vault, clock: FakeClock
    ):
        first = a_call(vault, clock, minutes=1)
        vault.add_call(first, draft(vault, Action.CALL_ENDED))
        ada = a_contact()
        vault.save_contact(ada, draft(vault))
        vault.add_call(a_call(vault, clock), draft(vault, Action.CALL_ENDED))
        assert {e.contact for e in vault.history("", 9, 0)} == {ada.id}
        assert vault.history_count("lovel") == 2
        assert vault.history_count("nobody") == 0

    def test_history_is_searched_by_number(self, vault: Vault, clock: FakeClock):
        vault.add_call(a_call(vault, clock), draft(vault, Action.CALL_ENDED))
        vault.add_call(a_call(vault, clock, OTHER), draft(vault, Action.CALL_ENDED))
        assert [e.number for e in vault.history("+49301", 9, 0)] == [NUMBER]

    def test_history_of_some_agents_only(self, vault: Vault, clock: FakeClock):
        mine, yours = UserId(new_id()), UserId(new_id())
        for minutes, agent in enumerate((mine, yours, mine)):
            entry = replace(a_call(vault, clock, minutes=minutes), agent=agent)
            vault.add_call(entry, draft(vault, Action.CALL_ENDED))
        for agents, count in (((mine,), 2), ((yours,), 1), ((mine, yours), 3), ((), 0), (None, 3)):
            rows = vault.history("", 9, 0, agents)
            assert len(rows) == vault.history_count("", agents) == count
            assert {r.agent for r in rows} <= set(agents if agents is not None else (mine, yours))
            assert vault.history_count("+49", agents) == len(vault.history("+49", 9, 0, agents))

    def test_wrap_up_and_notes(self, vault: Vault, clock: FakeClock):
        ada = a_contact()
        vault.save_contact(ada, draft(vault))
        entry = a_call(vault, clock)
        vault.add_call(entry, draft(vault, Action.CALL_ENDED))
        vault.set_wrap_up(entry.call, "Invoice", draft(vault, Action.NOTE_SAVED))
        note = a_note(vault, clock, "Rings back", contact=ada.id)
        vault.save_note(note, draft(vault, Action.NOTE_SAVED))
        vault.save_note(replace(note, text="Rang back"), draft(vault, Action.NOTE_SAVED))
        assert [e.wrap_up for e in vault.history("", 9, 0)] == ["Invoice"]
        assert [n.text for n in vault.notes(contact=ada.id)] == ["Rang back"]

    # recordings

    @pytest.fixture
    def recorded(self, sign_in: Callable[[NewMember], Vault], seal: Seal) -> SealedRecording:
        agent = sign_in(AGENT)
        sealed = seal(agent, NUMBER)
        agent.take_in(sealed, draft(agent, Action.RECORDING_SEALED, sealed.manifest.recording))
        return sealed

    def test_taking_in_twice_changes_nothing(
        self, recorded: SealedRecording, sign_in: Callable[[NewMember], Vault]
    ):
        vault = sign_in(AGENT)
        before = vault.audit_count(AuditFilter())
        vault.take_in(recorded, draft(vault, Action.RECORDING_SEALED))
        assert vault.recordings_count(RecordingFilter()) == 1
        assert vault.audit_count(AuditFilter()) == before

    def test_finishing_a_whole_recording_changes_nothing(
        self, recorded: SealedRecording, sign_in: Callable[[NewMember], Vault]
    ):
        vault = sign_in(SUPERVISOR)
        recording = recorded.manifest.recording
        before = vault.recording(recording), vault.audit_count(AuditFilter())
        row = vault.finish_recording(recording, 1, draft(vault, Action.RECORDING_CLOSED))
        assert (row, vault.audit_count(AuditFilter())) == before

    def test_the_agent_cannot_hear_what_they_recorded(
        self, recorded: SealedRecording, sign_in: Callable[[NewMember], Vault]
    ):
        vault = sign_in(AGENT)
        (row,) = vault.recordings(RecordingFilter(), 9, 0)
        assert row.refused
        with pytest.raises(Refused):
            vault.open_recording(row.id, draft(vault, Action.RECORDING_LISTENED, row.id))

    def test_the_supervisor_of_the_team_hears_it(
        self, recorded: SealedRecording, sign_in: Callable[[NewMember], Vault]
    ):
        vault = sign_in(SUPERVISOR)
        (row,) = vault.recordings(RecordingFilter(), 9, 0)
        assert row.refused == ""
        assert (row.agent_name, row.audio_ms) == (AGENT.name, recorded.manifest.audio_ms)
        reader = vault.open_recording(row.id, draft(vault, Action.RECORDING_LISTENED, row.id))
        assert reader.size > 0
        assert reader.problem == ""
        assert len(reader.read_at(0, 10)) == 10
        reader.close()
        (entry,) = vault.audit_rows(AuditFilter(action=Action.RECORDING_LISTENED), 9, 0)
        assert (entry.who, entry.entry.object_id) == (SUPERVISOR.name, row.id)

    def test_reviewing_is_noted(
        self, recorded: SealedRecording, sign_in: Callable[[NewMember], Vault]
    ):
        vault = sign_in(SUPERVISOR)
        recording = recorded.manifest.recording
        vault.mark_reviewed(recording, draft(vault, Action.RECORDING_REVIEWED, recording))
        assert vault.recording(recording).reviewed_by == SUPERVISOR.name
        assert vault.recordings_count(RecordingFilter(reviewed=True)) == 1
        assert vault.recordings_count(RecordingFilter(reviewed=False)) == 0

    def test_tags_are_replaced_listed_and_filtered_by(
        self, recorded: SealedRecording, sign_in: Callable[[NewMember], Vault]
    ):
        vault = sign_in(SUPERVISOR)
        recording = recorded.manifest.recording
        tagged = draft(vault, Action.RECORDING_TAGGED, recording)
        vault.tag_recording(recording, ("upset", "Order"), tagged)
        assert vault.recording(recording).tags == ("upset", "Order")
        assert list(vault.recording_tags()) == ["Order", "upset"]
        assert vault.recordings_count(RecordingFilter(tag="upset")) == 1
        assert vault.recordings_count(RecordingFilter(tag="ups")) == 0
        vault.tag_recording(recording, (), tagged)
        assert list(vault.recording_tags()) == []
        with pytest.raises(NotFound):
            vault.tag_recording(RecordingId("none"), (), tagged)

    def test_filters_of_recordings(
        self, recorded: SealedRecording, sign_in: Callable[[NewMember], Vault], clock: FakeClock
    ):
        vault = sign_in(SUPERVISOR)
        ada = a_contact()
        vault.save_contact(ada, draft(vault))
        count = vault.recordings_count
        assert count(RecordingFilter(contact=ada.id, agent=recorded.agent)) == 1
        assert count(RecordingFilter(text="lovel")) == 1
        assert count(RecordingFilter(text="nobody")) == 0
        assert count(RecordingFilter(team=recorded.team)) == 1
        assert count(RecordingFilter(team="another")) == 0
        assert count(RecordingFilter(longer_than_ms=10**9)) == 0
        assert count(RecordingFilter(since=recorded.started_at)) == 1
        assert count(RecordingFilter(until=recorded.started_at)) == 0

    def test_deleting_a_recording(
        self, recorded: SealedRecording, sign_in: Callable[[NewMember], Vault]
    ):
        vault = sign_in(SUPERVISOR)
        recording = recorded.manifest.recording
        receipt = vault.delete_recording(
            recording, draft(vault, Action.RECORDING_DELETED, recording)
        )
        assert receipt.reason is ErasureReason.RECORDING_DELETED
        with pytest.raises(NotFound):
            vault.recording(recording)
        assert [t.recordings for t in vault.unsent_tombstones()] == [(recording,)]
        vault.take_in(recorded, draft(vault, Action.RECORDING_SEALED))
        assert vault.recordings_count(RecordingFilter()) == 0

    # audit

    def test_every_deed_is_in_the_log_newest_first(self, vault: Vault):
        ada = a_contact()
        vault.save_contact(ada, draft(vault, Action.CONTACT_SAVED, ada.id, why="met"))
        (row,) = vault.audit_rows(AuditFilter(object_id=ada.id), 9, 0)
        assert (row.who, row.object_label, row.detail) == (
            SUPERVISOR.name,
            "Ada Lovelace",
            {"why": "met"},
        )
        assert SUPERVISOR.name not in row.entry.actor
        newest, older = vault.audit_rows(AuditFilter(), 2, 0)
        assert newest.entry.index == older.entry.index + 1

    def test_the_log_is_filtered(self, vault: Vault):
        refused = AuditDraft(
            Action.CONTACT_EXPORTED, DataCategory.WHOLE_RECORD, "", Result.REFUSED, vault.user.id
        )
        entry = vault.append_audit(refused)
        for wanted in (
            AuditFilter(result=Result.REFUSED),
            AuditFilter(action=Action.CONTACT_EXPORTED),
            AuditFilter(category=DataCategory.WHOLE_RECORD),
            AuditFilter(text="excel"),
        ):
            assert [r.entry for r in vault.audit_rows(wanted, 9, 0)] == [entry]
            assert vault.audit_count(wanted) == 1

    def test_nothing_is_lost_at_rest(self, vault: Vault):
        before = vault.audit_count(AuditFilter())
        vault.rest()
        assert vault.audit_count(AuditFilter()) == before

    def test_an_untouched_log_holds(self, vault: Vault):
        vault.sign_checkpoint()
        verdict = vault.verify_audit()
        assert verdict.holds
        assert verdict.entries == vault.audit_count(AuditFilter()) > 0

    def test_a_check_is_about_the_log_as_it_was_when_it_began(self, vault: Vault):
        check = vault.begin_audit_check()
        total = check.total
        vault.append_audit(draft(vault, Action.CONTACT_READ))
        verdict = checked(check)
        assert verdict.holds
        assert verdict.entries == total == check.done

    def test_signing_an_unchanged_log_gives_the_same_note(self, vault: Vault):
        assert vault.sign_checkpoint() == vault.sign_checkpoint()

    # erasure

    def test_a_contact_file_holds_everything(
        self,
        recorded: SealedRecording,
        sign_in: Callable[[NewMember], Vault],
        clock: FakeClock,
    ):
        vault = sign_in(SUPERVISOR)
        ada = a_contact()
        vault.save_contact(ada, draft(vault, Action.CONTACT_SAVED, ada.id))
        vault.add_call(a_call(vault, clock), draft(vault, Action.CALL_ENDED))
        vault.save_note(a_note(vault, clock, "Likes tea", contact=ada.id), draft(vault))
        file = vault.contact_file(ada.id, draft(vault, Action.CONTACT_EXPORTED, ada.id))
        assert (file.contact, len(file.calls)) == (ada, 1)
        assert [r[0] for r in file.recordings] == [recorded.manifest.recording]
        assert [n.text for n in file.notes] == ["Likes tea"]
        assert SUPERVISOR.name in {access.who for access in file.accesses}

    def test_erasing_a_person_leaves_others_alone(
        self,
        recorded: SealedRecording,
        sign_in: Callable[[NewMember], Vault],
        clock: FakeClock,
    ):
        vault = sign_in(SUPERVISOR)
        ada, bob = a_contact(), a_contact("Bob Other", OTHER)
        for contact in (ada, bob):
            vault.save_contact(contact, draft(vault))
        for number in (NUMBER, OTHER):
            vault.add_call(a_call(vault, clock, number), draft(vault, Action.CALL_ENDED))
        vault.save_note(a_note(vault, clock, "Likes tea", contact=ada.id), draft(vault))
        plan = vault.plan_erasure(ada.id)
        assert (plan.calls, plan.recordings, plan.notes) == (1, 1, 1)
        steps = []
        receipt = vault.erase_contact(ada.id, ErasureReason.SUBJECT_REQUEST, steps.append)
        assert tuple(steps) == STEP_ORDER
        assert receipt.remains_found == 0
        assert dict(receipt.counts)["calls"] == 1
        with pytest.raises(NotFound):
            vault.contact(ada.id)
        assert [e.number for e in vault.history("", 9, 0)] == [OTHER]
        assert vault.recordings_count(RecordingFilter()) == 0
        assert vault.search_remains(["Ada Lovelace", NUMBER, "Likes tea"]) == 0
        assert vault.find_contact(OTHER) == bob
        assert vault.verify_audit().holds

    def test_who_came_into_a_recording_by_a_transfer_has_the_rights_of_the_first(
        self,
        recorded: SealedRecording,
        sign_in: Callable[[NewMember], Vault],
        clock: FakeClock,
    ):
        """The recording of a transferred call goes on: both voices are in it (GDPR Art. 15, 17)."""
        vault = sign_in(SUPERVISOR)
        ada, bob = a_contact(), a_contact("Bob Other", OTHER)
        for contact in (ada, bob):
            vault.save_contact(contact, draft(vault))
        recording = recorded.manifest.recording
        for number, call in ((NUMBER, recorded.call), (OTHER, CallId("call-after-transfer"))):
            took_part = replace(a_call(vault, clock, number), call=call, recording=recording)
            vault.add_call(took_part, draft(vault, Action.CALL_ENDED))
        [row] = vault.recordings(RecordingFilter(contact=bob.id), 9, 0)
        assert (row.contact_name, [j.name for j in row.joined]) == ("Ada Lovelace", ["Bob Other"])
        assert row.heard == (ada.id, bob.id)
        file = vault.contact_file(bob.id, draft(vault, Action.CONTACT_EXPORTED, bob.id))
        assert [r[0] for r in file.recordings] == [recording]
        plan = vault.plan_erasure(bob.id)
        assert (plan.calls, plan.recordings, plan.with_others) == (1, 1, 1)
        vault.erase_contact(bob.id, ErasureReason.SUBJECT_REQUEST, lambda _step: None)
        with pytest.raises(NotFound):
            vault.recording(recording)
        assert [e.number for e in vault.history("", 9, 0)] == [NUMBER]
        assert vault.contact(ada.id) == ada

    def test_an_erased_contact_does_not_come_back(self, vault: Vault):
        ada = a_contact()
        vault.save_contact(ada, draft(vault))
        vault.erase_contact(ada.id, ErasureReason.SUBJECT_REQUEST, lambda _step: None)
        with pytest.raises(NotFound):
            vault.save_contact(ada, draft(vault))

    def test_nothing_is_left_to_resume(self, vault: Vault):
        assert vault.resume_erasures() == 0

    # synchronisation

    def test_leaves_wait_in_order(self, vault: Vault):
        batch = vault.unsent_leaves(3)
        assert batch is not None
        assert (batch.first, len(batch.leaves)) == (0, 3)
        assert vault.waiting() >= 3
        assert vault.enrolment() is None

    def test_a_foreign_tombstone_is_carried_out_once(
        self,
        recorded: SealedRecording,
        sign_in: Callable[[NewMember], Vault],
        clock: FakeClock,
    ):
        other = Device()
        sign_in(ADMIN).endorse_device(str(other.key), "desk 8", a_draft(Action.DEVICE_ENDORSED))
        vault = sign_in(SUPERVISOR)
        recording = recorded.manifest.recording
        tombstone = other.erase(clock, recording)
        assert vault.tombstone_cursor() == 0
        assert vault.apply_tombstone(tombstone, 4)
        assert vault.recordings_count(RecordingFilter()) == 0
        assert vault.tombstone_cursor() == 4
        assert not vault.apply_tombstone(tombstone, 4)
        assert list(vault.unsent_tombstones()) == []

    def test_an_erasure_of_an_unknown_device_waits_until_it_is_endorsed(
        self,
        recorded: SealedRecording,
        sign_in: Callable[[NewMember], Vault],
        clock: FakeClock,
    ):
        vault = sign_in(ADMIN)
        other = Device()
        tombstone = other.erase(clock, recorded.manifest.recording)
        assert not vault.apply_tombstone(tombstone, 4)
        assert not vault.apply_tombstone(tombstone, 4)
        assert vault.recordings_count(RecordingFilter()) == 1
        assert (vault.held_back(), vault.tombstone_cursor(), vault.tombstones_done()) == (1, 4, 3)
        endorsed = vault.endorse_device(str(other.key), "desk 8", a_draft(Action.DEVICE_ENDORSED))
        assert vault.policy.devices == (endorsed,)
        assert (endorsed.device, endorsed.label) == (other.id, "desk 8")
        assert vault.recordings_count(RecordingFilter()) == 0
        assert (vault.held_back(), vault.tombstones_done()) == (0, 4)
        vault.withdraw_device(other.id, a_draft(Action.DEVICE_WITHDRAWN))
        assert vault.policy.devices == ()
        with pytest.raises(NotFound):
            vault.withdraw_device(other.id, a_draft(Action.DEVICE_WITHDRAWN))
        assert not vault.apply_tombstone(other.erase(clock, RecordingId(new_id())), 5)
        assert vault.held_back() == 1
        with pytest.raises(InvalidInput):
            vault.endorse_device("no key", "", a_draft(Action.DEVICE_ENDORSED))

    def test_whose_policy_holds_is_an_administrators_choice(
        self, sign_in: Callable[[NewMember], Vault]
    ):
        vault = sign_in(ADMIN)
        assert (vault.fleet_state().publishes, vault.fleet_state().follows) == (False, "")
        assert vault.policy_etag() is None
        with pytest.raises(InvalidInput):
            vault.follow_policy("no key", a_draft(Action.POLICY_FOLLOWED))
        vault.follow_policy(POLICY_KEY, a_draft(Action.POLICY_FOLLOWED))
        assert vault.fleet_state().follows == (POLICY_KEY)
        assert vault.policy.follows == (POLICY_KEY)
        assert vault.policy_etag() == ""
        vault.follow_policy("", a_draft(Action.POLICY_FOLLOWED))
        assert vault.policy_etag() is None
        vault.publish_to_fleet(a_draft(Action.POLICY_FOLLOWED))
        assert vault.fleet_state().publishes
        chosen = AuditFilter(action=Action.POLICY_FOLLOWED)
        assert vault.audit_count(chosen) == 3

    def test_rules_of_the_workplace_are_part_of_the_policy(
        self, sign_in: Callable[[NewMember], Vault]
    ):
        vault = sign_in(ADMIN)
        assert vault.policy.workplace == WorkplaceRules()
        rules = WorkplaceRules(5, (Question("Was it solved?", 1),))
        before = vault.policy.version
        vault.set_workplace(rules, a_draft(Action.WORKPLACE_CHANGED))
        assert (vault.policy.workplace, vault.policy.version) == (rules, before + 1)
        assert vault.audit_count(AuditFilter(action=Action.WORKPLACE_CHANGED)) == 1

    def test_a_reviewers_card_takes_the_place_of_their_earlier_one(
        self,
        recorded: SealedRecording,
        sign_in: Callable[[NewMember], Vault],
        clock: FakeClock,
    ):
        vault, recording = sign_in(SUPERVISOR), recorded.manifest.recording
        for points in (1, 4):
            answers = (Answer("Was it solved?", points, 5),)
            card = ScoreCard(recording, vault.user.id, vault.user.name, clock.now(), answers)
            vault.save_score(card, a_draft(Action.RECORDING_SCORED))
        other = ScoreCard(recording, UserId("z"), "Zoe", clock.now(), ())
        vault.save_score(other, a_draft(Action.RECORDING_SCORED))
        assert list(vault.score_cards(recording)) == [card, other]
        assert vault.score_cards(RecordingId(new_id())) == []
        lost = ScoreCard(RecordingId(new_id()), vault.user.id, "", clock.now(), ())
        with pytest.raises(NotFound):
            vault.save_score(lost, a_draft(Action.RECORDING_SCORED))
        vault.delete_recording(recording, a_draft(Action.RECORDING_DELETED))
        assert vault.score_cards(recording) == []

    def test_own_tombstones_wait_until_confirmed(self, vault: Vault):
        ada = a_contact()
        vault.save_contact(ada, draft(vault))
        receipt = vault.erase_contact(ada.id, ErasureReason.SUBJECT_REQUEST, lambda _step: None)
        (tombstone,) = vault.unsent_tombstones()
        assert (tombstone.erasure, tombstone.device) == (receipt.erasure, vault.device)
        assert len(tombstone.subjects) == 1
        vault.confirm_tombstone(tombstone.erasure)
        assert list(vault.unsent_tombstones()) == []
