"""Own rings through the real devices: files are copied, levelled, kept, and never fatal."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest

from softphone.app.media import SAMPLE_RATE_HZ
from softphone.audio.loudness import gated_lufs
from softphone.audio.ringtones import ring_of
from softphone.audio.sound_file import MOST_BYTES
from softphone.audio.tones import RING_LUFS, ringtone
from softphone.domain.events import RingtonesChanged
from softphone.domain.ids import AccountId
from softphone.domain.sound import (
    SILENT,
    Ringtone,
    RingtoneProblem,
    Sounding,
    Tone,
    rescan,
    ring_at,
    use_ringtone,
)
from tests.fakes.sound import settled
from tests.unit.audio.test_live import Rig
from tests.unit.audio.test_sound_file import coded, sine, wav

ANNA = AccountId("anna")


class RingRig(Rig):
    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.do(rescan())
        self.all(object)  # what everybody is told first

    def told(self) -> RingtonesChanged:
        """Wait for the next news of rings."""
        while not isinstance(event := self.events.get(timeout=10), RingtonesChanged):
            pass
        return event

    def take(self, file: Path, account: str = "") -> RingtonesChanged:
        self.do(use_ringtone(str(file), AccountId(account)))
        return self.told()

    def rung(self, account: str = "x", length: int = 3 * SAMPLE_RATE_HZ * 2) -> np.ndarray:
        self.devices.sound(Sounding(ringer=Tone.RING, account=AccountId(account)))
        settled(self.devices)
        pcm = self.backend.outputs[-1].pump(length)
        self.devices.sound(SILENT)
        settled(self.devices)
        return np.frombuffer(pcm, np.int16)


@pytest.fixture
def rig(tmp_path: Path):
    made = RingRig(tmp_path)
    yield made
    made.devices.close()


def file(folder: Path, data: bytes, name: str = "bell.wav") -> Path:
    made = folder / name
    made.write_bytes(data)
    return made


def test_a_file_rings_from_a_private_copy_at_the_rings_loudness(rig: RingRig, tmp_path):
    chosen = file(tmp_path, coded(sine(4, 48_000, 0.02), "ogg", "libopus"), "bell.ogg")
    assert rig.take(chosen) == RingtonesChanged(100, (Ringtone("bell.ogg"),))
    chosen.unlink()
    rung = rig.rung()
    assert gated_lufs(rung, SAMPLE_RATE_HZ) == pytest.approx(RING_LUFS, abs=0.5)
    [copy] = (tmp_path / "rings").iterdir()
    assert copy.stat().st_mode & 0o077 == 0
    rig.devices.close()
    rig.devices = rig.make()
    settled(rig.devices)
    for _ in range(200):  # it is read beside
        if not np.array_equal(rig.rung(), ringtone()):
            break
        threading.Event().wait(0.02)
    assert np.array_equal(rig.rung(), rung)


def test_an_account_has_a_ring_of_its_own_and_the_others_that_of_all(rig: RingRig, tmp_path):
    rig.take(file(tmp_path, wav(sine(1))))
    rig.take(file(tmp_path, wav(sine(2)), "long.wav"), "anna")
    assert np.flatnonzero(rig.rung("anna"))[-1] > np.flatnonzero(rig.rung("ben"))[-1] + 10_000
    rig.do(use_ringtone("", ANNA))
    assert np.array_equal(rig.rung("anna"), rig.rung("ben"))
    rig.do(use_ringtone(""))
    assert np.array_equal(rig.rung("ben"), ringtone())
    assert list((tmp_path / "rings").iterdir()) == []


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"no sound", RingtoneProblem.NO_SOUND_FILE),
        (wav(np.zeros(16_000, np.int16)), RingtoneProblem.SILENT),
        (b"RIFF" + bytes(MOST_BYTES), RingtoneProblem.TOO_LARGE),
        (None, RingtoneProblem.UNREADABLE),
    ],
)
def test_what_cannot_ring_is_refused_with_its_reason_and_the_ring_stays(
    rig: RingRig, tmp_path, data, problem
):
    chosen = file(tmp_path, data) if data is not None else tmp_path / "bell.wav"
    assert rig.take(chosen) == RingtonesChanged(refused=Ringtone("bell.wav", problem=problem))
    assert np.array_equal(rig.rung(), ringtone())


def test_a_kept_file_that_was_damaged_rings_built_in_and_says_so(rig: RingRig, tmp_path):
    rig.take(file(tmp_path, wav(sine(1))))
    rig.devices.close()
    [copy] = (tmp_path / "rings").iterdir()
    copy.write_bytes(b"RIFF damaged")
    rig.devices = rig.make()
    damaged = (Ringtone("bell.wav", problem=RingtoneProblem.NO_SOUND_FILE),)
    for _ in range(200):  # it is read beside
        if rig.devices.present()[3].chosen == damaged:
            break
        threading.Event().wait(0.02)
    assert rig.devices.present()[3].chosen == damaged
    assert np.array_equal(rig.rung(), ringtone())


def test_the_volume_is_kept_and_never_silence(rig: RingRig):
    rig.do(ring_at(50))
    assert rig.told().volume_percent == 50
    assert np.abs(rig.rung()).max() == pytest.approx(np.abs(ringtone()).max() / 8, abs=1)
    rig.do(ring_at(0))
    assert np.abs(rig.rung()).max() > 0


def test_a_short_sound_rings_every_three_seconds_and_a_long_one_is_cut():
    assert len(ring_of(wav(sine(0.5)))) == 3 * SAMPLE_RATE_HZ
    assert len(ring_of(wav(sine(40)))) == 30 * SAMPLE_RATE_HZ
