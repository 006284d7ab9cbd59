from __future__ import annotations

import io
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from softphone.app.ports import RecordingFilter
from softphone.domain.audit import Action, AuditFilter
from softphone.domain.errors import Damaged, Refused, StorageFailed
from softphone.domain.recording import Gap, GapReason
from softphone.vault import recordings as recordings_module
from softphone.vault.closing import close_payload, crash_gap
from softphone.vault.journal import payload_path
from softphone.vault.stream import CHUNK, NONCE_SIZE, SEALED_CHUNK, ChunkCipher, PayloadReader
from softphone.vault.tail import TailSealer, pack_tail
from tests.fakes.power_loss import FakeDisk, PowerLost
from tests.unit.vault.rig import AGENT, AUDIO, SUPERVISOR, Rig, draft

KEY, NONCE, NAME = b"k" * 16, b"n" * NONCE_SIZE, "rec"
PATH = Path("rec.pay")
PLAIN = os.urandom(2 * CHUNK) + b"the last second"
BODY = NONCE + b"".join(
    ChunkCipher(KEY, NONCE).seal(n, PLAIN[n * CHUNK : (n + 1) * CHUNK], final=False)
    for n in range(2)
)


def tail(*rows: bytes, chunk: int = 2) -> bytes:
    sealer = TailSealer(KEY, NAME)
    return pack_tail(NAME, chunk, [sealer.seal(chunk, n, row) for n, row in enumerate(rows)])


def disk(content: bytes = BODY, **how) -> FakeDisk:
    return FakeDisk(durable={PATH: bytearray(content)}, seen={PATH: bytearray(content)}, **how)


def close(on: FakeDisk) -> tuple[str, int]:
    return close_payload(PATH, KEY, len(BODY), tail(b"the last", b" second"), files=on)


@given(st.integers(1, 8), st.integers(0, 2**16), st.binary(max_size=200))
def test_wherever_power_goes_the_same_bytes_come_out_in_the_end(cut: int, seed: int, beyond: bytes):
    whole = disk()
    _, size = close(whole)
    expected = bytes(whole.seen[PATH])
    failing = disk(BODY + beyond, cut_at=cut)
    failing.random.seed(seed)
    try:
        close(failing)
    except PowerLost:
        failing = failing.after_power_loss()
        assert bytes(failing.seen[PATH][: len(BODY)]) == BODY
        failing.cut_at = -1
        close(failing)
    assert bytes(failing.seen[PATH]) == expected
    finals = {data for position, data in (*failing.written, *whole.written)}
    assert len(finals) == 1
    assert size == len(expected)


def test_the_closed_payload_is_a_whole_one():
    closed = disk()
    close(closed)
    reader = PayloadReader(io.BytesIO(bytes(closed.seen[PATH])), KEY)
    assert (reader.read_at(0, len(PLAIN) + 1), reader.problem) == (PLAIN, "")
    reader.close()


def test_a_tail_that_does_not_belong_there_closes_nothing():
    for packed in (tail(b"x", chunk=1), tail(b"x" * CHUNK, b"more"), tail()):
        untouched = disk()
        with pytest.raises(Damaged):
            close_payload(PATH, KEY, len(BODY), packed, files=untouched)
        assert bytes(untouched.seen[PATH]) == BODY
    full = disk(error=28)
    with pytest.raises(StorageFailed, match="full"):
        close(full)
    assert len(BODY) == NONCE_SIZE + 2 * SEALED_CHUNK


def test_the_crash_is_a_gap_at_the_measured_end():
    pause = Gap(100, 50, GapReason.CARD_PAYMENT)
    closed = crash_gap((pause,), 900, 1000)
    assert closed == (pause, Gap(900, 100, GapReason.CRASH))
    assert crash_gap(closed, 900, 1000) == closed
    assert crash_gap((), 1000, 900)[0].length_ms == 0


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    made = Rig(tmp_path)
    made.create(SUPERVISOR, AGENT)
    return made


@pytest.fixture
def cut_off(rig: Rig):
    vault = rig.open(AGENT)
    sealed = rig.seal(vault, "+493012345678", cut_off=True)
    recording = sealed.manifest.recording
    vault.take_in(sealed, draft(vault, Action.RECORDING_SEALED, object_id=recording))
    vault.close()
    return recording


def finish(vault, recording):
    return vault.finish_recording(
        recording, 4321, draft(vault, Action.RECORDING_CLOSED, object_id=recording)
    )


def test_a_listener_closes_a_recording_once_and_it_is_in_the_log(rig: Rig, cut_off):
    vault = rig.open(SUPERVISOR)
    closed = finish(vault, cut_off)
    assert (closed.complete, closed.audio_ms) == (True, 4321)
    assert closed.gaps[-1].reason is GapReason.CRASH
    assert finish(vault, cut_off) == closed
    (row,) = vault.audit_rows(AuditFilter(action=Action.RECORDING_CLOSED), 9, 0)
    (sealed,) = vault.audit_rows(AuditFilter(action=Action.RECORDING_SEALED), 9, 0)
    assert row.detail["before_sha256"] == sealed.detail["payload_sha256"]
    reader = vault.open_recording(cut_off, draft(vault))
    assert (reader.read_at(0, len(AUDIO) + 1), reader.problem) == (AUDIO, "")
    reader.close()
    assert vault.verify_audit().holds
    vault.close()


def test_a_crash_before_the_row_is_committed_is_made_good(
    rig: Rig, cut_off, monkeypatch: pytest.MonkeyPatch
):
    vault = rig.open(SUPERVISOR)
    real = recordings_module.close_payload

    def killed(*arguments):
        real(*arguments)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(recordings_module, "close_payload", killed)
        with pytest.raises(KeyboardInterrupt):
            finish(vault, cut_off)
    path = payload_path(rig.profile.recordings, cut_off)
    after_crash = path.read_bytes()
    reader = vault.open_recording(cut_off, draft(vault))
    assert (reader.read_at(0, len(AUDIO) + 1), reader.problem) == (AUDIO, "")
    reader.close()
    assert finish(vault, cut_off).complete
    assert path.read_bytes() == after_crash
    vault.close()


def test_only_listeners_close_and_only_what_was_sealed(rig: Rig, cut_off):
    vault = rig.open(AGENT)
    with pytest.raises(Refused):
        finish(vault, cut_off)
    vault.close()
    path = payload_path(rig.profile.recordings, cut_off)
    data = bytearray(path.read_bytes())
    data[40] ^= 1
    path.write_bytes(data)
    vault = rig.open(SUPERVISOR)
    with pytest.raises(Damaged, match="not closed"):
        finish(vault, cut_off)
    assert path.read_bytes() == data
    (row,) = vault.recordings(RecordingFilter(), 9, 0)
    assert not row.complete
    vault.close()
