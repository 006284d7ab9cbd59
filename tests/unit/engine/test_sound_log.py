from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from softphone.domain.call import Call, CallState, Direction
from softphone.domain.call_sound import KEPT, CallSound
from softphone.domain.events import CallChanged, SoundCounted
from softphone.domain.ids import AccountId, CallId
from softphone.domain.quality import Quality
from softphone.domain.sound import SoundHealth
from softphone.engine.sound_log import SoundLog, read_sounds, write_sounds

BEGAN = datetime(2026, 11, 26, 10, 0, tzinfo=UTC)
RINGING = Call(CallId("c"), AccountId("a"), Direction.INCOMING, CallState.INCOMING, "+4930123456")
TALKING = replace(RINGING, state=CallState.ESTABLISHED, established_at=BEGAN, codec="G722")
OVER = replace(
    TALKING, state=CallState.ENDED, ended_at=BEGAN + timedelta(minutes=7, seconds=40),
    quality=Quality(0.5, 3.0, 20.0, 1, 4.2),
)  # fmt: skip


class Log:
    def __init__(self, kept=()) -> None:
        self.written: list = []
        self.log = SoundLog(kept, lambda kept: self.written.append(tuple(kept)))

    def follow(self, *events) -> None:
        for event in events:
            self.log.follow(event)


def test_a_call_leaves_its_counters_and_nothing_of_who_it_was():
    log = Log()
    health = SoundHealth(speaker_gaps=2)
    log.follow(CallChanged(RINGING), CallChanged(TALKING), SoundCounted(health), CallChanged(OVER))
    assert log.written == [(CallSound(8, "G722", health, OVER.quality),)]


def test_a_call_that_nobody_answered_leaves_nothing():
    log = Log()
    log.follow(CallChanged(RINGING), CallChanged(replace(RINGING, state=CallState.ENDED)))
    assert log.written == []


def test_the_end_is_counted_once_and_the_next_call_begins_at_nothing():
    log = Log()
    log.follow(CallChanged(TALKING), SoundCounted(SoundHealth(microphone_gaps=1)))
    log.follow(CallChanged(OVER), CallChanged(OVER))
    second = replace(OVER, id=CallId("d"))
    log.follow(CallChanged(replace(TALKING, id=CallId("d"))), CallChanged(second))
    assert [one.health.trouble for one in log.written[-1]] == [1, 0]


def test_the_oldest_are_forgotten():
    log = Log([CallSound(n, "PCMA") for n in range(KEPT)])
    log.follow(CallChanged(TALKING), CallChanged(OVER))
    assert len(log.written[0]) == KEPT
    assert log.written[0][0].minutes == 1


def test_what_is_written_is_read_again_and_damage_is_nothing(tmp_path):
    file = tmp_path / "sounds.json"
    assert read_sounds(file) == ()
    kept = (CallSound(3, "G722", SoundHealth(1, 2, 3, 4, 5), OVER.quality), CallSound(0, ""))
    write_sounds(file, kept)
    assert read_sounds(file) == kept
    assert file.stat().st_mode & 0o077 == 0
    assert b"4930" not in file.read_bytes()
    file.write_bytes(b"[{")
    assert read_sounds(file) == ()


def test_a_disk_that_refuses_costs_nothing_but_the_diagnosis(tmp_path):
    write_sounds(tmp_path / "missing" / "sounds.json", (CallSound(1, ""),))
    assert not (tmp_path / "missing").exists()
