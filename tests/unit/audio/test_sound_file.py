from __future__ import annotations

import io
import wave

import av
import numpy as np
import pytest

from softphone.app.media import SAMPLE_RATE_HZ
from softphone.audio.sound_file import NoSound, decode


def sine(seconds: float, rate: int = SAMPLE_RATE_HZ, level: float = 0.3) -> np.ndarray:
    t = np.arange(round(seconds * rate)) / rate
    return (np.sin(2 * np.pi * 500 * t) * level * 32767).astype(np.int16)


def wav(pcm: np.ndarray, rate: int = SAMPLE_RATE_HZ, channels: int = 1) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(np.repeat(pcm, channels).tobytes())
    return out.getvalue()


def coded(pcm: np.ndarray, form: str, codec: str, rate: int = 48_000) -> bytes:
    out = io.BytesIO()
    with av.open(out, "w", format=form) as container:
        stream = container.add_stream(codec, rate=rate)
        stream.layout = "mono"
        frame = av.AudioFrame.from_ndarray(pcm.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate = rate
        for made in av.AudioResampler(stream.format, "mono", rate, 960).resample(frame):
            container.mux(stream.encode(made))
        container.mux(stream.encode(None))
    return out.getvalue()


def pitch(pcm: np.ndarray) -> float:
    block = pcm[1000:9000].astype(float)
    return float(np.argmax(np.abs(np.fft.rfft(block))) * SAMPLE_RATE_HZ / len(block))


@pytest.mark.parametrize(
    "data",
    [
        wav(sine(1)),
        wav(sine(1, 44_100), 44_100, channels=2),
        coded(sine(1, 48_000), "ogg", "libopus"),
        coded(sine(1, 48_000), "flac", "flac"),
    ],
    ids=["wav", "wav stereo", "ogg", "flac"],
)
def test_usual_files_come_as_16_khz_mono(data):
    pcm = decode(data)
    assert len(pcm) == pytest.approx(SAMPLE_RATE_HZ, abs=700)
    assert pitch(pcm) == pytest.approx(500, abs=3)


def test_no_more_than_the_limit_is_decoded():
    assert len(decode(wav(sine(5)), longest_s=2)) == 2 * SAMPLE_RATE_HZ


@pytest.mark.parametrize(
    "data",
    [
        b"", b"RIFF", b"OggS" + bytes(200), b"fLaC" + b"\xff" * 300, b"no sound",
        b"#EXTM3U\nhttp://example.com/a.wav\n", b"ffconcat version 1.0\nfile /etc/passwd\n",
        wav(sine(0)),
    ],
)  # fmt: skip
def test_what_is_no_sound_is_refused_and_play_lists_are_not_followed(data):
    with pytest.raises(NoSound):
        decode(data)


def test_a_file_that_breaks_off_gives_what_it_has():
    whole = coded(sine(4, 48_000), "flac", "flac")
    assert 0 < len(decode(whole[: len(whole) // 2])) < 4 * SAMPLE_RATE_HZ
