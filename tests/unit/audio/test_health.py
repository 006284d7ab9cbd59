from __future__ import annotations

from softphone.app.media import FRAME_BYTES
from softphone.audio.health import HealthCounter
from softphone.audio.ring import FrameRing
from softphone.domain.sound import NO_TROUBLE, SoundHealth


def run_dry(ring: FrameRing) -> None:
    ring.put_frame(bytes(3 * FRAME_BYTES))
    for _ in range(4):
        ring.next_frame()


def test_counters_begin_with_the_call_and_are_told_when_they_change():
    capture, playback = FrameRing(), FrameRing()
    run_dry(capture)
    counter = HealthCounter(capture, playback)
    counter.begin()
    assert counter.now() == NO_TROUBLE
    assert counter.news() is None
    run_dry(playback)
    counter.lost_device()
    assert counter.news() == SoundHealth(speaker_gaps=1, devices_lost=1)
    assert counter.news() is None
    counter.begin()
    assert counter.news() == NO_TROUBLE
