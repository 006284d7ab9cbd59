from __future__ import annotations

import shutil

import numpy as np
import pytest

from softphone.app.media import SAMPLE_RATE_HZ
from softphone.audio import speech
from softphone.audio.speech import speak

needs_a_voice = pytest.mark.skipif(
    shutil.which("espeak-ng") is None, reason="espeak-ng is not installed"
)


@needs_a_voice
@pytest.mark.parametrize("language", ["en", "de", "de-CH", "pt-BR", "EN"])
def test_a_text_is_spoken(language):
    pcm = speak("One, two, three.", language, 30)
    assert pcm is not None
    assert 0.5 < len(pcm) / SAMPLE_RATE_HZ < 5
    assert np.abs(pcm).max() > 3000


@needs_a_voice
def test_a_long_text_ends_at_the_limit():
    pcm = speak("One, two, three. " * 100, "en", 5)
    assert pcm is not None
    assert len(pcm) == 5 * SAMPLE_RATE_HZ


@needs_a_voice
@pytest.mark.parametrize("language", ["", "xx", "--help", "../en", "en;ls"])
def test_nobody_speaks_what_is_no_language(language):
    assert speak("One", language, 30) is None


def test_without_the_program_nobody_speaks(monkeypatch):
    monkeypatch.setattr(speech, "PROGRAM", "no-such-program-anywhere")
    assert speak("One", "en", 30) is None


def test_a_program_that_hangs_is_ended(monkeypatch, tmp_path):
    program = tmp_path / "hang"
    program.write_text("#!/bin/sh\nexec sleep 60\n")
    program.chmod(0o700)
    monkeypatch.setattr(speech, "PROGRAM", str(program))
    monkeypatch.setattr(speech, "WITHIN_S", 0.2)
    assert speak("One", "en", 30) is None
