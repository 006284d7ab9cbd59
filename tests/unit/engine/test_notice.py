from __future__ import annotations

import pytest

from softphone.app.media import FRAME_BYTES, SILENCE
from softphone.engine.notice import NoticeSource

PCM = b"\x01" * (FRAME_BYTES + 10)


def test_once_and_then_silence():
    source = NoticeSource(PCM)
    assert source.next_frame() == b"\x01" * FRAME_BYTES
    assert source.next_frame() == b"\x01" * 10 + bytes(FRAME_BYTES - 10)
    assert source.done
    assert source.next_frame() == SILENCE


@pytest.mark.parametrize("every_s", [1, 2])
def test_again_and_again(every_s: int):
    source = NoticeSource(PCM, every_s)
    period = every_s * 50
    frames = [source.next_frame() for _ in range(3 * period)]
    sounding = [n for n, frame in enumerate(frames) if frame != SILENCE]
    assert sounding == [0, 1, period, period + 1, 2 * period, 2 * period + 1]
    assert not source.done


def test_nothing_to_play_is_silence():
    source = NoticeSource(b"")
    assert source.done
    assert source.next_frame() == SILENCE
