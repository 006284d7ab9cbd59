"""A call whose time the microphone keeps, on a private PulseAudio, to another engine."""

from __future__ import annotations

import shutil

import numpy as np
import pytest

from demo.hearing import HEARD, likeness, spoken_pcm
from softphone.audio.player import MemoryPlayer
from softphone.domain.call import CallState
from softphone.domain.events import AudioDevicesChanged, CallChanged, RecordingStopped
from softphone.engine.sound_log import read_sounds
from softphone.vault.journal import payload_path
from softphone.vault.stream import open_payload
from tests.integration.conftest import ANNA, Phone, at_the_workstation
from tests.integration.pulse import RATE

pytestmark = [
    pytest.mark.peer,
    pytest.mark.timeout(120),
    pytest.mark.skipif(shutil.which("pulseaudio") is None, reason="PulseAudio is not installed"),
]
HZ = 700.0
MICROPHONE = (
    "module-remap-source", "source_name=laptop_mic", "master=voice.monitor",
    "source_properties=device.description=Laptop_mic",
)  # fmt: skip


def seconds_of_talk(phone: Phone, count: int) -> None:
    """Let so many measured seconds of the call pass."""
    for _ in range(count):
        phone.wait(lambda e: isinstance(e, CallChanged) and e.call.quality is not None)


def microphone_is(phone: Phone, name: str) -> None:
    phone.wait(lambda e: isinstance(e, AudioDevicesChanged) and e.microphone == name)


def pitch(pcm: np.ndarray) -> float:
    return float(np.argmax(np.abs(np.fft.rfft(pcm))) * RATE / len(pcm))


def test_a_pulled_microphone_costs_its_own_voice_and_nothing_else(
    registrar, authority, voices, pulse, tmp_path, monkeypatch
):
    pulse.speak("voice", HZ)
    anna = at_the_workstation(tmp_path / "anna", pulse, monkeypatch)
    customer = Phone(tmp_path / "customer", f"file:{voices['customer']}")
    try:
        anna.record()
        for phone, user in ((anna, "anna"), (customer, "customer")):
            phone.register(f"127.0.0.1:{registrar.port}", authority.ca_file, user)
            phone.registered()
        call = anna.client.dial(ANNA, "customer")
        customer.client.answer(customer.in_state(CallState.INCOMING).id)
        anna.in_state(CallState.ESTABLISHED, call)
        seconds_of_talk(anna, 3)
        modules = pulse.pactl("list", "short", "modules").splitlines()
        [module] = [m.split()[0] for m in modules if "source_name=laptop_mic" in m]
        pulse.pactl("unload-module", module)
        seconds_of_talk(anna, 3)
        pulse.pactl("load-module", *MICROPHONE)
        microphone_is(anna, "Laptop_mic")
        seconds_of_talk(anna, 3)
        anna.client.hang_up(call)
        ended = anna.in_state(CallState.ENDED, call)
        anna.wait(lambda e: isinstance(e, RecordingStopped))
        pcm = recorded(anna)
        sounds = read_sounds(anna.profile.call_sounds)
    finally:
        customer.close()
        anna.close()
    assert ended.ended_at is not None
    assert ended.established_at is not None
    talked_s = (ended.ended_at - ended.established_at).total_seconds()
    assert abs(len(pcm) / RATE - talked_s) < 0.5  # nothing was lost, nothing was added
    agent = pcm[:, 0].astype(float)
    assert abs(pitch(agent[RATE : 2 * RATE]) - HZ) < 15
    assert abs(pitch(agent[-RATE:]) - HZ) < 15
    blocks = np.abs(agent[: len(agent) // 1600 * 1600]).reshape(-1, 1600).max(axis=1)
    assert np.count_nonzero(blocks < 300) >= 10  # a second and more of silence meanwhile
    assert likeness(pcm[:, 1], spoken_pcm(voices["customer"])) > HEARD
    assert [one.codec for one in sounds] == ["G722"]
    assert sounds[0].health.devices_lost + sounds[0].health.microphone_gaps >= 1


def recorded(phone: Phone) -> np.ndarray:
    [sealed] = phone.client.sealed_recordings()
    path = payload_path(phone.profile.recordings, sealed.manifest.recording)
    player = MemoryPlayer()
    key = phone.listener.unwrap(sealed.stanzas)
    player.load(open_payload(path, key), sealed.manifest.audio_ms)
    return player.pcm
