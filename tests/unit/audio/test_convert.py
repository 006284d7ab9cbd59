from __future__ import annotations

import numpy as np
import pytest

from softphone.audio.convert import Converter, OutputConverter, first_channel, spread
from softphone.audio.levels import LevelMeter, level_dbfs
from softphone.audio.portaudio import formats
from softphone.domain.sound import SILENCE_DBFS, LevelWord, level_word


def sine(rate: int, seconds: float = 1.0) -> bytes:
    t = np.arange(round(rate * seconds)) / rate
    return (np.sin(2 * np.pi * 440 * t) * 12000).astype(np.int16).tobytes()


def pitch(pcm: bytes, rate: int) -> float:
    samples = np.frombuffer(pcm, np.int16).astype(float)
    return float(np.argmax(np.abs(np.fft.rfft(samples))) * rate / len(samples))


@pytest.mark.parametrize("rate", [44_100, 48_000, 16_000])
def test_a_device_of_another_rate_hears_the_same_pitch(rate):
    feed = sine(16_000)
    converter = OutputConverter(rate, 2)
    out, place, block = b"", 0, rate // 100
    for _ in range(90):
        need = converter.wanted(block)
        converter.put(feed[place : place + need])
        place += need
        out += converter.get(block)
    stereo = np.frombuffer(out, np.int16).reshape(-1, 2)
    assert len(stereo) == 90 * block
    assert np.array_equal(stereo[:, 0], stereo[:, 1])
    assert pitch(stereo[:, 0].tobytes(), rate) == pytest.approx(440, abs=3)
    # Blocks join without gaps: after the resampler has filled, the sine never pauses.
    windows = np.abs(stereo[5 * block :, 0].astype(int)).reshape(
        -1, block // 4 if rate == 16_000 else block // 3
    )
    assert windows.max(axis=1).min() > 5000


@pytest.mark.parametrize("rate", [44_100, 48_000])
def test_a_microphone_of_another_rate_sounds_the_same(rate):
    converter = Converter(rate, 16_000)
    data = sine(rate)
    step = rate // 100 * 2
    out = b"".join(converter.convert(data[i : i + step]) for i in range(0, len(data), step))
    assert len(out) // 2 == pytest.approx(16_000, abs=200)
    assert pitch(out, 16_000) == pytest.approx(440, abs=3)


def test_channels():
    assert spread(b"\x01\x00", 2) == b"\x01\x00\x01\x00"
    assert spread(b"\x01\x00", 4) == b"\x01\x00\x01\x00" + bytes(4)
    assert first_channel(b"\x01\x00\x02\x00", 2) == b"\x01\x00"
    assert first_channel(b"\x01\x00", 1) == b"\x01\x00"


def test_formats_begin_with_ours_and_never_take_all_channels():
    tried = list(formats(48_000))
    assert tried[0] == (16_000, 1)
    assert (44_100, 2) in tried
    assert max(channels for _, channels in tried) == 2
    assert len(tried) == len(set(tried))
    assert (48_000, 1) in list(formats(0))


def test_levels():
    assert level_dbfs(np.zeros(0)) == SILENCE_DBFS
    assert level_dbfs(np.zeros(100)) == SILENCE_DBFS
    full = np.sin(np.arange(16_000) * 0.1) * 32767
    assert level_dbfs(full) == pytest.approx(0, abs=0.05)
    meter = LevelMeter()
    meter.feed(b"\x01\x00")
    assert meter.read() == (SILENCE_DBFS, False)
    words = [level_word(x) for x in (-90, -50, -20, -3)]
    assert words == [LevelWord.SILENT, LevelWord.QUIET, LevelWord.GOOD, LevelWord.TOO_LOUD]
