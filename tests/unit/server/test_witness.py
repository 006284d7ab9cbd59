from __future__ import annotations

from pathlib import Path

import pytest

from softphone.domain.errors import ProofInvalid, StorageFailed
from softphone.domain.note import _WEAK, VerifierKey, cosigned_at, parse_note, verify
from softphone.server.witness import (
    Witness,
    checked_checkpoint,
    create_witness,
    load_witness,
    log_key_of,
    signature_verifies,
)
from tests.fakes.sync_source import MemorySource


def test_the_key_is_made_once_and_is_private(tmp_path: Path):
    create_witness(tmp_path)
    first = load_witness(tmp_path).verifier_key
    create_witness(tmp_path)
    assert load_witness(tmp_path).verifier_key == first
    assert (tmp_path / "witness.json").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("content", [None, b"", b"[]", b"{}", b'{"name":"x","seed":"00"}'])
def test_a_damaged_key_says_so(tmp_path: Path, content: bytes | None):
    if content is not None:
        (tmp_path / "witness.json").write_bytes(content)
    with pytest.raises(StorageFailed):
        load_witness(tmp_path)


def test_a_cosignature_replaces_those_of_others():
    source = MemorySource()
    source.write(1)
    witness, stranger = Witness("one", bytes(32)), Witness("two", bytes(32))
    note = witness.cosign(stranger.cosign(source.checkpoint(1), 5), 1_767_225_600)
    parsed = parse_note(note)
    assert [s.name for s in parsed.signatures] == [source.verifier_key.name, "one"]
    mine = verify(parsed, witness.verifier_key, signature_verifies)
    assert cosigned_at(mine) == 1_767_225_600


def test_checkpoints_of_other_logs_and_keys_are_refused():
    source, other = MemorySource(), MemorySource()
    good = parse_note(source.checkpoint(0))
    assert checked_checkpoint(good, source.verifier_key).size == 0
    with pytest.raises(ProofInvalid):
        checked_checkpoint(good, other.verifier_key)
    elsewhere = parse_note(source.checkpoint(0, origin="elsewhere"))
    with pytest.raises(ProofInvalid):
        checked_checkpoint(elsewhere, source.verifier_key)


def test_a_witness_is_no_log():
    with pytest.raises(ProofInvalid):
        log_key_of(str(Witness("w", bytes(32)).verifier_key))
    assert not signature_verifies(b"short", bytes(64), b"")


def test_keys_under_which_anybody_signs_are_refused():
    weak = [value.to_bytes(32, "little") for value in _WEAK]
    for public in (*weak, *(key[:-1] + bytes([key[-1] | 0x80]) for key in weak)):
        with pytest.raises(ProofInvalid):
            log_key_of(str(VerifierKey("log", public)))
    # The list is right: without it, signatures made without any secret verify.
    forged = [
        public
        for public in weak
        if any(
            signature_verifies(public, point + bytes(32), bytes([n]))
            for point in weak
            for n in range(64)
        )
    ]
    assert len(forged) >= 5
