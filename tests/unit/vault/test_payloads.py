from __future__ import annotations

import hashlib
import io
from pathlib import Path

import pytest

from softphone.domain.errors import Damaged, StorageFailed, Truncated
from softphone.domain.ids import RecordingId
from softphone.paths import Profile
from softphone.vault.journal import payload_path
from softphone.vault.payloads import SHORT, SWAPPED, CheckedReader, mismatch, remove_payload
from softphone.vault.stream import PayloadReader, PayloadWriter

KEY = b"f" * 16
NAME = RecordingId("ab000000-0000-4000-8000-000000000000")


def test_a_payload_is_compared_with_its_manifest(tmp_path: Path):
    path = tmp_path / "p"
    data = b"x" * 3_000_000
    path.write_bytes(data)
    digest = hashlib.sha256(data).hexdigest()
    assert mismatch(path, digest, len(data)) == ""
    assert mismatch(path, digest, len(data) + 1) == SHORT
    path.write_bytes(data + b"y")
    assert mismatch(path, digest, len(data)) == SWAPPED
    path.unlink()
    with pytest.raises(Damaged, match="missing"):
        mismatch(path, digest, 1)
    path.mkdir()
    with pytest.raises(StorageFailed):
        mismatch(path, digest, 0)


def test_removing_is_durable_and_idempotent(tmp_path: Path):
    profile = Profile(tmp_path).prepare()
    path = payload_path(profile.recordings, NAME)
    remove_payload(profile, NAME)
    path.parent.mkdir()
    path.write_bytes(b"x")
    remove_payload(profile, NAME)
    remove_payload(profile, NAME)
    assert not path.exists()
    path.mkdir()
    with pytest.raises(StorageFailed):
        remove_payload(profile, NAME)


def test_a_reader_with_a_problem_reads_what_is_authentic():
    sealed = io.BytesIO()
    writer = PayloadWriter(sealed, KEY)
    writer.write(b"audio")
    writer.finish()
    reader = CheckedReader(PayloadReader(sealed, KEY), SWAPPED)
    assert (reader.size, reader.problem) == (5, SWAPPED)
    assert reader.read_at(0, 5) == b"audio"
    with pytest.raises(Truncated):
        reader.read_at(5, 1)
    reader.close()
    fine = CheckedReader(PayloadReader(io.BytesIO(b""), KEY), "")
    assert "ends early" in fine.problem
    fine.close()
