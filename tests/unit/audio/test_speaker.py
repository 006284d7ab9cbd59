from __future__ import annotations

import numpy as np
import pytest

from softphone.app.media import FRAME_BYTES, FRAME_SAMPLES
from softphone.audio.backend import DeviceUnusable
from softphone.audio.pace import MS
from softphone.audio.ring import MOST
from softphone.audio.speaker import MARGIN, Speaker
from tests.fakes.sound import FakeBackend, FakeDirect

HZ = 400.0


def sine(frames: int) -> list[bytes]:
    t = np.arange(frames * FRAME_SAMPLES) / 16_000
    pcm = (np.sin(2 * np.pi * HZ * t) * 9000).astype(np.int16).tobytes()
    return [pcm[i : i + FRAME_BYTES] for i in range(0, len(pcm), FRAME_BYTES)]


def made(*, direct: bool = True) -> tuple[Speaker, FakeBackend, list[bytes]]:
    backend = FakeBackend((), ("usual",), direct=direct)
    playing: list[bytes] = []
    return Speaker(backend, playing.append), backend, playing


def opened() -> tuple[Speaker, FakeDirect, list[bytes]]:
    speaker, _, playing = made()
    speaker.open("usual", lambda: None)
    output = speaker._backend.outputs[-1]  # type: ignore[attr-defined]
    return speaker, output, playing


def test_frames_go_straight_to_the_device_a_margin_ahead():
    speaker, output, playing = opened()
    for frame in sine(100):
        speaker.put_frame(frame)
        assert MARGIN <= output.ahead() <= MARGIN + FRAME_SAMPLES
        output.play(FRAME_BYTES)
    assert (speaker.underruns, speaker.overruns) == (0, 0)
    assert output.placed == [MARGIN]
    assert b"".join(playing) == output.played[MARGIN * 2 :] + bytes(output.queue)


@pytest.mark.parametrize("ppm", [-300, 300])
def test_two_clocks_that_differ_leave_no_gap_and_no_step(ppm):
    speaker, output, _ = opened()
    owed = 0.0
    for frame in sine(50 * 60):
        speaker.put_frame(frame)
        owed += FRAME_SAMPLES * (1 + ppm / 1e6)
        output.play(int(owed) * 2)
        owed -= int(owed)
        assert output.ahead() < MARGIN + 3 * MS
    assert (speaker.underruns, speaker.overruns) == (0, 0)
    pcm = np.frombuffer(output.played, np.int16)[FRAME_SAMPLES:].astype(float)
    # A sine of this pitch turns by so much a sample and no more: no click anywhere.
    assert np.abs(np.diff(pcm)).max() < 9000 * 2 * np.pi * HZ / 16_000 * 1.05


def test_after_a_gap_more_is_kept_ahead():
    speaker, output, _ = opened()
    frames = sine(400)
    speaker.put_frame(frames[0])
    output.play(3 * FRAME_BYTES)
    assert output.ahead() < 0
    speaker.put_frame(frames[1])
    assert speaker.underruns == 1
    assert output.placed == [MARGIN, MARGIN + 5 * MS]


def test_a_flood_is_given_up_and_counted():
    speaker, output, _ = opened()
    for frame in sine(20):
        speaker.put_frame(frame)
        assert output.ahead() <= MOST + FRAME_SAMPLES
    assert speaker.overruns > 0
    assert speaker.underruns == 0


def test_a_device_that_asks_is_filled_from_a_queue():
    speaker, backend, playing = made(direct=False)
    speaker.open("usual", lambda: None)
    for frame in sine(10):
        speaker.put_frame(frame)
    [stream] = backend.outputs
    assert len(stream.pump(640)) == 640
    assert len(b"".join(playing)) == 640


def test_without_a_device_the_frames_wait_and_a_lost_one_is_not_written_to():
    speaker, backend, _ = made()
    speaker.put_frame(sine(1)[0])
    stream = speaker.open("usual", lambda: None)
    stream.close()
    speaker.put_frame(sine(1)[0])
    [output] = backend.outputs
    assert output.closed
    assert output.placed == []


def test_a_device_that_cannot_be_opened_is_told():
    speaker, backend, _ = made()
    backend.broken.add("usual")
    with pytest.raises(DeviceUnusable):
        speaker.open("usual", lambda: None)


def test_a_device_that_is_written_to_is_looked_after_while_it_is_open():
    speaker, output, _ = opened()
    speaker.tend()
    assert output.tended == 1
    speaker._direct.close()
    speaker.tend()
    assert output.tended == 1
    made(direct=False)[0].tend()  # nothing to look after
