"""The library itself; what it does to speech is in tests/integration/test_voice_processing.py."""

from __future__ import annotations

import sys

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
