"""Two keys sign the log: Ed25519, and ML-DSA-44 where the vault has one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from softphone.app.ports import Vault
from softphone.domain.audit_bundle import check_bundle
from softphone.domain.note import parse_note, parse_verifier_key, verify
from softphone.vault import meta
from softphone.vault.crypto import verifies
from softphone.vault.log_keys import log_keys
from tests.unit.vault.rig import ADMIN, Rig, draft


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    rig = Rig(tmp_path)
    rig.create()
    return rig


@pytest.fixture
def vault(rig: Rig) -> Iterator[Vault]:
    opened = rig.open(ADMIN)
    yield opened
    opened.close()


def without_second_key(rig: Rig) -> None:
    """Make the vault one that was created before there was a second key."""
    vault = rig.open(ADMIN)
    connection = vault._stores.core.connection
    older = msgspec.structs.replace(vault._stores.core.device, mldsa_seed=b"")
    said = msgspec.structs.asdict(older)
    del said["mldsa_seed"]
    meta.put(connection, "device", msgspec.msgpack.encode(said))
    connection.execute("DELETE FROM checkpoints")
    vault.close()


def test_every_head_carries_both_signatures(vault: Vault):
    for number in range(70):
        vault.append_audit(draft(vault, detail_number=str(number)))
    keys = (parse_verifier_key(vault.log_key), parse_verifier_key(vault.log_key_mldsa))
    notes = [note for _, note in heads(vault)]
    assert len(notes) > 1
    for note in notes:
        for key in keys:
            verify(parse_note(note), key, verifies)


def heads(vault: Vault) -> list[tuple[int, str]]:
    rows = vault._stores.core.connection.execute("SELECT size, note FROM checkpoints")
    return [(int(size), str(note)) for size, note in rows]


@pytest.mark.parametrize("change", ["forged", "stripped"])
def test_a_last_head_without_a_good_second_signature_is_found(vault: Vault, change: str):
    vault.append_audit(draft(vault))
    vault.sign_checkpoint()
    size, note = max(heads(vault))
    first, second = parse_note(note).signatures
    lines = note.splitlines(keepends=True)
    forged = parse_note(next(n for s, n in heads(vault) if s < size)).signatures[1]
    assert forged.key_id == second.key_id
    other = next(n for s, n in heads(vault) if s < size).splitlines(keepends=True)[-1]
    changed = "".join([*lines[:-1], other] if change == "forged" else lines[:-1])
    assert parse_note(changed).signatures[0] == first
    vault._stores.core.connection.execute(
        "UPDATE checkpoints SET note = ? WHERE size = ?", (changed, size)
    )
    assert "not genuine" in vault.verify_audit().why


def test_an_older_vault_goes_on_with_one_key(rig: Rig):
    without_second_key(rig)
    vault = rig.open(ADMIN)
    assert vault.log_key_mldsa == ""
    vault.append_audit(draft(vault))
    assert len(parse_note(vault.sign_checkpoint()).signatures) == 1
    assert vault.verify_audit().holds
    verdict = check_bundle(vault.audit_bundle(), verifies, log_key=vault.log_key)
    assert (verdict.holds, verdict.mldsa_key) == (True, "")
    vault.close()


def test_a_bundle_holds_by_both_keys(vault: Vault):
    known = {"log_key": vault.log_key, "mldsa_key": vault.log_key_mldsa}
    verdict = check_bundle(vault.audit_bundle(), verifies, **known)
    assert (verdict.holds, verdict.mldsa_key) == (True, vault.log_key_mldsa)
    proof = vault.audit_proof(0)
    verify(parse_note(proof.checkpoint), parse_verifier_key(proof.mldsa_key), verifies)


def test_the_seed_is_kept_and_differs(rig: Rig, vault: Vault):
    device = vault._stores.core.device
    assert len(device.mldsa_seed) == 32
    assert device.mldsa_seed != device.log_key
    assert [key.type for key in log_keys(device)] == [1, 6]
