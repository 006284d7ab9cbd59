"""The library itself; what it does to speech is in tests/integration/test_voice_processing.py."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from softphone.audio import apm
from softphone.audio.apm import BLOCK_BYTES, VoiceUnavailable, WebRtcProcessing
from softphone.domain.voice import VoiceProcessing


def test_the_library_is_there_and_takes_an_echo_away():
    apm.load()


def test_blocks_keep_their_length():
    processing = WebRtcProcessing(VoiceProcessing(), 40)
    processing.played(bytes(BLOCK_BYTES))
    assert len(processing.captured(bytes(BLOCK_BYTES))) == BLOCK_BYTES


def test_a_missing_library_has_a_name(monkeypatch):
    monkeypatch.setitem(sys.modules, "livekit.rtc", None)
    with pytest.raises(VoiceUnavailable, match="livekit"):
        apm.load()


class _Deaf(WebRtcProcessing):
    def captured(self, block: bytes) -> bytes:
        return block


class _Short(WebRtcProcessing):
    def captured(self, block: bytes) -> bytes:
        return block[:10]


@pytest.mark.parametrize(("kind", "words"), [(_Deaf, "fell by"), (_Short, "another length")])
def test_a_library_that_does_nothing_is_not_trusted(monkeypatch, kind, words):
    monkeypatch.setattr(apm, "WebRtcProcessing", kind)
    with pytest.raises(VoiceUnavailable, match=words):
        apm.load()


class _Indirect(WebRtcProcessing):
    direct = False


@pytest.mark.parametrize(
    "wanted", [VoiceProcessing(), VoiceProcessing(automatic_gain=False, noise_suppression=False)]
)
def test_the_short_way_and_the_public_one_say_the_same(wanted):
    short, public = WebRtcProcessing(wanted, 40), _Indirect(wanted, 40)
    sound = np.random.default_rng(2).normal(0, 3000, 100 * BLOCK_BYTES // 2).astype("<i2").tobytes()
    for begin in range(0, len(sound), BLOCK_BYTES):
        block = sound[begin : begin + BLOCK_BYTES]
        for one in (short, public):
            one.played(block)
        assert short.captured(block[::-1]) == public.captured(block[::-1])


class _Wrong(WebRtcProcessing):
    """A library whose own entry is another one."""

    def captured(self, block: bytes) -> bytes:
        if self.direct:
            raise RuntimeError("refused")
        return super().captured(block)


def test_where_the_short_way_fails_the_public_one_is_taken(monkeypatch):
    monkeypatch.setattr(apm, "WebRtcProcessing", _Wrong)
    apm.load()
    assert not _Wrong.direct
    assert WebRtcProcessing.direct
