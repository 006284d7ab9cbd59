"""linphonec as a foreign peer through Kamailio: TLS and SRTP, both ways, hold and DTMF."""

from __future__ import annotations

import queue
import time
from pathlib import Path

import numpy as np
import pytest

from demo.peers import linphone
from demo.peers.linphone import Linphone
from softphone.app.media import SAMPLE_RATE_HZ
from softphone.domain.call import CallState, Disposition
from softphone.domain.call_policy import CallPolicy
from tests.integration.conftest import ANNA, DOMAIN, NUMBER, Phone

pytestmark = [pytest.mark.peer, pytest.mark.timeout(120)]


@pytest.fixture
def peer(registrar, authority, tmp_path):
    if not linphone.installed():
        pytest.fail("linphonec is missing: run “make system”")
    with Linphone(
        tmp_path / "linphone",
        user="customer",
        password="pw-customer",
        domain=DOMAIN,
        server=registrar.server,
        ca_file=authority.ca_file,
    ) as running:
        yield running


def test_we_call_linphone_and_hold(phone: Phone, registrar, authority, peer: Linphone):
    phone.register(registrar.server, authority.ca_file)
    phone.registered()
    call = phone.client.dial(ANNA, NUMBER)
    phone.in_state(CallState.RINGING, call)
    peer.say("answer")
    established = phone.in_state(CallState.ESTABLISHED, call)
    assert established.id == call
    phone.measured()
    phone.client.hold(call, True)
    phone.in_state(CallState.HELD, call)
    phone.client.hold(call, False)
    again = phone.in_state(CallState.ESTABLISHED, call)
    assert again.encrypted
    assert again.codec == "G722"
    phone.client.hang_up(call)
    assert phone.in_state(CallState.ENDED, call).disposition is Disposition.ANSWERED


def test_linphone_calls_us_and_hangs_up(phone: Phone, registrar, authority, peer: Linphone):
    phone.register(registrar.server, authority.ca_file)
    phone.registered()
    peer.say(f"call sip:anna@{DOMAIN}")
    incoming = phone.in_state(CallState.INCOMING)
    assert incoming.number == f"customer@{DOMAIN}"
    phone.client.answer(incoming.id)
    assert phone.in_state(CallState.ESTABLISHED, incoming.id)
    phone.wait(lambda e: hasattr(e, "call") and e.call.encrypted)
    peer.say("terminate")
    assert phone.in_state(CallState.ENDED, incoming.id).established_at is not None


def seconds_heard(wav: Path) -> list[tuple[float, float]]:
    """Return loudness and the share of the hold tone's pitch, for each second of a file.

    linphonec writes the length into the file's head at its end only.
    """
    raw = wav.read_bytes()[44:]
    pcm = np.frombuffer(raw[: len(raw) // 2 * 2], "<i2").astype(np.float64)
    found = []
    for start in range(0, len(pcm) - SAMPLE_RATE_HZ, SAMPLE_RATE_HZ):
        part = pcm[start : start + SAMPLE_RATE_HZ]
        power = np.abs(np.fft.rfft(part)) ** 2
        near = np.abs(np.fft.rfftfreq(len(part), 1 / SAMPLE_RATE_HZ) - 425.0) < 15
        found.append((float(part.std()), float(power[near].sum() / power[1:].sum())))
    return found


def goes_on(phone: Phone, seconds: float) -> None:
    """Listen to the phone for a while: the call does not end."""
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        try:
            event = phone.events.get(timeout=left)
        except queue.Empty:
            return
        assert getattr(getattr(event, "call", None), "state", None) is not CallState.ENDED


@pytest.mark.parametrize("tone", [True, False])
def test_on_hold_they_hear_a_tone_or_silence(
    phone: Phone, registrar, authority, peer: Linphone, tmp_path: Path, tone: bool
):
    phone.use(CallPolicy(hold_tone=tone))
    phone.register(registrar.server, authority.ca_file)
    phone.registered()
    wav = tmp_path / "heard.wav"
    peer.say("soundcard use files")
    peer.say(f"record {wav}")
    call = phone.client.dial(ANNA, NUMBER)
    phone.in_state(CallState.RINGING, call)
    peer.say("answer")
    phone.in_state(CallState.ESTABLISHED, call)
    goes_on(phone, 3)
    phone.client.hold(call, True)
    phone.in_state(CallState.HELD, call)
    goes_on(phone, 12)
    phone.client.hold(call, False)
    phone.in_state(CallState.ESTABLISHED, call)
    goes_on(phone, 4)
    phone.client.hang_up(call)
    phone.in_state(CallState.ENDED, call)
    heard = seconds_heard(wav)
    quiet = [n for n, (loudness, _) in enumerate(heard) if loudness < 80]
    tones = [n for n, (loudness, share) in enumerate(heard) if share > 0.8 and loudness > 50]
    assert len(quiet) >= 6
    assert bool(tones) is tone
    # Before and afterwards they hear the agent.
    first, last = min(quiet), max(quiet)
    assert max(loudness for loudness, _ in heard[:first]) > 500
    assert max(loudness for loudness, _ in heard[last + 1 :]) > 500
