from __future__ import annotations

import json
import queue
from pathlib import Path

import numpy as np
import pytest

from softphone.app.media import FRAME_BYTES, Beat
from softphone.audio.live import LiveDevices
from softphone.domain.events import (
    AudioDevicesChanged,
    MicrophoneChanged,
    RingtonesChanged,
    SoundCounted,
    SoundDevicesListed,
    SoundLevels,
    SoundTested,
    VoiceProcessingChanged,
)
from softphone.domain.sound import (
    NO_TROUBLE,
    NOT_CHOSEN,
    SILENT,
    AudioRole,
    Silenced,
    Sounding,
    Tone,
    amplify,
    choose,
    process,
    rescan,
    try_out,
    use_region,
    watch_levels,
)
from softphone.domain.voice import VoicePart, VoiceProcessing, VoiceRule, VoiceRules
from tests.fakes.sound import FakeBackend, FakeProcessing, settled

LOUD = np.full(1600, 8000, np.int16).tobytes()
PROCESSED = np.full(1600, 16_000, np.int16).tobytes()


class Rig:
    def __init__(self, folder: Path) -> None:
        self.file = folder / "sound.json"
        self.backend = FakeBackend(("laptop", "headset"), ("laptop", "headset"))
        self.events: queue.Queue = queue.Queue()
        self.devices = self.make()

    def make(self) -> LiveDevices:
        made = LiveDevices(
            self.backend, self.file, ringtones=self.file.parent / "rings",
            load=lambda: None, make=FakeProcessing,
        )  # fmt: skip
        made.tell_to(self.events.put)
        return made

    def do(self, *orders) -> None:
        for order in orders:
            self.devices.order(order)
        settled(self.devices)

    def all(self, kind: type) -> list:
        found = []
        while not self.events.empty():
            event = self.events.get()
            if isinstance(event, kind):
                found.append(event)
        return found

    def outputs(self) -> list[str]:
        return self.backend.live(self.backend.outputs)

    def inputs(self) -> list[str]:
        return self.backend.live(self.backend.inputs)


@pytest.fixture
def rig(tmp_path: Path):
    made = Rig(tmp_path)
    yield made
    made.devices.close()


def test_a_call_takes_the_systems_choice_and_lets_it_go(rig):
    assert rig.devices.names == ("Laptop", "Laptop")
    rig.devices.start()
    settled(rig.devices)
    assert (rig.inputs(), rig.outputs()) == (["laptop"], ["laptop"])
    rig.devices.stop()
    settled(rig.devices)
    assert (rig.inputs(), rig.outputs()) == ([], [])


def test_the_preferred_device_is_taken_at_once_and_kept_for_next_time(rig):
    rig.devices.start()
    rig.do(choose(AudioRole.SPEAKER, "headset"), choose(AudioRole.MICROPHONE, "headset"))
    assert (rig.inputs(), rig.outputs()) == (["headset"], ["headset"])
    assert rig.all(AudioDevicesChanged)[-1] == AudioDevicesChanged("Headset", "Headset", "Laptop")
    again = rig.make()
    assert again.names == ("Headset", "Headset")
    again.close()
    assert set(json.loads(rig.file.read_text())) == {
        "microphone", "speaker", "ringer", "second_ringer", "voice", "ring", "gain_db",
    }  # fmt: skip
    assert rig.file.stat().st_mode & 0o077 == 0


def test_pulling_the_headset_moves_the_call_and_plugging_it_in_moves_it_back(rig):
    rig.do(choose(AudioRole.SPEAKER, "headset"), choose(AudioRole.MICROPHONE, "headset"))
    rig.devices.start()
    for _ in range(10):
        rig.backend.plug(("laptop",), ("laptop",))
        settled(rig.devices)
        assert (rig.inputs(), rig.outputs()) == (["laptop"], ["laptop"])
        rig.backend.plug(("laptop", "headset"), ("laptop", "headset"))
        settled(rig.devices)
        assert (rig.inputs(), rig.outputs()) == (["headset"], ["headset"])


def test_with_nothing_present_the_call_goes_on_silent_and_says_so(rig):
    rig.devices.start()
    rig.backend.plug((), ())
    settled(rig.devices)
    assert rig.outputs() == []
    assert rig.all(AudioDevicesChanged)[-1] == AudioDevicesChanged("", "", "")
    rig.devices.sink.put_frame(bytes(FRAME_BYTES))
    assert rig.devices.source.next_frame() == bytes(FRAME_BYTES)
    rig.backend.plug((), ("headset",))
    settled(rig.devices)
    assert rig.outputs() == ["headset"]


def test_a_broken_device_is_passed_over(rig):
    rig.do(choose(AudioRole.SPEAKER, "headset"))
    rig.backend.broken = {"headset"}
    rig.devices.start()
    settled(rig.devices)
    assert rig.outputs() == ["laptop"]
    assert rig.devices.names[1] == "Laptop"


def test_a_stream_that_ends_by_itself_moves_on(rig):
    rig.do(choose(AudioRole.SPEAKER, "headset"))
    rig.devices.start()
    settled(rig.devices)
    next(s for s in rig.backend.outputs if s.device == "headset").lost()
    settled(rig.devices)
    assert rig.outputs() == ["laptop"]


def test_a_system_that_must_be_closed_is_closed_before_it_is_read_again(rig):
    rig.backend.closes_for_rescan = True
    rig.devices.start()
    settled(rig.devices)
    rig.backend.set(("headset",), ("headset",))
    rig.do(rescan())
    assert (rig.backend.rescans, rig.backend.open_at_rescan) == (1, 0)
    assert (rig.inputs(), rig.outputs()) == (["headset"], ["headset"])


def test_the_same_headset_in_another_socket_is_known_by_its_name(rig):
    rig.do(choose(AudioRole.SPEAKER, "headset"))
    rig.backend.set(("laptop",), ("laptop", "HEADSET"))  # another id, the same name
    rig.backend.plug(("laptop",), ("laptop", "HEADSET"))
    settled(rig.devices)
    assert rig.devices.names[1] == "Headset"


def test_the_ring_has_a_stream_of_its_own_on_its_own_device_and_stops_at_once(rig):
    rig.do(choose(AudioRole.SPEAKER, "headset"))
    rig.devices.sound(Sounding(ringer=Tone.RING))
    settled(rig.devices)
    assert rig.outputs() == ["laptop"]
    ring = rig.backend.outputs[-1]
    assert any(ring.pump(320))
    rig.devices.start()
    rig.devices.sound(SILENT)
    assert not any(ring.pump(3200))  # before the device has closed
    settled(rig.devices)
    assert rig.outputs() == ["headset"]


def test_network_tones_follow_the_country_and_loop(rig):
    rig.do(use_region("US"))
    rig.devices.sound(Sounding(speaker=Tone.RINGBACK))
    settled(rig.devices)
    stream = rig.backend.outputs[-1]
    period = 6 * 16_000 * 2
    assert stream.pump(period) == stream.pump(period)


def test_busy_ends_by_itself(rig):
    rig.do(use_region("DE"))
    rig.devices.sound(Sounding(speaker=Tone.BUSY))
    settled(rig.devices)
    stream = rig.backend.outputs[-1]
    stream.pump(10 * 16_000 * 2)
    settled(rig.devices)
    assert rig.outputs() == []


def test_keys_are_heard_beside_the_call(rig):
    rig.devices.start()
    rig.devices.key_tone("12")
    settled(rig.devices)
    assert rig.outputs() == ["laptop", "laptop"]
    rig.backend.outputs[-1].pump(32_000)
    settled(rig.devices)
    assert rig.outputs() == ["laptop"]


def test_levels_come_only_while_asked_for(rig):
    assert rig.inputs() == []
    rig.do(watch_levels(True))
    assert rig.inputs() == ["laptop"]
    rig.backend.inputs[-1].pump(LOUD)
    while (event := rig.events.get(timeout=5)) and not (
        isinstance(event, SoundLevels) and event.microphone > -60
    ):
        pass
    assert event.microphone == pytest.approx(-9.2, abs=0.2)
    assert not event.clipped
    rig.do(watch_levels(False))
    assert rig.inputs() == []
    rig.all(object)
    with pytest.raises(queue.Empty):
        rig.events.get(timeout=0.3)


def test_clipping_is_told(rig):
    rig.do(watch_levels(True))
    rig.backend.inputs[-1].pump(np.full(1600, 32767, np.int16).tobytes())
    while not (isinstance(event := rig.events.get(timeout=5), SoundLevels) and event.clipped):
        pass


def test_three_seconds_are_recorded_in_memory_and_played_back(rig):
    rig.do(try_out(AudioRole.MICROPHONE))
    for _ in range(30):
        rig.backend.inputs[-1].pump(LOUD)
    settled(rig.devices)
    assert rig.inputs() == []
    stream = rig.backend.outputs[-1]
    assert stream.pump(96_000) == PROCESSED * 30  # as others would hear it
    stream.pump(3200)
    settled(rig.devices)
    assert rig.outputs() == []
    steps = [event.step for event in rig.all(SoundTested)]
    assert steps == ["recording", "playing", ""]
    assert not any(rig.devices._check._heard)


def test_a_test_without_a_device_ends(rig):
    rig.backend.plug((), ())
    rig.do(try_out(AudioRole.MICROPHONE))
    rig.do(try_out(AudioRole.SPEAKER))
    rig.do(try_out(AudioRole.RINGER))
    steps = [(event.role, event.step) for event in rig.all(SoundTested)]
    assert steps == [
        ("microphone", "recording"), ("microphone", ""), ("speaker", "playing"), ("speaker", ""),
        ("ringer", "playing"), ("ringer", ""),
    ]  # fmt: skip


def test_a_window_that_attaches_is_told_what_there_is(rig):
    rig.do(choose(AudioRole.RINGER, "headset"))
    listed, changed, microphone, rings, voice = rig.devices.present()
    assert (microphone, rings) == (MicrophoneChanged(), RingtonesChanged())
    assert isinstance(listed, SoundDevicesListed)
    assert [d.id for d in listed.speakers] == ["laptop", "headset"]
    assert listed.chosen_ringer.id == "headset"
    assert changed == AudioDevicesChanged("Laptop", "Laptop", "Headset")
    assert voice == VoiceProcessingChanged(VoiceProcessing(), VoiceRules())


def test_the_voice_is_processed_in_a_call_and_the_speaker_is_known_to_it(rig):
    FakeProcessing.made.clear()
    rig.devices.start()
    settled(rig.devices)
    [processing] = FakeProcessing.made
    for _ in range(8):
        rig.devices.sink.put_frame(b"\x05\x00" * 320)
        rig.backend.outputs[-1].pump(320)
    rig.devices.source.next_frame()
    for _ in range(8):
        rig.backend.inputs[-1].pump(b"\x01\x00" * 160)
    assert b"\x05\x00" * 160 in processing.heard
    assert rig.devices.source.next_frame()[-2:] == b"\x02\x00"  # the fake doubles
    rig.devices.stop()
    settled(rig.devices)
    rig.devices.start()
    settled(rig.devices)
    assert len(FakeProcessing.made) == 2  # each call begins anew


def test_switches_are_kept_and_the_policy_stands_above_them(rig):
    rig.do(process(VoicePart.GAIN, False))
    assert rig.all(VoiceProcessingChanged)[-1].chosen == VoiceProcessing(automatic_gain=False)
    again = rig.make()
    assert again.present()[-1].chosen == VoiceProcessing(automatic_gain=False)
    again.close()
    FakeProcessing.made.clear()
    rig.devices.rule(VoiceRules(automatic_gain=VoiceRule.ON, noise_suppression=VoiceRule.OFF))
    rig.devices.start()
    settled(rig.devices)
    assert FakeProcessing.made[-1].wanted == VoiceProcessing(noise_suppression=False)


def test_how_the_devices_keep_up_is_counted_from_the_beginning_of_a_call(rig):
    rig.devices.start()
    settled(rig.devices)
    rig.devices.source.next_frame()  # what was left of the call before is forgotten
    rig.backend.inputs[-1].pump(bytes(3 * FRAME_BYTES))
    for _ in range(4):
        rig.devices.source.next_frame()
    rig.backend.outputs[-1].lost()
    settled(rig.devices)
    rig.devices.stop()
    settled(rig.devices)
    told = rig.all(SoundCounted)[-1].health
    assert (told.microphone_gaps, told.devices_lost, told.speaker_floods) == (1, 1, 0)
    assert told.trouble == 2
    rig.devices.start()
    settled(rig.devices)
    assert rig.all(SoundCounted)[-1].health == NO_TROUBLE


@pytest.mark.parametrize("text", ["", "[]", '{"speaker": 3}', '{"microphone": [[1]]}'])
def test_damaged_settings_mean_no_preference(tmp_path, text):
    (tmp_path / "sound.json").write_text(text)
    rig = Rig(tmp_path)
    assert rig.devices.names == ("Laptop", "Laptop")
    rig.devices.close()


def test_it_rings_on_two_devices_and_a_missing_second_silences_nothing(rig):
    rig.do(choose(AudioRole.SECOND_RINGER, "headset"))
    rig.devices.sound(Sounding(ringer=Tone.RING))
    settled(rig.devices)
    assert sorted(rig.outputs()) == ["headset", "laptop"]
    assert rig.all(AudioDevicesChanged)[-1].second_ringer == "Headset"
    rig.backend.plug(("laptop",), ("laptop",))
    settled(rig.devices)
    assert rig.outputs() == ["laptop"]
    rig.backend.plug(("laptop",), ("laptop", "headset"))
    settled(rig.devices)
    assert sorted(rig.outputs()) == ["headset", "laptop"]
    both = list(rig.backend.outputs)
    rig.devices.sound(SILENT)
    assert not any(any(stream.pump(3200)) for stream in both[-2:])
    settled(rig.devices)
    assert rig.outputs() == []


def test_the_second_ringer_fails_alone_and_never_rings_twice_on_one_device(rig):
    rig.do(choose(AudioRole.SECOND_RINGER, "headset"))
    rig.backend.broken = {"headset"}
    rig.devices.sound(Sounding(ringer=Tone.RING))
    settled(rig.devices)
    assert rig.outputs() == ["laptop"]
    rig.devices.sound(SILENT)
    rig.backend.broken = set()
    rig.do(choose(AudioRole.RINGER, "headset"))
    rig.devices.sound(Sounding(ringer=Tone.RING))
    settled(rig.devices)
    assert rig.outputs() == ["headset"]
    rig.do(choose(AudioRole.SECOND_RINGER, ""))
    assert rig.devices.present()[0].chosen_second_ringer == NOT_CHOSEN


def test_trying_the_ring_plays_it_on_both_and_ends_with_the_first(rig):
    rig.do(choose(AudioRole.SECOND_RINGER, "headset"), try_out(AudioRole.RINGER))
    assert sorted(rig.outputs()) == ["headset", "laptop"]
    for stream in rig.backend.outputs:
        stream.pump(7 * 16_000 * 2)
    settled(rig.devices)
    assert rig.outputs() == []
    assert [event.step for event in rig.all(SoundTested)] == ["playing", ""]


def test_the_gain_belongs_to_a_microphone_and_comes_before_processing(rig):
    rig.devices.start()
    rig.do(amplify(6), watch_levels(True))
    assert rig.devices.present()[2].gain_db == 6
    rig.backend.inputs[-1].pump(LOUD)
    while (event := rig.events.get(timeout=5)) and not (
        isinstance(event, SoundLevels) and event.microphone > -60
    ):
        pass
    assert event.microphone == pytest.approx(-9.2 + 6, abs=0.2)
    rig.do(choose(AudioRole.MICROPHONE, "headset"))
    assert rig.devices.present()[2].gain_db == 0
    again = rig.make()
    again.order(choose(AudioRole.MICROPHONE, "laptop"))
    settled(again)
    assert again.present()[2].gain_db == 6
    again.order(amplify(400))
    settled(again)
    assert again.present()[2].gain_db == 24
    again.close()


def test_a_microphone_that_the_system_silences_is_told_and_nothing_is_reopened(rig):
    rig.devices.start()
    settled(rig.devices)
    opened = len(rig.backend.inputs)
    rig.backend.silence("laptop", Silenced.MUTED)
    settled(rig.devices)
    assert rig.all(MicrophoneChanged)[-1] == MicrophoneChanged(silenced=Silenced.MUTED)
    rig.do(choose(AudioRole.MICROPHONE, "headset"))
    assert rig.all(MicrophoneChanged)[-1] == MicrophoneChanged()
    rig.do(choose(AudioRole.MICROPHONE, "laptop"))
    rig.backend.silence("laptop", Silenced.NO)
    settled(rig.devices)
    assert rig.all(MicrophoneChanged)[-1] == MicrophoneChanged()
    assert len(rig.backend.inputs) == opened + 2


def test_a_microphone_that_leads_tells_its_stream_how_much_a_frame_wants(rig):
    rig.devices.lead(lambda: Beat.ON)
    rig.devices.start()
    settled(rig.devices)
    assert rig.backend.inputs[-1].pump(bytes(100)) == FRAME_BYTES - 100
