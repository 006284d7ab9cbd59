from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from softphone.audio.backend import DeviceUnusable
from softphone.audio.codecs import StreamEncoder
from softphone.audio.player import MemoryPlayer, mixed
from softphone.audio.tempo import Route, Tempo, whole, without_silence
from tests.fakes.sound import FakeBackend

RATE = 16_000


def voice(seconds: float, hz: float = 440.0) -> np.ndarray:
    t = np.arange(round(seconds * RATE)) / RATE
    mono = (np.sin(2 * np.pi * hz * t) * 9000).astype(np.int16)
    return np.stack([mono, mono], axis=1)


def silence(seconds: float) -> np.ndarray:
    noise = np.random.default_rng(5).integers(-40, 40, (round(seconds * RATE), 2))
    return noise.astype(np.int16)


def pitch(pcm: np.ndarray) -> float:
    windowed = pcm * np.hanning(len(pcm))
    return float(np.argmax(np.abs(np.fft.rfft(windowed))) * RATE / len(pcm))


class Rig:
    def __init__(self, *, speaker: bool = True) -> None:
        self.backend = FakeBackend((), ("laptop",) if speaker else ())
        self.time = 100.0
        self.player = MemoryPlayer(lambda: self.backend, now=lambda: self.time)

    def hear(self, seconds: float) -> np.ndarray:
        stream = self.backend.outputs[-1]
        count = round(seconds * 100)
        return np.frombuffer(b"".join(stream.pump(320) for _ in range(count)), np.int16)


@pytest.mark.parametrize("speed", [0.5, 0.75, 1.0, 1.25, 1.5, 2.0])
def test_speed_changes_the_length_and_not_the_pitch(speed):
    rig = Rig()
    rig.player.take(voice(4))
    rig.player.set_speed(speed)
    rig.player.play()
    heard = rig.hear(1.5)
    assert pitch(heard[RATE // 4 :].astype(float)) == pytest.approx(440, abs=4)
    assert rig.player.position_ms() == pytest.approx(1500 * speed, abs=60)


def test_it_ends_at_the_end_and_begins_again():
    rig = Rig()
    rig.player.take(voice(1))
    rig.player.set_speed(2.0)
    rig.player.play()
    rig.hear(0.8)
    assert rig.player.position_ms() == 1000
    rig.player.pause()
    rig.player.play()
    rig.hear(0.1)
    assert rig.player.position_ms() == pytest.approx(200, abs=20)


def test_changing_speed_in_the_middle_keeps_the_place():
    rig = Rig()
    rig.player.take(voice(6))
    rig.player.play()
    rig.hear(2)
    rig.player.set_speed(2.0)
    assert rig.player.position_ms() == 2000
    rig.hear(1)
    assert rig.player.position_ms() == pytest.approx(4000, abs=60)
    rig.player.set_speed(9)
    rig.player.seek(1000)
    rig.hear(0.5)
    assert rig.player.position_ms() == pytest.approx(2000, abs=60)


def test_silence_is_shortened_and_the_place_is_that_of_the_recording():
    rig = Rig()
    rig.player.take(np.concatenate([voice(1), silence(5), voice(1, 600)]))
    rig.player.skip_silence(True)
    rig.player.play()
    rig.hear(1.0)
    assert rig.player.position_ms() == pytest.approx(1000, abs=30)
    heard = rig.hear(0.8)
    assert pitch(heard[RATE // 2 :].astype(float)) == pytest.approx(600, abs=6)
    assert rig.player.position_ms() > 6300
    rig.player.skip_silence(False)
    assert rig.player.position_ms() > 6300
    rig.player.seek(3000)
    assert rig.player.position_ms() == 3000


def test_where_one_side_speaks_nothing_is_left_out():
    stereo = np.concatenate([voice(1), silence(3)])
    stereo[:, 1] = voice(4)[:, 0]
    assert without_silence(stereo).length == len(stereo)


def test_without_a_speaker_the_clock_moves_it():
    rig = Rig(speaker=False)
    rig.player.take(voice(10))
    rig.player.set_speed(2.0)
    rig.player.play()
    rig.time += 1
    assert rig.player.position_ms() == 2000
    rig.player.pause()
    rig.time += 1
    assert rig.player.position_ms() == 2000
    rig.player.seek(500)
    rig.player.play()
    rig.time += 20
    assert rig.player.position_ms() == 10_000


def test_a_lost_speaker_and_no_sound_at_all():
    rig = Rig()
    rig.player.take(voice(10))
    rig.player.play()
    rig.hear(1)
    rig.backend.outputs[-1].lost()
    rig.time += 1
    assert rig.player.position_ms() == pytest.approx(2000, abs=20)

    def none():
        raise DeviceUnusable("none")

    silent = MemoryPlayer(none)
    silent.take(voice(1))
    silent.play()
    silent.unload()
    assert silent.position_ms() == 0


class Reader:
    problem = "Its end is missing."

    def __init__(self, data: bytes) -> None:
        self.file, self.size, self.closed = io.BytesIO(data), len(data), False

    def read_at(self, position: int, length: int) -> bytes:
        self.file.seek(position)
        return self.file.read(length)

    def close(self) -> None:
        self.closed = True


def test_loading_decodes_and_unloading_forgets():
    encoder = StreamEncoder("flac")
    pcm = voice(2)
    left = np.ascontiguousarray(pcm[:, 0]).tobytes()
    data = encoder.encode(left, left) + encoder.finish()
    rig = Rig()
    reader = Reader(data)
    rig.player.load(reader, 2000)
    assert reader.closed
    assert rig.player.problem == Reader.problem
    kept = rig.player.pcm
    assert np.array_equal(kept, pcm)
    agent, customer = rig.player.waveform(10)
    assert min(agent) > 0.2
    assert agent == customer
    rig.player.unload()
    assert not rig.player.pcm.size
    assert rig.player.waveform(3) == ([0.0] * 3, [0.0] * 3)


def test_tempo_ends():
    tempo = Tempo(1.5)
    out = [tempo.stretch(voice(1)[:, 0]), tempo.stretch(np.zeros(0, np.int16))]
    assert sum(map(len, out)) == pytest.approx(RATE / 1.5, abs=800)


@given(st.lists(st.integers(1, 400), min_size=1, max_size=8), st.integers(0, 3000))
def test_places_on_the_route_and_back(lengths, sample):
    spans, at = [], 0
    for n, length in enumerate(lengths):
        if n % 2 == 0:
            spans.append((at, at + length))
        at += length
    route = Route(spans, at)
    sound = np.arange(at)
    played: list[int] = []
    while len(part := route.read(sound, len(played), 50)):
        played += part.tolist()
    assert played == [s for b, e in spans for s in range(b, e)]
    for place, where in enumerate(played):
        assert route.to_sound(place) == where
        assert route.from_sound(where) == place
    assert route.to_sound(route.length) == at
    assert 0 <= route.from_sound(sample) <= route.length


def test_an_empty_route():
    assert whole(0).length == 0
    assert whole(0).to_sound(3) == 0
    assert whole(0).from_sound(3) == 0
    assert not len(whole(0).read(np.zeros(0), 0, 10))


def test_the_balance_gives_one_side_or_both():
    stereo = np.array([[1000, -400], [32767, 32767], [-32768, -32768]], dtype=np.int16)
    assert mixed(stereo, 0.0).tolist() == [300, 32767, -32768]
    assert mixed(stereo, -1.0).tolist() == [1000, 32767, -32768]
    assert mixed(stereo, 1.0).tolist() == [-400, 32767, -32768]
    assert mixed(stereo, 0.5).tolist() == [-50, 32767, -32768]
    assert mixed(stereo[:0], 0.3).tolist() == []


def test_the_balance_holds_at_once_and_for_what_is_loaded_next():
    rig = Rig()
    left = np.stack([np.full(16_000, 800), np.zeros(16_000)], axis=1).astype(np.int16)
    rig.player.take(left)
    rig.player.set_balance(1.0)
    rig.player.play()
    assert not np.any(rig.hear(0.1))
    rig.player.set_balance(-7.0)
    rig.hear(0.1)
    assert set(rig.hear(0.1).tolist()) == {800}
    rig.player.take(left)
    assert set(rig.hear(0.1).tolist()) == {800}
