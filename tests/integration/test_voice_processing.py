"""What processing does to real speech, against the same without: echo, double talk, noise, gain.

The bounds are wide; the figures are in docs/benchmarks.md.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from softphone.app.media import SAMPLE_RATE_HZ
from softphone.domain.voice import VoiceProcessing
from tests.integration import voice_room as room

pytestmark = [
    pytest.mark.peer,
    pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="espeak-ng is not installed"),
]
ECHO = VoiceProcessing(automatic_gain=False)


@dataclass(frozen=True)
class Speech:
    far: np.ndarray
    near: np.ndarray
    echo: np.ndarray


@pytest.fixture(scope="module")
def speech(tmp_path_factory: pytest.TempPathFactory) -> Speech:
    folder: Path = tmp_path_factory.mktemp("speech")
    far = room.again(room.voice(room.FAR, folder, "en-gb", -20), 3)
    near = room.voice(room.NEAR, folder, "en-us+f3", -20)
    return Speech(far, near, room.echo_of(far) + room.hiss(len(far)))


def test_the_far_side_does_not_hear_itself(speech: Speech):
    left = room.processed(ECHO, speech.far, speech.echo)
    third = len(left) // 3
    early = slice(third // 2, third)
    late = slice(2 * third, 3 * third)
    assert room.db(speech.echo[early]) - room.db(left[early]) > 15
    assert room.db(speech.echo[late]) - room.db(left[late]) > 25
    off = room.processed(room.NOTHING, speech.far, speech.echo)
    assert abs(room.db(speech.echo[late]) - room.db(off[late])) < 0.5


def test_in_double_talk_the_near_voice_is_kept(speech: Speech):
    begin = 2 * len(speech.far) // 3
    begin = begin // 320 * 320
    end = min(begin + len(speech.near) // 320 * 320, len(speech.far))
    said = np.zeros(len(speech.far))
    said[begin:end] = speech.near[: end - begin]
    both = slice(begin, end)
    heard = room.processed(ECHO, speech.far, speech.echo + said)
    alone = room.processed(ECHO, np.zeros(len(said)), said + room.hiss(len(said)))
    assert abs(room.db(heard[both]) - room.db(alone[both])) < 5
    assert room.envelope_likeness(heard[both], said[both]) > 0.6


def test_noise_that_changes_falls_and_the_voice_stays(speech: Speech, tmp_path: Path):
    samples = 3 * len(speech.near) // 320 * 320
    t = np.arange(samples) / SAMPLE_RATE_HZ
    # An open-plan office: air conditioning that swells and fades, six voices far away.
    air = room.hiss(samples, 150) * (0.6 + 0.4 * np.sin(2 * np.pi * 0.2 * t))
    voices = sum(
        np.roll(
            np.resize(room.voice(room.FAR, tmp_path, name, -50), samples), 9000 * n
        ) * (0.6 + 0.4 * np.sin(2 * np.pi * (0.3 + 0.1 * n) * t))
        for n, name in enumerate(("en-us", "en-gb", "de", "fr", "en-us+f2", "en-gb+m3"))
    )  # fmt: skip
    noise = air + voices
    quiet = room.processed(ECHO, np.zeros(samples), noise)
    late = slice(samples // 3, samples)
    assert room.db(noise[late]) - room.db(quiet[late]) > 3
    said = np.resize(speech.near, samples)
    heard = room.processed(ECHO, np.zeros(samples), noise + said)
    assert abs(room.db(heard[late]) - room.db(said[late])) < 3
    assert room.envelope_likeness(heard[late], said[late]) > 0.8


@pytest.mark.parametrize(("level", "least", "most"), [(-45, 12, 40), (-35, 8, 30), (-14, -6, 6)])
def test_a_quiet_voice_is_brought_near_a_usual_level(speech: Speech, level, least, most):
    said = room.again(speech.near * 10 ** ((level + 20) / 20), 4)
    heard = room.processed(VoiceProcessing(), np.zeros(len(said)), said + room.hiss(len(said), 2))
    late = slice(len(heard) * 2 // 3, len(heard))
    assert least < room.db(heard[late]) - room.db(said[late]) < most
