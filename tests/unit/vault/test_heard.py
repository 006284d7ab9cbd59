"""Who came into a recording by a transfer: found, erased everywhere, also while it is sealed."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from softphone.app.ports import RecordingFilter, Vault
from softphone.domain.audit import Action, AuditFilter
from softphone.domain.errors import NotFound, Refused
from softphone.domain.ids import CallId, RecordingId, new_id
from softphone.domain.privacy import ErasureReason, Restriction, RestrictionKind
from softphone.domain.recording import SealedRecording
from softphone.domain.tombstone import sign_tombstone
from softphone.vault.crypto import signer
from softphone.vault.subjects import Subjects
from tests.contract.vault_contract import Device
from tests.unit.vault.rig import SUPERVISOR, Rig, call, contact, draft
from tests.unit.vault.test_packages import Pair
from tests.unit.vault.test_restrictions import OFFICER

ADA, BOB = "+493012345678", "+4930555999888"


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    made = Rig(tmp_path)
    made.create(SUPERVISOR, OFFICER)
    return made


def keep_call(
    vault: Vault, number: str, at: datetime, sealed: RecordingId, name: str = "", call_id: str = ""
) -> None:
    """Keep a call that went on in a recording."""
    entry = replace(call(vault, number, at, contact_name=name), recording=sealed)
    entry = replace(entry, call=CallId(call_id or entry.call))
    vault.add_call(entry, draft(vault, Action.CALL_ENDED, object_id=entry.call))


def take_in(rig: Rig, vault: Vault, sealed: SealedRecording) -> None:
    vault.take_in(
        sealed, draft(vault, Action.RECORDING_SEALED, object_id=sealed.manifest.recording)
    )


def found(vault: Vault, text: str) -> int:
    return len(vault.recordings(RecordingFilter(text=text), 9, 0))


def entries(vault: Vault, action: Action) -> list[tuple[str, str]]:
    rows = vault.audit_rows(AuditFilter(action=action), 9, 0)
    return [(row.entry.result, row.entry.object_id) for row in rows]


def transferred(rig: Rig, vault: Vault) -> SealedRecording:
    """A call with Ada that went on with Bob; only Ada's is kept yet."""
    sealed = rig.seal(vault, ADA, call_id=CallId(new_id()))
    keep_call(vault, ADA, rig.clock.now(), sealed.manifest.recording, call_id=sealed.call)
    return sealed


def erase(rig: Rig, vault: Vault, number: str) -> None:
    person = contact("Somebody", number)
    vault.save_contact(person, draft(vault, Action.CONTACT_SAVED))
    rig.clock.advance(seconds=1)
    vault.erase_contact(person.id, ErasureReason.SUBJECT_REQUEST, lambda _step: None)


@pytest.mark.parametrize("first", ["call", "recording"])
def test_a_recording_is_found_by_everybody_in_it(rig: Rig, vault: Vault, first: str):
    sealed = transferred(rig, vault)
    if first == "recording":
        take_in(rig, vault, sealed)
    keep_call(vault, BOB, rig.clock.now(), sealed.manifest.recording, "Bob Shown")
    if first == "call":
        take_in(rig, vault, sealed)
    assert (found(vault, "555999"), found(vault, "Shown"), found(vault, "12345678")) == (1, 1, 1)
    person = contact("Bob Saved", BOB)
    vault.save_contact(person, draft(vault, Action.CONTACT_SAVED))
    assert (found(vault, "Saved"), found(vault, "Shown")) == (1, 0)
    vault.save_contact(replace(person, name="Bob Renamed"), draft(vault, Action.CONTACT_SAVED))
    assert (found(vault, "Renamed"), found(vault, "Saved")) == (1, 0)


def test_who_was_erased_during_the_call_is_not_in_a_recording_sealed_later(rig: Rig, vault: Vault):
    sealed = transferred(rig, vault)
    started = rig.clock.now()
    erase(rig, vault, BOB)
    keep_call(vault, BOB, started, sealed.manifest.recording)
    take_in(rig, vault, sealed)
    assert vault.recordings_count(RecordingFilter()) == 0
    assert not list(rig.profile.recordings.rglob("*.pay"))
    assert entries(vault, Action.RECORDING_DROPPED) == [("done", sealed.manifest.recording)]
    assert entries(vault, Action.RECORDING_SEALED) == []


def test_nor_in_one_that_was_sealed_before_their_call_was_kept(rig: Rig, vault: Vault):
    sealed = transferred(rig, vault)
    take_in(rig, vault, sealed)
    started = rig.clock.now()
    erase(rig, vault, BOB)
    keep_call(vault, BOB, started, sealed.manifest.recording)
    assert vault.recordings_count(RecordingFilter()) == 0
    assert not list(rig.profile.recordings.rglob("*.pay"))
    assert entries(vault, Action.RECORDING_DELETED) == [("done", sealed.manifest.recording)]
    assert vault.verify_audit().holds


def test_a_legal_hold_on_the_other_one_keeps_it(rig: Rig, vault: Vault):
    ada = contact("Ada Held", ADA)
    vault.save_contact(ada, draft(vault, Action.CONTACT_SAVED))
    sealed = transferred(rig, vault)
    started = rig.clock.now()
    erase(rig, vault, BOB)
    held = Restriction(ada.id, RestrictionKind.HELD, rig.clock.now(), "Dora", "a law suit")
    vault.restrictions.restrict(held, draft(vault, Action.PERSON_RESTRICTED))
    keep_call(vault, BOB, started, sealed.manifest.recording)
    take_in(rig, vault, sealed)
    assert vault.recordings_count(RecordingFilter()) == 1
    assert entries(vault, Action.RECORDING_DROPPED) == [("refused", sealed.manifest.recording)]


@pytest.fixture
def pair(tmp_path: Path) -> Pair:
    made = Pair(tmp_path)

    def join(_h, vault: Vault):
        keep_call(vault, BOB, made.agent.clock.now(), made.recording)

    made.at(made.agent, join)
    return made


def test_at_another_workstation_everybody_in_it_is_known(pair: Pair):
    pair.hand_over()

    def look(_h, vault: Vault):
        bob = contact("Bob Saved", BOB)
        [row] = vault.recordings(RecordingFilter(text="555999"), 9, 0)
        assert [(one.contact, one.name) for one in row.joined] == [(None, "+49 30 555999888")]
        vault.save_contact(bob, draft(vault, Action.CONTACT_SAVED))
        [row] = vault.recordings(RecordingFilter(text="Saved", contact=bob.id), 9, 0)
        assert [(one.contact, one.name) for one in row.joined] == [(bob.id, "Bob Saved")]
        plan = vault.plan_erasure(bob.id)
        assert (plan.calls, plan.recordings, plan.with_others) == (0, 1, 0)
        receipt = vault.erase_contact(bob.id, ErasureReason.SUBJECT_REQUEST, lambda _step: None)
        assert receipt.remains_found == 0
        with pytest.raises(NotFound):
            vault.recording(pair.recording)

    pair.at(pair.supervisor, look)


def test_a_tombstone_reaches_who_is_known_by_a_package_only(pair: Pair):
    """Bob is erased at a third workstation, which never had the recording."""
    pair.hand_over()
    other = Device()
    pair.supervisor.endorse(str(other.key))

    def apply(_h, vault: Vault):
        tombstone = replace(
            other.erase(pair.supervisor.clock, pair.recording),
            recordings=(),
            subjects=(Subjects(vault._stores.core).pseudonym(BOB),),
            signature="",
        )
        assert vault.apply_tombstone(sign_tombstone(tombstone, signer(other.seed)), 5)
        with pytest.raises(NotFound):
            vault.recording(pair.recording)
        assert vault.search_remains((BOB, BOB[1:])) == 0

    pair.at(pair.supervisor, apply)


def test_who_was_erased_there_does_not_come_in_by_a_package(pair: Pair):
    pair.address()
    pair.give()
    pair.at(pair.supervisor, lambda _h, vault: erase(pair.supervisor, vault, BOB))
    with pytest.raises(Refused, match="a person in it, was erased"):
        pair.receive()
    assert not list(pair.supervisor.profile.recordings.rglob("*.pay"))


def test_a_package_with_one_person_is_as_it_always_was(tmp_path: Path):
    """Older programs refuse what they do not know; they have to know what is usual."""
    pair = Pair(tmp_path)
    pair.hand_over()
    assert pair.heard(pair.supervisor)
    assert pair.at(pair.supervisor, lambda _h, v: v.recording(pair.recording).joined) == ()
