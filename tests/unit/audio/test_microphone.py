from __future__ import annotations

import numpy as np

from softphone.app.media import FRAME_BYTES, FRAME_SAMPLES, SILENCE, Beat
from softphone.audio.microphone import Microphone, shortened

BLOCK = FRAME_BYTES // 2
VOICE = np.arange(1, 20 * FRAME_SAMPLES + 1, dtype=np.int16).tobytes()


class Call:
    """What the media tick does with a microphone that leads."""

    def __init__(self, microphone: Microphone) -> None:
        self.microphone = microphone
        self.frames: list[bytes] = []
        self.beats = 0
        self.answers: list[Beat] = []
        self.listens = True
        microphone.lead(self.beat)

    def beat(self) -> Beat:
        self.beats += 1
        answer = self.answers.pop(0) if self.answers else Beat.ON
        if self.listens and answer is not Beat.LATE:
            self.frames.append(self.microphone.next_frame())
        return answer


def blocks(begin: int, count: int) -> list[bytes]:
    return [VOICE[i * BLOCK : (i + 1) * BLOCK] for i in range(begin, begin + count)]


def test_a_frame_is_in_the_call_when_its_second_block_has_come():
    microphone = Microphone()
    call = Call(microphone)
    for number, block in enumerate(blocks(0, 8), start=1):
        microphone.put_frame(block)
        assert len(call.frames) == number // 2
    assert b"".join(call.frames) == VOICE[: 4 * FRAME_BYTES]
    assert (microphone.underruns, microphone.overruns) == (0, 0)


def test_nobody_listening_leaves_nothing_behind():
    microphone = Microphone()
    call = Call(microphone)
    call.listens = False
    microphone.put_frame(VOICE[: 6 * FRAME_BYTES])
    call.listens = True
    microphone.put_frame(VOICE[6 * FRAME_BYTES : 7 * FRAME_BYTES])
    assert call.beats == 7
    assert call.frames == [VOICE[6 * FRAME_BYTES : 7 * FRAME_BYTES]]


def test_what_is_late_is_dropped_and_counted_once():
    microphone = Microphone()
    call = Call(microphone)
    call.answers = [Beat.LATE]
    microphone.put_frame(VOICE[: 5 * FRAME_BYTES + BLOCK])
    assert call.frames == []
    assert microphone.overruns == 1
    microphone.put_frame(VOICE[5 * FRAME_BYTES + BLOCK : 6 * FRAME_BYTES])
    assert call.frames == [VOICE[5 * FRAME_BYTES : 6 * FRAME_BYTES]]


def test_a_later_frame_is_made_of_one_and_a_half_once():
    microphone = Microphone()
    call = Call(microphone)
    call.answers = [Beat.LATER]
    seen = []
    for block in blocks(0, 9):
        microphone.put_frame(block)
        seen.append(call.beats)
    assert seen == [0, 1, 1, 1, 2, 2, 3, 3, 4]
    assert call.frames[1] == shortened(VOICE[FRAME_BYTES : FRAME_BYTES * 5 // 2])
    assert call.frames[2] == VOICE[5 * BLOCK : 7 * BLOCK]


def test_a_shortened_frame_begins_and_ends_as_what_it_is_made_of():
    long = VOICE[: FRAME_BYTES * 3 // 2]
    short = shortened(long)
    assert len(short) == FRAME_BYTES
    assert short[:BLOCK] == long[:BLOCK]
    assert short[-2:] == long[-2:]


def test_a_tick_without_the_microphone_is_silent_and_counted_once_a_stall():
    microphone = Microphone()
    Call(microphone)
    assert microphone.next_frame() == SILENCE
    assert microphone.underruns == 0  # it has not begun yet
    microphone.put_frame(VOICE[:FRAME_BYTES])
    assert [microphone.next_frame() for _ in range(3)] == [SILENCE] * 3
    assert microphone.underruns == 1


def test_without_a_lead_the_calls_clock_reads_through_a_queue():
    microphone = Microphone()
    for block in blocks(0, 8):
        microphone.put_frame(block)
    assert len(microphone.next_frame()) == FRAME_BYTES
    microphone.clear()
    assert microphone.next_frame() == SILENCE


def test_whoever_leads_says_how_much_is_missing_for_a_frame():
    microphone = Microphone()
    assert microphone.put_frame(VOICE[:BLOCK]) is None
    call = Call(microphone)
    assert microphone.put_frame(VOICE[:100]) == FRAME_BYTES - 100
    assert microphone.put_frame(VOICE[:BLOCK]) == FRAME_BYTES - 100 - BLOCK
    call.answers = [Beat.LATER]
    assert microphone.put_frame(VOICE[:BLOCK]) == FRAME_BYTES * 3 // 2 - 100
    assert call.beats == 1


def test_blocks_are_processed_once_they_make_a_frame_and_none_is_left_out():
    heard: list[bytes] = []

    def process(pcm: bytes) -> bytes:
        heard.append(pcm)
        return pcm

    microphone = Microphone(process)
    call = Call(microphone)
    for begin in range(0, 4 * FRAME_BYTES, 160):
        microphone.put_frame(VOICE[begin : begin + 160])
    assert heard == call.frames
    call.answers = [Beat.LATE]
    microphone.put_frame(VOICE[4 * FRAME_BYTES : 8 * FRAME_BYTES])
    assert b"".join(heard) == VOICE[: 8 * FRAME_BYTES]
    assert len(call.frames) == 4


def test_a_processing_that_holds_something_back_delays_the_frame_and_loses_nothing():
    held: list[bytes] = [b""]

    def process(pcm: bytes) -> bytes:
        whole = held[0] + pcm
        held[0] = whole[-64:]
        return whole[:-64]

    microphone = Microphone(process)
    call = Call(microphone)
    for block in blocks(0, 9):
        microphone.put_frame(block)
    assert b"".join(call.frames) == VOICE[: 4 * FRAME_BYTES]
