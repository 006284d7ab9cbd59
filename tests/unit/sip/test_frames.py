"""Frames through their memory, with the binding's own objects."""

from __future__ import annotations

import pjsua2 as pj
import pytest

from softphone.app.media import FRAME_BYTES, SILENCE
from softphone.sip import frames
from softphone.sip.frames import frame_access

SOUND = bytes(n * 7 % 256 for n in range(FRAME_BYTES))


def test_what_is_written_is_read_the_fast_way_and_by_the_binding():
    read, write, fast = frame_access()
    assert fast
    frame = pj.MediaFrame()
    write(frame, SOUND)
    assert read(frame) == SOUND == bytes(frame.buf)
    assert (frame.type, frame.size) == (pj.PJMEDIA_FRAME_TYPE_AUDIO, FRAME_BYTES)


def test_each_frame_has_sound_of_its_own():
    read, write, _ = frame_access()
    first, second = pj.MediaFrame(), pj.MediaFrame()
    write(first, SOUND)
    write(second, SILENCE)
    assert (read(first), read(second)) == (SOUND, SILENCE)


@pytest.mark.parametrize("slow", [False, True])
def test_what_is_no_sound_is_silence(slow):
    read, write, _ = frame_access()
    frame = pj.MediaFrame()
    write(frame, SOUND)
    frame.type = pj.PJMEDIA_FRAME_TYPE_NONE
    assert (frames._read_slow if slow else read)(frame) == SILENCE
    frame.type, frame.size = pj.PJMEDIA_FRAME_TYPE_AUDIO, 2
    assert (frames._read_slow if slow else read)(frame) == SILENCE


def test_with_another_layout_the_slow_way_is_taken_and_does_the_same(monkeypatch):
    monkeypatch.setattr(frames, "_as_expected", lambda probe: False)
    read, write, fast = frame_access()
    assert not fast
    frame = pj.MediaFrame()
    write(frame, SOUND)
    assert read(frame) == SOUND
