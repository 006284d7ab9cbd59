from __future__ import annotations

from dataclasses import replace

from softphone.audio.health import HealthCounter
from softphone.domain.sound import NO_TROUBLE, SoundHealth


def test_counters_begin_with_the_call_and_are_told_when_they_change():
    path = SoundHealth(microphone_gaps=1, speaker_floods=7)
    counter = HealthCounter(lambda: path)
    counter.begin()
    assert counter.now() == NO_TROUBLE
    assert counter.news() is None
    path = replace(path, speaker_gaps=1)
    counter.lost_device()
    assert counter.news() == SoundHealth(speaker_gaps=1, devices_lost=1)
    assert counter.news() is None
    counter.begin()
    assert counter.news() == NO_TROUBLE
