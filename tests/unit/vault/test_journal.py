from __future__ import annotations

import base64
import errno
import os
import resource
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pyrage
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from softphone.app.ports import Journal, RecordingWriter
from softphone.domain.errors import Damaged, InvalidInput, StorageFailed
from softphone.domain.recording import Gap, GapReason
from softphone.vault.age_format import encode_header, parse_header
from softphone.vault.database import open_database
from softphone.vault.journal import RecordingJournal, payload_path
from softphone.vault.recipients import HybridIdentity, unwrap_file_key
from softphone.vault.stream import (
    CHUNK,
    open_payload,
)
from tests.fakes.journal_child import KEY, order
from tests.fakes.listener import LISTENER, file_key, listen, only
from tests.fakes.power_loss import FakeDisk

ORDER = order(LISTENER.recipient())
PATH = payload_path(Path("recordings"), ORDER.recording)
GAP = Gap(1200, 300, GapReason.CARD_PAYMENT)


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[RecordingJournal]:
    opened = RecordingJournal(tmp_path / "journal.db", KEY, tmp_path / "recordings")
    yield opened
    opened.close()


@given(st.lists(st.integers(0, 100_000), max_size=6), st.booleans())
@settings(max_examples=15, deadline=None)
def test_a_finished_recording_is_an_age_file(sizes: list[int], flushing: bool):
    with tempfile.TemporaryDirectory() as folder:
        journal = RecordingJournal(Path(folder) / "j.db", KEY, Path(folder))
        writer = journal.begin(ORDER)
        plaintext = b""
        for size in sizes:
            data = os.urandom(size)
            writer.write(data)
            plaintext += data
            if flushing:
                writer.flush()
        manifest = writer.finish(audio_ms=1234)
        sealed = only(journal)
        assert sealed.manifest == manifest
        assert (manifest.complete, manifest.audio_ms, sealed.tail) == (True, 1234, b"")
        path = payload_path(Path(folder), ORDER.recording)
        assert path.stat().st_mode & 0o777 == 0o600
        assert path.parent.stat().st_mode & 0o777 == 0o700
        assert listen(sealed, path.read_bytes()) == plaintext
        journal.close()


def test_the_writer_and_the_journal_fit_their_ports(journal: RecordingJournal):
    port: Journal = journal
    writer: RecordingWriter = port.begin(ORDER)
    writer.finish(0)


def test_what_was_ordered_is_handed_over(journal: RecordingJournal):
    writer = journal.begin(ORDER)
    writer.add_gap(GAP)
    writer.write(b"abc")
    assert journal.sealed() == ()
    writer.finish(5000)
    sealed = only(journal)
    handed = (sealed.call, sealed.agent, sealed.team, sealed.direction, sealed.number)
    assert handed == (ORDER.call, ORDER.agent, ORDER.team, ORDER.direction, ORDER.number)
    assert (sealed.started_at, sealed.group) == (ORDER.started_at, ORDER.targets[0].group)
    assert (sealed.manifest.gaps, sealed.manifest.codec) == ((GAP,), "opus")
    assert sealed.manifest.sample_rate_hz == 48000
    with pytest.raises(ValueError, match="closed"):
        writer.write(b"more")
    with pytest.raises(ValueError, match="closed"):
        writer.flush()


def test_every_target_can_open_it(tmp_path: Path, journal: RecordingJournal):
    recovery = HybridIdentity.generate()
    second = replace(ORDER.targets[0], recipient=recovery.recipient())
    writer = journal.begin(replace(ORDER, targets=(*ORDER.targets, second)))
    writer.write(b"for both")
    writer.finish(1)
    sealed = only(journal)
    header = parse_header(encode_header(sealed.stanzas, sealed.header_mac))
    key = unwrap_file_key(header, [recovery])
    assert key == file_key(sealed)
    reader = open_payload(payload_path(tmp_path / "recordings", ORDER.recording), key)
    assert reader.read_at(0, 100) == b"for both"
    reader.close()


def test_forgetting(tmp_path: Path, journal: RecordingJournal):
    writer = journal.begin(ORDER)
    with pytest.raises(ValueError, match="being written"):
        journal.forget(ORDER.recording)
    with pytest.raises(ValueError, match="in the journal"):
        journal.begin(ORDER)
    writer.finish(0)
    journal.forget(ORDER.recording)
    journal.forget(ORDER.recording)
    assert journal.sealed() == ()
    assert payload_path(tmp_path / "recordings", ORDER.recording).exists()


def test_a_target_that_is_no_recipient_begins_nothing(journal: RecordingJournal):
    wrong = replace(ORDER.targets[0], recipient="age1nothing")
    for targets in ((), (wrong,)):
        with pytest.raises(InvalidInput):
            journal.begin(replace(ORDER, targets=targets))
    assert journal.sealed() == ()


def test_nothing_on_disk_is_in_the_clear_and_the_file_key_is_not_kept(tmp_path: Path):
    journal = RecordingJournal(tmp_path / "journal.db", KEY, tmp_path / "recordings")
    writer = journal.begin(ORDER)
    needle = b"the customer's own words"
    writer.write(needle * 5000)
    writer.flush()
    writer.write(needle)
    writer.flush()
    writer.close()
    key = file_key(only(journal))
    tables = ("SELECT * FROM recording", "SELECT * FROM tail")
    rows = [row for table in tables for row in journal._rows._connection.execute(table)]
    journal.close()
    stored = b"".join(p.read_bytes() for p in tmp_path.rglob("*") if p.is_file())
    for secret in (needle, ORDER.number.encode(), key):
        assert secret not in stored
    decrypted = b"\0".join(v if isinstance(v, bytes) else str(v).encode() for r in rows for v in r)
    assert ORDER.number.encode() in decrypted
    for secret in (needle, key, key.hex().encode(), base64.b64encode(key)):
        assert secret not in decrypted


def test_a_wrong_key_opens_nothing(tmp_path: Path, journal: RecordingJournal):
    journal.begin(ORDER).finish(0)
    with pytest.raises(Damaged):
        RecordingJournal(tmp_path / "journal.db", bytes(32), tmp_path)


def test_the_length_of_a_cut_off_recording_is_told_by_the_clock(tmp_path: Path):
    times = iter([10.0, 13.5])
    journal = RecordingJournal(tmp_path / "j.db", KEY, tmp_path, monotonic=lambda: next(times))
    writer = journal.begin(ORDER)
    writer.write(b"x")
    writer.add_gap(GAP)
    writer.flush()
    writer.flush()
    writer.close()
    manifest = only(journal).manifest
    assert (manifest.audio_ms, manifest.gaps, manifest.complete) == (3200, (GAP,), False)
    journal.close()


@pytest.mark.parametrize(
    ("code", "why"),
    [
        (errno.ENOSPC, "full"),
        (errno.EROFS, "read-only"),
        (errno.EIO, "error"),
        (errno.EACCES, "may not"),
    ],
)
def test_a_failed_flush_says_why_and_loses_nothing(tmp_path: Path, code: int, why: str):
    disk = FakeDisk()
    journal = RecordingJournal(tmp_path / "j.db", KEY, Path("recordings"), files=disk)
    writer = journal.begin(ORDER)
    plaintext = os.urandom(3 * CHUNK)
    writer.write(plaintext[:CHUNK])
    writer.flush()
    writer.write(plaintext[CHUNK:])
    disk.error = code
    with pytest.raises(StorageFailed, match=why):
        writer.flush()
    with pytest.raises(StorageFailed, match=why):
        writer.finish(1)
    disk.error = 0
    writer.finish(1)
    assert listen(only(journal), bytes(disk.seen[PATH])) == plaintext
    journal.close()


def test_given_up_after_a_full_disk_what_was_durable_opens(tmp_path: Path):
    disk = FakeDisk()
    journal = RecordingJournal(tmp_path / "j.db", KEY, Path("recordings"), files=disk)
    writer = journal.begin(ORDER)
    plaintext = os.urandom(2 * CHUNK + 5)
    writer.write(plaintext)
    writer.flush()
    writer.write(bytes(2 * CHUNK))
    disk.error = errno.ENOSPC
    with pytest.raises(StorageFailed):
        writer.flush()
    disk.error = 0
    writer.close()
    writer.close()
    assert listen(only(journal), bytes(disk.seen[PATH])) == plaintext
    journal.close()


def test_no_recording_begins_on_a_full_disk(tmp_path: Path):
    disk = FakeDisk(error=errno.ENOSPC)
    journal = RecordingJournal(tmp_path / "j.db", KEY, Path("recordings"), files=disk)
    with pytest.raises(StorageFailed, match="full"):
        journal.begin(ORDER)
    assert journal.sealed() == ()
    journal.close()


def test_a_file_that_may_not_grow(tmp_path: Path, journal: RecordingJournal):
    writer = journal.begin(ORDER)
    plaintext = b""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (600_000, hard))
    try:
        with suppress(StorageFailed):
            while len(plaintext) < 2_000_000:
                data = os.urandom(20_000)
                plaintext += data
                writer.write(data)
                writer.flush()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert len(plaintext) < 700_000
    writer.finish(1)
    path = payload_path(tmp_path / "recordings", ORDER.recording)
    assert listen(only(journal), path.read_bytes()) == plaintext


def test_a_disk_that_fails_when_handing_over_says_so(tmp_path: Path):
    disk = FakeDisk()
    journal = RecordingJournal(tmp_path / "j.db", KEY, Path("recordings"), files=disk)
    writer = journal.begin(ORDER)
    writer.write(b"abc")
    writer.flush()
    writer.close()
    disk.error = errno.EIO
    with pytest.raises(StorageFailed):
        journal.sealed()
    disk.error = 0
    assert listen(only(journal), bytes(disk.seen[PATH])) == b"abc"
    journal.close()


def test_nothing_is_written_once_sealing_began(tmp_path: Path):
    disk = FakeDisk()
    journal = RecordingJournal(tmp_path / "j.db", KEY, Path("recordings"), files=disk)
    writer = journal.begin(ORDER)
    writer.write(b"abc")
    writer.flush()
    disk.error = errno.ENOSPC
    with pytest.raises(StorageFailed):
        writer.finish(1)
    with pytest.raises(ValueError, match="sealed"):
        writer.write(b"more")
    with pytest.raises(ValueError, match="sealed"):
        writer.add_gap(GAP)
    disk.error = 0
    writer.finish(1)
    assert listen(only(journal), bytes(disk.seen[PATH])) == b"abc"
    journal.close()


def test_closing_hands_over_what_was_being_written(tmp_path: Path):
    journal = RecordingJournal(tmp_path / "j.db", KEY, tmp_path)
    writer = journal.begin(ORDER)
    writer.write(b"durable")
    writer.flush()
    writer.write(b" and not")
    journal.close()
    journal = RecordingJournal(tmp_path / "j.db", KEY, tmp_path)
    payload = payload_path(tmp_path, ORDER.recording).read_bytes()
    assert listen(only(journal), payload) == b"durable"
    journal.close()


@pytest.mark.parametrize("size", [0, 5, CHUNK, 2 * CHUNK, 2 * CHUNK + 1])
def test_header_and_payload_together_are_a_file_that_pyrage_opens(tmp_path: Path, size: int):
    listener = pyrage.x25519.Identity.generate()
    target = replace(ORDER.targets[0], recipient=str(listener.to_public()))
    journal = RecordingJournal(tmp_path / "j.db", KEY, tmp_path)
    writer = journal.begin(replace(ORDER, targets=(target,)))
    plaintext = os.urandom(size)
    writer.write(plaintext[: size // 2])
    writer.flush()
    writer.write(plaintext[size // 2 :])
    writer.finish(1)
    sealed = only(journal)
    journal.close()
    payload = payload_path(tmp_path, ORDER.recording).read_bytes()
    whole = encode_header(sealed.stanzas, sealed.header_mac) + payload
    assert pyrage.decrypt(whole, [listener]) == plaintext


def test_a_journal_that_is_locked_for_a_while_loses_nothing(tmp_path: Path):
    disk = FakeDisk()
    journal = RecordingJournal(tmp_path / "j.db", KEY, Path("recordings"), files=disk)
    writer = journal.begin(ORDER)
    plaintext = os.urandom(2 * CHUNK + 9)
    writer.write(plaintext)
    other = open_database(tmp_path / "j.db", KEY)
    other.execute("BEGIN IMMEDIATE")
    journal._rows._connection.execute("PRAGMA busy_timeout=1")
    for attempt in (writer.flush, writer.flush, lambda: writer.finish(1)):
        with pytest.raises(StorageFailed):
            attempt()
    other.close()
    writer.write(b"more")
    writer.finish(1)
    assert listen(only(journal), bytes(disk.seen[PATH])) == plaintext + b"more"
    journal.close()
