"""baresip as a foreign peer through Kamailio: TLS and SRTP both ways, and both sides heard."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from demo.hearing import HEARD, likeness, spoken_pcm
from demo.peers.baresip import Baresip
from demo.peers.processes import wait_for_text
from softphone.audio.player import MemoryPlayer
from softphone.domain.account import RegistrationState
from softphone.domain.call import CallState, Disposition
from softphone.domain.events import CallChanged, RecordingStopped, RegistrationChanged
from softphone.vault.journal import payload_path
from softphone.vault.stream import open_payload
from tests.integration.conftest import ANNA, DOMAIN, NUMBER

pytestmark = [pytest.mark.peer, pytest.mark.timeout(120)]


def registered(event) -> bool:
    return (
        isinstance(event, RegistrationChanged)
        and event.registration.state is RegistrationState.REGISTERED
    )


def in_state(state: CallState):
    return lambda e: isinstance(e, CallChanged) and e.call.state is state


def talked(seconds: int):
    """A second of talk is one quality report: no clock is asked."""
    left = [seconds]

    def fits(event) -> bool:
        if isinstance(event, CallChanged) and event.call.quality is not None:
            left[0] -= 1
        return left[0] <= 0

    return fits


def recording_of(phone, sealed) -> np.ndarray:
    path = payload_path(phone.profile.recordings, sealed.manifest.recording)
    reader = open_payload(path, phone.listener.unwrap(sealed.stanzas))
    player = MemoryPlayer()
    player.load(reader, sealed.manifest.audio_ms)
    return player.pcm


def check_both_heard(phone, peer: Baresip, voices: dict[str, Path]) -> None:
    [sealed] = phone.client.sealed_recordings()
    pcm = recording_of(phone, sealed)
    agent, customer = (spoken_pcm(voices[k]) for k in ("agent", "customer"))
    assert likeness(pcm[:, 0], agent) > HEARD
    assert likeness(pcm[:, 1], customer) > HEARD
    assert likeness(pcm[:, 0], customer) < HEARD / 2
    [dump] = list(peer.heard.glob("*dec.wav"))
    assert likeness(spoken_pcm(dump), agent) > HEARD


def peer(registrar, authority, voices, folder, **more) -> Baresip:
    return Baresip(
        folder / "baresip",
        user="customer",
        password="pw-customer",
        domain=DOMAIN,
        ca_file=authority.ca_file,
        spoken=voices["customer16"],
        **{"server": registrar.server, **more},
    )


@pytest.mark.usefixtures("needs_baresip")
def test_we_call_baresip(phone, registrar, authority, voices16, tmp_path):
    with peer(registrar, authority, voices16, tmp_path) as other:
        phone.record()
        phone.register(registrar.server, authority.ca_file)
        up = phone.wait(registered)
        assert up.registration.tls == "TLS 1.3"
        call = phone.client.dial(ANNA, NUMBER)
        established = phone.wait(in_state(CallState.ESTABLISHED)).call
        assert established.id == call
        phone.wait(talked(9))
        phone.client.hang_up(call)
        ended = phone.wait(in_state(CallState.ENDED)).call
        assert ended.encrypted
        assert ended.codec == "G722"
        assert ended.disposition is Disposition.ANSWERED
        phone.wait(lambda e: isinstance(e, RecordingStopped))
        assert other.process is not None
        wait_for_text(other.process, "terminated")
    check_both_heard(phone, other, voices16)


@pytest.mark.usefixtures("needs_baresip")
def test_baresip_calls_us(phone, registrar, authority, voices16, tmp_path):
    phone.record()
    phone.register(registrar.server, authority.ca_file)
    phone.wait(registered)
    dial = f"sip:anna@{DOMAIN}"
    with peer(registrar, authority, voices16, tmp_path, dial=dial) as other:
        incoming = phone.wait(in_state(CallState.INCOMING)).call
        assert incoming.number == f"customer@{DOMAIN}"
        phone.client.answer(incoming.id)
        phone.wait(in_state(CallState.ESTABLISHED))
        phone.wait(talked(9))
        assert other.process is not None
        phone.client.hang_up(incoming.id)
        ended = phone.wait(in_state(CallState.ENDED)).call
        assert ended.encrypted
        phone.wait(lambda e: isinstance(e, RecordingStopped))
        wait_for_text(other.process, "terminated")
    check_both_heard(phone, other, voices16)
