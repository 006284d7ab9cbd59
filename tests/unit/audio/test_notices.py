from __future__ import annotations

import logging
import shutil
import threading
import wave
from pathlib import Path

import numpy as np
import pytest

from softphone.app.media import SAMPLE_RATE_HZ, Spoken
from softphone.audio import notices
from softphone.audio.loudness import gated_lufs
from softphone.audio.notices import ANNOUNCED_LUFS, RecordingNotices
from softphone.domain.consent import Announcement
from tests.unit.audio.test_sound_file import pitch, sine, wav


def write(path: Path, rate: int, channels: int = 1) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(np.full(1600 * channels, 5, np.int16).tobytes())


def test_the_beep_is_a_short_1400_hz_tone(tmp_path: Path):
    pcm = np.frombuffer(RecordingNotices(tmp_path / "none").beep(), np.int16).astype(float)
    assert len(pcm) == 3200
    spectrum = np.abs(np.fft.rfft(pcm))
    assert abs(np.argmax(spectrum) * 16000 / len(pcm) - 1400) < 10


def test_the_organisations_words_are_played(tmp_path: Path):
    write(tmp_path / "a.wav", 16000)
    pcm = RecordingNotices(tmp_path / "a.wav").announcement().pcm
    assert set(np.frombuffer(pcm, np.int16)) == {5}


@pytest.mark.parametrize("bad", ["rate", "stereo", "text", "none"])
def test_tones_where_there_are_no_words(tmp_path: Path, bad: str, caplog):
    path = tmp_path / "a.wav"
    if bad == "rate":
        write(path, 44100)
    elif bad == "stereo":
        write(path, 16000, 2)
    elif bad == "text":
        path.write_text("not a sound")
    with caplog.at_level(logging.ERROR):
        pcm = np.frombuffer(RecordingNotices(path).announcement().pcm, np.int16)
    assert len(pcm) == 10400
    assert np.abs(pcm).max() > 300
    assert bool(caplog.records) is (bad != "none")


GERMAN = Announcement(3, "de", "Dieses Gespräch wird aufgezeichnet.")
ENGLISH = Announcement(3, "en", "This call is recorded.", wav(sine(1.5, level=0.02)))
AUSTRIAN = Announcement(2, "de-AT", "Das Gespräch wird aufgezeichnet.")


def ready(path: Path, *texts: Announcement) -> RecordingNotices:
    made = RecordingNotices(path)
    made.prepare(texts)
    for _ in range(500):
        if set(made._ready) == set(texts):
            return made
        threading.Event().wait(0.02)
    raise AssertionError("nobody spoke")


def loudness(spoken: Spoken) -> float:
    return gated_lufs(np.frombuffer(spoken.pcm, np.int16), SAMPLE_RATE_HZ)


@pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="espeak-ng is not installed")
def test_the_language_of_the_call_is_announced_spoken_by_machine_or_from_a_file(tmp_path: Path):
    made = ready(tmp_path / "none", GERMAN, ENGLISH, AUSTRIAN)
    for asked, language, version in (
        ("de", "de", 3), ("DE-at", "de-AT", 2), ("de-CH", "de", 3), ("en-GB", "en", 3),
        ("", "de", 3), ("fr", "de", 3),
    ):  # fmt: skip
        spoken = made.announcement(asked)
        assert (spoken.language, spoken.version) == (language, version)
        assert loudness(spoken) == pytest.approx(ANNOUNCED_LUFS, abs=1)
    assert pitch(np.frombuffer(made.announcement("en").pcm, np.int16)) == pytest.approx(500, abs=3)
    assert 1 < len(made.announcement("de").pcm) / 2 / SAMPLE_RATE_HZ < 6


def test_a_file_of_it_comes_before_a_machines_voice_but_after_a_recorded_one(
    tmp_path: Path, monkeypatch
):
    monkeypatch.setattr(notices, "speak", lambda text, language, longest_s: sine(2))
    write(tmp_path / "a.wav", 16000)
    made = ready(tmp_path / "a.wav", GERMAN, ENGLISH)
    assert made.announcement("de").language == ""
    assert made.announcement("en").language == "en"


def test_without_a_voice_and_with_a_damaged_file_tones_are_played(tmp_path: Path, monkeypatch):
    monkeypatch.setattr(notices, "speak", lambda text, language, longest_s: None)
    made = ready(tmp_path / "none", GERMAN, Announcement(1, "en", "x", b"RIFF damaged"))
    assert made.announcement("en") == made.announcement() == Spoken(made.announcement().pcm)
    assert len(made.announcement().pcm) == 20800


def test_before_anything_is_ready_tones_are_played_and_what_is_gone_is_forgotten(tmp_path: Path):
    made = ready(tmp_path / "none", ENGLISH)
    made.prepare(())
    assert made.announcement("en").language == ""
