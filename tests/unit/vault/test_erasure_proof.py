from __future__ import annotations

import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from softphone.app.ports import Vault
from softphone.domain.audit import Action
from softphone.domain.errors import NotFound, ProofInvalid
from softphone.domain.privacy import ErasureProof, ErasureReason
from softphone.domain.receipt import ReadReceipt, parse_receipt, receipt_json
from tests.unit.vault.rig import SUPERVISOR, Rig, call, contact, draft

WORDS = ("Ada Lovelace", "+493012345678")


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    made = Rig(tmp_path / "profile")
    made.create(SUPERVISOR)
    return made


@pytest.fixture
def vault(rig: Rig) -> Iterator[Vault]:
    opened = rig.open(SUPERVISOR)
    yield opened
    opened.close()


@pytest.fixture
def read(rig: Rig, vault: Vault) -> ReadReceipt:
    ada = contact(*WORDS)
    vault.save_contact(ada, draft(vault))
    vault.add_call(call(vault, WORDS[1], rig.clock.now()), draft(vault, Action.CALL_ENDED))
    vault.take_in(rig.seal(vault, WORDS[1]), draft(vault))
    receipt = vault.erase_contact(ada.id, ErasureReason.SUBJECT_REQUEST, lambda _step: None)
    return parse_receipt(receipt_json(receipt, vault.log_key))


def prove(vault: Vault, read: ReadReceipt, *folders: Path) -> ErasureProof:
    return vault.prove_erased(read, WORDS, folders, draft(vault, Action.REMAINS_SEARCHED))


def test_an_erasure_is_proved(vault: Vault, read: ReadReceipt):
    proof = prove(vault, read)
    assert proof.holds
    assert (proof.rows_left, proof.remains, proof.words_searched) == (0, 0, 2)


def test_it_goes_on_holding_when_the_log_grows(vault: Vault, read: ReadReceipt):
    for _ in range(70):
        vault.append_audit(draft(vault))
    assert prove(vault, read).holds


def test_what_came_back_is_found(vault: Vault, read: ReadReceipt):
    vault.save_contact(contact(*WORDS), draft(vault))
    proof = prove(vault, read)
    assert not proof.holds
    assert proof.remains > 0


def test_exports_are_named_and_left_alone(vault: Vault, read: ReadReceipt, tmp_path: Path):
    exports = tmp_path / "exports"
    exports.mkdir()
    (exports / "letter.txt").write_text("Dear Ada Lovelace", "utf-8")
    (exports / "other.txt").write_text("Dear Bob", "utf-8")
    with zipfile.ZipFile(exports / "book.xlsx", "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("sheet.xml", "<t>Ada Lovelace</t>" * 50)
    proof = prove(vault, read, exports)
    assert proof.holds
    assert [Path(name).name for name in proof.elsewhere] == ["book.xlsx", "letter.txt"]
    assert (exports / "letter.txt").exists()


def test_another_vaults_receipt_is_not_ours(vault: Vault, read: ReadReceipt):
    other = replace(read, receipt=replace(read.receipt, erasure="another"))
    for changed in (other, replace(read, log_key="softphone/x+00+AA")):
        with pytest.raises(NotFound):
            prove(vault, changed)


def test_a_forged_receipt_is_refused(vault: Vault, read: ReadReceipt):
    note = read.receipt.checkpoint
    lines = note.split("\n")
    lines[1] = str(int(lines[1]) + 1)
    forged = replace(read, receipt=replace(read.receipt, checkpoint="\n".join(lines)))
    with pytest.raises(ProofInvalid):
        prove(vault, forged)
    moved = replace(read, receipt=replace(read.receipt, entry_index=0))
    assert not prove(vault, moved).holds
