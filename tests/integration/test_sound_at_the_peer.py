"""What a peer of SIPp's hears of us, packet by packet, and what we say of what it sends."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from softphone.domain.call import Call, CallState
from softphone.domain.call_policy import CallPolicy, Notice
from softphone.domain.ids import CallId
from softphone.domain.permissions import RecordingMode
from tests.integration.conftest import ANNA, Phone
from tests.integration.sipp_bench import Bench, established
from tests.integration.sipp_peer import Sipp, answer_sdp, recv, respond
from tests.integration.srtp_peer import SECOND, SrtpPeer, loudness, our_key, pcm, share_of

pytestmark = [pytest.mark.peer, pytest.mark.timeout(120)]
EVENT = 101
"""Payload type of telephone-events, as the peer's answer names it."""


@pytest.fixture
def bench(phone: Phone, tmp_path: Path, authority) -> Iterator[Bench]:
    with Bench(phone, tmp_path, authority) as made:
        yield made


@pytest.fixture
def peer() -> Iterator[SrtpPeer]:
    with SrtpPeer() as made:
        yield made


def pcmu(port: int) -> str:
    """A session with PCMU, telephone-events and comfort noise."""
    return (
        answer_sdp()
        .replace("RTP/SAVP 9", f"RTP/SAVP 0 {EVENT} 13")
        .replace(
            "a=rtpmap:9 G722/8000",
            f"a=rtpmap:0 PCMU/8000\na=rtpmap:{EVENT} telephone-event/8000\n"
            f"a=fmtp:{EVENT} 0-16\na=rtpmap:13 CN/8000",
        )
        .replace("m=audio ", f"m=audio {port} was ")
    )


def session(peer: SrtpPeer) -> str:
    return re.sub(r"m=audio (\d+) was \d+", r"m=audio \1", pcmu(peer.port))


class Talk:
    """A call with the peer that lasts until it is left."""

    def __init__(self, bench: Bench, peer: SrtpPeer) -> None:
        self.bench, self.peer = bench, peer

    def __enter__(self) -> Talk:
        steps = [*established(session(self.peer)), recv("BYE"), respond("200 OK")]
        self._sipp: Sipp = self.bench.callee(*steps).__enter__()
        self.call: CallId = self.bench.phone.client.dial(ANNA, "sipp")
        self.bench.phone.in_state(CallState.ESTABLISHED, self.call)
        self.peer.wait_for(SECOND)
        return self

    def __exit__(self, *failed: object) -> None:
        if failed[0] is None:
            self.bench.phone.client.hang_up(self.call)
            self._sipp.finish()
        self._sipp.__exit__()

    @property
    def key(self) -> bytes:
        return our_key(self._sipp.messages)

    @property
    def offer(self) -> str:
        return self._sipp.messages

    def measured(self) -> Call:
        return self.bench.phone.measured()


def test_keys_go_as_telephone_events(bench: Bench, peer: SrtpPeer):
    """RFC 4733: each key one event of one timestamp, marked at its begin, its end sent thrice."""
    with Talk(bench, peer) as talk:
        bench.phone.client.send_dtmf(talk.call, "5#")
        peer.wait_for(SECOND)
    events = [p for p in peer.heard(talk.key) if p.kind == EVENT]
    for code in (5, 11):
        mine = [p for p in events if p.payload[0] == code]
        assert len({p.timestamp for p in mine}) == 1
        assert [p.marker for p in mine] == [True] + [False] * (len(mine) - 1)
        assert sum(p.payload[1] >> 7 for p in mine) == 3
        length = int.from_bytes(mine[-1].payload[2:4], "big")
        assert length >= 320, "at least 40 ms, or a gateway does not notice"
    order = [p.payload[0] for p in events]
    assert order == sorted(order)


def test_muted_nobody_hears_us(bench: Bench, peer: SrtpPeer):
    with Talk(bench, peer) as talk:
        before = peer.wait_for(4 * SECOND)
        bench.phone.client.mute(talk.call, True)
        bench.phone.wait(lambda e: hasattr(e, "call") and e.call.muted)
        begun = peer.wait_for(10)
        ended = peer.wait_for(2 * SECOND)
        bench.phone.client.mute(talk.call, False)
        bench.phone.wait(lambda e: hasattr(e, "call") and not e.call.muted)
        peer.wait_for(4 * SECOND)
    heard = peer.heard(talk.key)
    assert loudness(heard[:before]) > 300
    assert loudness(heard[begun:ended]) < 10
    assert loudness(heard[ended + 10 :]) > 300


@pytest.mark.parametrize(
    ("codecs", "offered"), [(("PCMU", "G722"), "0 9"), (("PCMA", "PCMU"), "8 0")]
)
def test_codecs_are_offered_in_the_order_of_the_policy(
    bench: Bench, peer: SrtpPeer, codecs, offered
):
    bench.phone.use(CallPolicy(codecs=codecs))
    with Talk(bench, peer) as talk:
        pass
    [line] = re.findall(r"INVITE sip:sipp.*?m=audio \d+ RTP/SAVP ([\d ]+)", talk.offer, re.S)
    assert [k for k in line.split() if int(k) < 96] == offered.split()
    assert {p.kind for p in peer.heard(talk.key)} == {0}


def test_reports_and_comfort_noise(bench: Bench, peer: SrtpPeer):
    """We send RTCP (RFC 3550), and comfort noise of theirs (RFC 3389) is no lost sound."""
    with Talk(bench, peer) as talk:
        peer.speak(2 * SECOND)
        talk.measured()
        peer.wait_for(SECOND)
        report = peer.wait_for_report()
        assert report[1] in (200, 201), "a sender's or receiver's report"
        quality = talk.measured().quality
        assert quality.loss_percent == 0
    with Talk(bench, peer) as talk:
        peer.speak(4 * SECOND, kind=13, payload=b"\x40")
        for _ in range(3):
            assert talk.measured().quality.loss_percent == 0


def hinted(bench: Bench, hint: str) -> Call:
    return bench.phone.wait(
        lambda e: hasattr(e, "call") and e.call.quality is not None and e.call.quality.hint == hint
    ).call


@pytest.mark.parametrize(
    ("lost", "late_ms", "hint"),
    [
        (frozenset(range(0, 100, 10)), 0, "Packets are lost on the way to you."),
        (frozenset(), 160, "Sound arrives unevenly; a cable instead of Wi-Fi often helps."),
    ],
)
def test_a_bad_line_is_named_in_plain_words(bench: Bench, peer: SrtpPeer, lost, late_ms, hint):
    with Talk(bench, peer) as talk:
        peer.speak(15 * SECOND, lost=lost, late_ms=late_ms)
        worse = hinted(bench, hint)
        assert worse.quality.estimated_mos < 4.4
        bench.phone.client.hang_up(talk.call)
        ended = bench.phone.in_state(CallState.ENDED, talk.call)
        assert ended.quality is not None, "it is kept with the call"


def test_what_they_lose_of_us_is_said(bench: Bench, peer: SrtpPeer):
    """By their reports (RFC 3550 section 6.4.2), until one says that it has become better."""
    with Talk(bench, peer) as talk:
        peer.speak(30 * SECOND)
        talk.measured()
        peer.report(lost=0)
        peer.wait_for(5 * SECOND)  # we look once a second: what is said is right within one
        peer.report(lost=50)
        told = hinted(bench, "Packets are lost on the way from you; you may be hard to understand.")
        assert told.quality is not None
        assert 10 < told.quality.sent_loss_percent < 40
        assert told.quality.loss_percent == 0
        peer.wait_for(2 * SECOND)
        peer.report(lost=50)
        hinted(bench, "")


def test_a_side_that_sends_nothing_is_noticed(bench: Bench, peer: SrtpPeer):
    """A call of which one hears nothing is not called good; as soon as it speaks it is."""
    with Talk(bench, peer):
        peer.speak(SECOND)
        told = hinted(
            bench, "Nothing arrives from the other side. If you do not hear them, call again."
        )
        assert told.quality is not None
        assert told.quality.word == "poor"
        peer.speak(5 * SECOND)
        hinted(bench, "")


def test_the_other_side_hears_that_it_is_recorded(bench: Bench, peer: SrtpPeer):
    """A beep every few seconds (47 CFR 64.501)."""
    bench.phone.use(CallPolicy(notice=Notice.BEEP, beep_every_s=3), RecordingMode.AUTOMATIC)
    with Talk(bench, peer) as talk:
        peer.wait_for(7 * SECOND)
    sound = pcm(peer.heard(talk.key))
    windows = [sound[n : n + 800] for n in range(0, len(sound) - 800, 800)]
    beeps = [n for n, w in enumerate(windows) if share_of(1400.0, w) > 0.5 and w.std() > 100]
    assert len({n // 10 for n in beeps}) >= 2, "a second of its own each"
