from __future__ import annotations

import errno
import io
import os
import queue
from pathlib import Path

import numpy as np
import pytest

from softphone.app.media import FRAME_SAMPLES
from softphone.app.ports import RecordingPlan
from softphone.audio.codecs import StreamEncoder, decode_stereo
from softphone.audio.devices import FileDevices
from softphone.audio.notices import RecordingNotices
from softphone.domain.call import RecordingState
from softphone.domain.errors import StorageFailed
from softphone.domain.events import (
    CallChanged,
    CallForgotten,
    RecordingFailed,
    RecordingStarted,
    RecordingStopped,
)
from softphone.domain.ids import AccountId, CallId, GroupId, UserId
from softphone.domain.permissions import RecordingMode
from softphone.domain.recording import GapReason, SealTarget
from softphone.domain.sound import (
    SILENT,
    Sounding,
    SoundOrder,
    Tone,
    rescan,
    watch_levels,
)
from softphone.engine import wire
from softphone.engine.phone_engine import PhoneEngine
from softphone.engine.recorder import Recorder
from softphone.vault.journal import RecordingJournal, payload_path
from softphone.vault.payload_file import DiskFiles, PayloadFile
from softphone.vault.recipients import HybridIdentity
from softphone.vault.stream import open_payload
from tests.fakes.stack import FakeStack

CALL = CallId("call-1")
ACCOUNT = AccountId("a")


class FullFile:
    """A file on a disk that may fill."""

    def __init__(self, file: PayloadFile, disk: FillingDisk) -> None:
        self._file = file
        self._disk = disk

    def write_at(self, position: int, data: bytes) -> None:
        if self._disk.full:
            raise OSError(errno.ENOSPC, "No space left on device")
        self._file.write_at(position, data)

    def sync(self) -> None:
        self._file.sync()

    def truncate(self, size: int) -> None:
        self._file.truncate(size)

    def close(self) -> None:
        self._file.close()


class FillingDisk(DiskFiles):
    """The real files, until the disk is full."""

    full = False

    def open(self, path: Path) -> FullFile:
        return FullFile(super().open(path), self)


class Rig:
    """Engine, fake stack and the real recorder over the real journal."""

    def __init__(self, folder: Path, mode: RecordingMode = RecordingMode.AUTOMATIC) -> None:
        self.folder = folder
        self.events: queue.Queue[object] = queue.Queue()
        self.seen: list[object] = []
        self.listener = HybridIdentity.from_seed(os.urandom(32))
        self.fail_with: StorageFailed | None = None
        self.disk = FillingDisk()
        self.recorder = Recorder(
            StreamEncoder, self._journal, lambda e: self.engine.happened_elsewhere(e)
        )
        self.notices = RecordingNotices(folder / "none")
        self.engine = PhoneEngine(self.recorder, FileDevices(), self.events.put, self.notices)
        self.stack = FakeStack(self.engine.happened)
        self.engine.use(self.stack)
        target = SealTarget(GroupId("listen/north/1"), "Team North", self.listener.recipient())
        plan = RecordingPlan(mode, "flac", UserId("u"), "north", (target,))
        self.journal_key = os.urandom(32)
        self.engine.apply(wire.SetRecordingPlan(plan, self.journal_key))

    def _journal(self, key: bytes) -> RecordingJournal:
        if self.fail_with is not None:
            raise self.fail_with
        folder = self.folder / "recordings"
        return RecordingJournal(self.folder / "journal.db", key, folder, files=self.disk)

    def wait_for(self, kind: type, within_s: float = 10.0) -> object:
        while True:
            self.stack.drain()
            try:
                event = self.events.get(timeout=0.05)
            except queue.Empty:
                within_s -= 0.05
                if within_s < 0:
                    raise AssertionError(f"no {kind.__name__} in {self.seen}") from None
                continue
            self.seen.append(event)
            if isinstance(event, kind):
                return event

    def tick(self, left: int, right: int, times: int) -> None:
        agent, customer = self.stack.attached[CALL]
        for _ in range(times):
            agent.put_frame(np.full(FRAME_SAMPLES, left, np.int16).tobytes())
            customer.put_frame(np.full(FRAME_SAMPLES, right, np.int16).tobytes())

    def sealed(self):
        answers: queue.Queue = queue.Queue()
        self.engine.list_sealed(lambda found, problem: answers.put((found, problem)))
        found, problem = answers.get(timeout=5)
        assert problem == ""
        return found

    def heard(self, sealed) -> np.ndarray:
        path = payload_path(self.folder / "recordings", sealed.manifest.recording)
        key = self.listener.unwrap(sealed.stanzas)
        reader = open_payload(path, key, tail=sealed.tail, complete=sealed.manifest.complete)
        data = reader.read_at(0, reader.size)
        reader.close()
        return np.concatenate(list(decode_stereo(io.BytesIO(data))))


@pytest.fixture
def rig(tmp_path: Path):
    made = Rig(tmp_path)
    yield made
    made.recorder.stop()


def test_an_established_call_is_recorded_and_sealed_both_sides_apart(rig: Rig):
    rig.engine.apply(wire.Dial(ACCOUNT, CALL, "+4930"))
    rig.stack.answer(CALL)
    started = rig.wait_for(RecordingStarted)
    rig.tick(1000, -2000, 100)
    rig.engine.apply(wire.HangUp(CALL))
    rig.wait_for(RecordingStopped)
    [sealed] = rig.sealed()
    assert isinstance(started, RecordingStarted)
    assert sealed.manifest.recording == started.recording
    assert sealed.manifest.audio_ms == 2000
    assert sealed.manifest.complete
    pcm = rig.heard(sealed)
    assert set(pcm[:, 0].tolist()) == {1000}
    assert set(pcm[:, 1].tolist()) == {-2000}


def test_nothing_of_a_pause_is_captured_and_the_gap_says_why(rig: Rig):
    rig.engine.apply(wire.Dial(ACCOUNT, CALL, "+4930"))
    rig.stack.answer(CALL)
    rig.tick(100, 100, 50)
    rig.engine.apply(wire.PauseRecording(CALL, GapReason.CARD_PAYMENT))
    rig.tick(7777, 7777, 50)
    rig.engine.apply(wire.ResumeRecording(CALL))
    while rig.engine._recordings._takes[CALL].paused:
        rig.sealed()  # a round trip through the recorder's thread
    rig.tick(200, 200, 50)
    rig.engine.apply(wire.HangUp(CALL))
    rig.wait_for(RecordingStopped)
    [sealed] = rig.sealed()
    pcm = rig.heard(sealed)
    assert 7777 not in pcm
    assert {100, 200} <= set(pcm[:, 0].tolist())
    [gap] = sealed.manifest.gaps
    assert gap.reason is GapReason.CARD_PAYMENT
    assert gap.at_ms == 1000


def test_a_recording_stopped_for_good_begins_again_only_when_permitted(rig: Rig):
    rig.engine.apply(wire.Dial(ACCOUNT, CALL, "+4930"))
    rig.stack.answer(CALL)
    rig.tick(100, 100, 50)
    rig.engine.apply(wire.StopRecording(CALL))
    rig.wait_for(RecordingStopped)
    [sealed] = rig.sealed()
    assert sealed.manifest.audio_ms == 1000
    assert CALL not in rig.stack.attached
    assert rig.engine._told[CALL].recording is RecordingState.OFF
    assert rig.engine._told[CALL].recording_id == sealed.manifest.recording
    rig.engine.apply(wire.StartRecording(CALL))
    assert CALL not in rig.stack.attached
    rig.engine.apply(wire.PermitRecording(CALL))
    rig.tick(300, 300, 50)
    rig.engine.apply(wire.HangUp(CALL))
    rig.wait_for(RecordingStopped)
    assert len(rig.sealed()) == 2


def test_policy_off_removes_the_code_path(tmp_path: Path):
    rig = Rig(tmp_path, RecordingMode.OFF)
    rig.engine.apply(wire.Dial(ACCOUNT, CALL, "+4930"))
    rig.stack.answer(CALL)
    rig.engine.apply(wire.StartRecording(CALL))
    assert rig.stack.attached == {}
    rig.recorder.stop()


def test_a_failing_journal_is_told_at_once_and_the_call_goes_on(tmp_path: Path):
    rig = Rig(tmp_path)
    rig.fail_with = StorageFailed("The disk is full.", "No space is left.", "Make room.")
    rig.engine.apply(wire.SetRecordingPlan(rig.engine._recordings.plan, os.urandom(32)))
    rig.recorder._journal = None
    rig.engine.apply(wire.Dial(ACCOUNT, CALL, "+4930"))
    rig.stack.answer(CALL)
    failed = rig.wait_for(RecordingFailed)
    assert isinstance(failed, RecordingFailed)
    assert "not recorded" in failed.what
    assert rig.stack.known[CALL].live
    shown = [e.call for e in rig.seen if isinstance(e, CallChanged)]
    rig.stack.drain()
    while not rig.events.empty():
        event = rig.events.get()
        if isinstance(event, CallChanged):
            shown.append(event.call)
    assert shown[-1].recording is RecordingState.FAILED
    rig.recorder.stop()


def test_a_disk_that_fills_in_mid_call_is_told_and_what_was_recorded_opens(rig: Rig):
    rig.engine.apply(wire.Dial(ACCOUNT, CALL, "+4930"))
    rig.stack.answer(CALL)
    rig.wait_for(RecordingStarted)
    noise = np.random.default_rng(7).integers(-9000, 9000, (600, FRAME_SAMPLES), np.int16)
    agent, customer = rig.stack.attached[CALL]
    for frame in noise:  # does not compress: more than one chunk
        agent.put_frame(frame.tobytes())
        customer.put_frame(frame.tobytes())
    rig.sealed()  # a round trip through the recorder's thread, which flushes each second
    kept = rig.recorder._takes
    while not next(iter(kept.values())).writer._chunks:
        rig.sealed()
    rig.disk.full = True
    for frame in noise:
        agent.put_frame(frame.tobytes())
        customer.put_frame(frame.tobytes())
    failed = rig.wait_for(RecordingFailed)
    assert isinstance(failed, RecordingFailed)
    assert "no longer recorded" in failed.what
    assert "full" in failed.why.lower()
    assert rig.stack.known[CALL].live
    rig.wait_for(RecordingStopped)
    rig.disk.full = False
    [sealed] = rig.sealed()
    assert not sealed.manifest.complete
    assert len(rig.heard(sealed)) > 0


def test_a_window_that_attaches_gets_the_present_state(rig: Rig):
    rig.engine.apply(wire.Dial(ACCOUNT, CALL, "+4930"))
    rig.stack.answer(CALL)
    calls = [e.call for e in rig.engine.present() if isinstance(e, CallChanged)]
    assert [c.recording for c in calls] == [RecordingState.RECORDING]


def test_an_ended_call_is_kept_until_the_history_has_it(rig: Rig):
    rig.engine.apply(wire.Dial(ACCOUNT, CALL, "+4930"))
    rig.stack.hang_up(CALL)
    assert any(isinstance(e, CallChanged) for e in rig.engine.present())
    rig.engine.apply(wire.ForgetCall(CALL))
    rig.wait_for(CallForgotten)
    assert not any(isinstance(e, CallChanged) for e in rig.engine.present())


class ListeningDevices(FileDevices):
    """Keeps what it is asked."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[object] = []

    def sound(self, wanted: Sounding) -> None:
        self.asked.append(wanted)

    def key_tone(self, digits: str) -> None:
        self.asked.append(digits)

    def order(self, order: SoundOrder) -> None:
        self.asked.append(order)


def test_tones_keys_and_orders_reach_the_devices(rig: Rig):
    devices, told = ListeningDevices(), []
    engine = PhoneEngine(rig.recorder, devices, told.append, rig.notices)
    stack = FakeStack(engine.happened)
    engine.use(stack)
    stack.ring(ACCOUNT, CALL, "+4930")
    stack.answer(CALL)
    engine.apply(wire.SendDtmf(CALL, "12"))
    engine.apply(wire.Sound(rescan()))
    engine.window_gone()
    assert devices.asked == [
        Sounding(ringer=Tone.RING, account=ACCOUNT), SILENT, "12", rescan(), watch_levels(False),
    ]  # fmt: skip
