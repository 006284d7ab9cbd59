from __future__ import annotations

import logging
import wave
from pathlib import Path

import numpy as np
import pytest

from softphone.audio.notices import RecordingNotices


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
    assert set(np.frombuffer(RecordingNotices(tmp_path / "a.wav").announcement(), np.int16)) == {5}


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
        pcm = np.frombuffer(RecordingNotices(path).announcement(), np.int16)
    assert len(pcm) == 10400
    assert np.abs(pcm).max() > 300
    assert bool(caplog.records) is (bad != "none")
