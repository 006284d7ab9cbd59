"""A restored vault goes on as a new device: its log begins with the old entries."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from softphone.domain.audit import Action, AuditFilter
from softphone.domain.audit_bundle import check_bundle
from softphone.domain.handover import parse_handover
from softphone.domain.note import parse_note, parse_verifier_key, verify
from softphone.domain.privacy import ErasureReason
from softphone.domain.tombstone import tombstone_verifies
from softphone.export.bundle import FileBundleWriter, open_bundle
from softphone.vault.crypto import verifies
from tests.integration.test_verify_audit_bundle import check
from tests.unit.vault.rig import SUPERVISOR, Rig, contact, draft
from tests.unit.vault.test_backup import NEW, back_up, file, restored, rig

__all__ = ["file", "rig"]
NUMBER = "+493012345678"


@pytest.fixture
def again(rig: Rig, file: Path, tmp_path: Path) -> Rig:
    """The workstation after its restore; erasures that were not sent are in the backup."""
    vault = rig.open(SUPERVISOR)
    ada = contact("Ada", NUMBER)
    vault.save_contact(ada, draft(vault))
    vault.erase_contact(ada.id, ErasureReason.SUBJECT_REQUEST, lambda _step: None)
    vault.close()
    back_up(rig, file)
    return restored(rig, file, tmp_path / "new")[0]


def test_it_has_another_name_and_key_and_names_the_one_before(rig: Rig, again: Rig):
    before = rig.device()
    vault = again.keeper.unlock(SUPERVISOR.name, NEW)
    assert vault.device != before[0]
    assert vault.log_key != before[1]
    (row,) = vault.audit_rows(AuditFilter(action=Action.LOG_CONTINUED), 9, 0)
    assert (row.entry.device, row.entry.object_id) == (vault.device, before[0])
    checkpoint = parse_note(row.detail["checkpoint"])
    verify(checkpoint, parse_verifier_key(before[1]), verifies)
    # It is the last head that the backup was made under, and the entry stands right behind it.
    assert checkpoint.text.split("\n")[1] == str(row.entry.index)
    (earlier,) = vault.audit_rows(AuditFilter(action=Action.VAULT_CREATED), 9, 0)
    assert earlier.entry.device == before[0]
    earlier_device, log_key = parse_handover(vault.handover)
    assert (earlier_device, log_key) == (before[0], vault.log_key)
    verify(parse_note(vault.handover), parse_verifier_key(before[1]), verifies)
    vault.close()


def test_its_log_holds_and_nothing_of_it_is_confirmed(again: Rig):
    vault = again.keeper.unlock(SUPERVISOR.name, NEW)
    verdict = vault.verify_audit()
    assert (verdict.holds, verdict.why, verdict.witnessed_up_to) == (True, "", 0)
    batch = vault.unsent_leaves(1000)
    assert batch is not None
    assert batch.first == 0
    assert vault.enrolment() is None
    vault.close()


def test_erasures_that_were_not_sent_are_signed_anew(again: Rig):
    vault = again.keeper.unlock(SUPERVISOR.name, NEW)
    (tombstone,) = vault.unsent_tombstones()
    assert tombstone.device == vault.device
    key = parse_verifier_key(vault.log_key).public_key
    assert tombstone_verifies(tombstone, key, verifies)
    vault.close()


def test_its_own_erasures_from_before_are_believed(rig: Rig, file: Path, tmp_path: Path):
    vault = rig.open(SUPERVISOR)
    vault.save_contact(contact("Ada", NUMBER), draft(vault))
    vault.close()
    back_up(rig, file)
    vault = rig.open(SUPERVISOR)
    found = vault.find_contact(NUMBER)
    assert found is not None
    vault.erase_contact(found.id, ErasureReason.SUBJECT_REQUEST, lambda _step: None)
    (tombstone,) = vault.unsent_tombstones()
    vault.close()
    again = restored(rig, file, tmp_path / "new")[0]
    vault = again.keeper.unlock(SUPERVISOR.name, NEW)
    assert vault.apply_tombstone(tombstone, 3)
    assert vault.find_contact(NUMBER) is None
    assert vault.held_back() == 0
    vault.close()


def test_a_stranger_can_check_it_and_a_receipt_from_before_still_counts(
    rig: Rig, again: Rig, tmp_path: Path
):
    vault = rig.open(SUPERVISOR)
    lost = vault.sign_checkpoint()
    first = vault._stores.core.connection.execute(
        "SELECT note FROM checkpoints ORDER BY size LIMIT 1"
    ).fetchone()[0]
    vault.close()
    vault = again.keeper.unlock(SUPERVISOR.name, NEW)
    path = tmp_path / "bundle.zip"
    FileBundleWriter().write(vault.audit_bundle(), path)
    key = vault.log_key
    vault.close()
    with open_bundle(path) as bundle:
        assert check_bundle(bundle, verifies, log_key=key).why == ""
    held, gone = tmp_path / "held.note", tmp_path / "lost.note"
    held.write_text(first, "utf-8")
    gone.write_text(lost, "utf-8")
    assert check(path, "--log-key", key)[0]
    assert check(path, "--log-key", key, "--held", held)[0]
    # What was written after the backup is not in it, and that shows.
    assert not check(path, "--log-key", key, "--held", gone)[0]


def altered(path: Path, old: bytes, new: bytes) -> Path:
    """Return the bundle with bytes of its leaves exchanged."""
    out = path.with_name("altered.zip")
    with zipfile.ZipFile(path) as before, zipfile.ZipFile(out, "w") as after:
        for name in before.namelist():
            body = before.read(name)
            after.writestr(name, body.replace(old, new) if name == "leaves.jsonl" else body)
    return out


def test_another_device_without_a_handover_is_out_of_its_place(again: Rig, tmp_path: Path):
    vault = again.keeper.unlock(SUPERVISOR.name, NEW)
    path = tmp_path / "bundle.zip"
    FileBundleWriter().write(vault.audit_bundle(), path)
    vault.close()
    forged = altered(path, b"log.continued", b"call.ended")
    assert "out of its place" in check(forged)[1]
    with open_bundle(forged) as bundle:
        assert "out of its place" in check_bundle(bundle, verifies).why
