from __future__ import annotations

import io

import numpy as np
import pytest

from softphone.audio.codecs import StreamEncoder, decode_stereo
from softphone.domain.errors import Damaged, InvalidInput

RATE = 16_000


def tones(seconds: int):
    t = np.arange(RATE * seconds) / RATE
    left = (np.sin(2 * np.pi * 440 * t) * 9000).astype(np.int16)
    right = (np.sin(2 * np.pi * 310 * t) * 9000).astype(np.int16)
    return left, right


def encode(codec: str, left, right, step: int = 4000) -> list[bytes]:
    encoder = StreamEncoder(codec)
    parts = [
        encoder.encode(left[i : i + step].tobytes(), right[i : i + step].tobytes())
        for i in range(0, len(left), step)
    ]
    return [*parts, encoder.finish()]


def decode(data: bytes):
    return np.concatenate(list(decode_stereo(io.BytesIO(data))))


def likeness(a, b) -> float:
    """Normalised correlation at the best of small shifts (codecs delay)."""
    n = min(len(a), len(b)) - 800
    return max(
        float(np.corrcoef(a[s : s + n].astype(float), b[:n].astype(float))[0, 1])
        for s in range(0, 800, 2)
    )


@pytest.mark.parametrize("codec", ["opus", "flac"])
def test_channels_survive_apart_and_in_step(codec):
    left, right = tones(3)
    pcm = decode(b"".join(encode(codec, left, right)))
    assert abs(len(pcm) - len(left)) < RATE // 10
    assert likeness(pcm[:, 0], left) > 0.95
    assert likeness(pcm[:, 1], right) > 0.95
    assert abs(likeness(pcm[:, 0], right)) < 0.3


@pytest.mark.parametrize("codec", ["opus", "flac"])
def test_what_was_written_so_far_can_be_heard(codec):
    parts = encode(codec, *tones(4))
    pcm = decode(b"".join(parts[: len(parts) // 2]))
    assert len(pcm) > RATE


def test_flac_is_exact():
    left, right = tones(1)
    pcm = decode(b"".join(encode("flac", left, right)))
    assert np.array_equal(pcm[:, 0], left)
    assert np.array_equal(pcm[:, 1], right)


def test_unknown_codec_and_garbage():
    with pytest.raises(InvalidInput):
        StreamEncoder("mp3")
    with pytest.raises(Damaged):
        decode(b"no audio at all" * 100)


def test_an_empty_recording_can_be_finished():
    assert isinstance(StreamEncoder("opus").finish(), bytes)


def voices(seconds: int) -> tuple[np.ndarray, np.ndarray]:
    """Two that speak at once: coloured noise in syllables."""
    chance = np.random.default_rng(3)
    count = RATE * seconds
    made = []
    for pitch, beat in ((120, 3.1), (210, 4.3)):
        t = np.arange(count) / RATE
        hum = sum(np.sin(2 * np.pi * pitch * k * t) / k for k in range(1, 25))
        breath = np.convolve(chance.normal(0, 1, count), np.hanning(8) / 4, "same")
        made.append((hum * 3000 + breath * 800) * (0.55 + 0.45 * np.sin(2 * np.pi * beat * t)))
    left, right = (np.clip(one, -32768, 32767).astype(np.int16) for one in made)
    return left, right


def fidelity_db(heard: np.ndarray, spoken: np.ndarray) -> float:
    n = min(len(heard), len(spoken)) - 800
    return max(
        float(
            10
            * np.log10(np.sum(spoken[:n] ** 2.0) / np.sum((heard[s : s + n] - spoken[:n]) ** 2.0))
        )
        for s in range(0, 400)
    )


def test_two_who_speak_at_once_both_remain_clear():
    left, right = voices(4)
    pcm = decode(b"".join(encode("opus", left, right))).astype(float)
    assert fidelity_db(pcm[:, 0], left.astype(float)) > 12
    assert fidelity_db(pcm[:, 1], right.astype(float)) > 12


def test_an_hour_of_opus_is_small():
    left, right = voices(10)
    assert len(b"".join(encode("opus", left, right))) * 360 < 30_000_000
