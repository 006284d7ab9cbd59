"""The short way into the library: it refuses what is not as expected, and never crashes for it.

That it says the same as the public way is in ``test_apm.py``.
"""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from softphone.app.media import SAMPLE_RATE_HZ
from softphone.audio.apm import BLOCK_BYTES, WebRtcProcessing
from softphone.audio.apm_entry import FAR, NEAR, BlockEntry
from softphone.domain.voice import VoiceProcessing


@pytest.fixture
def module() -> object:
    return WebRtcProcessing(VoiceProcessing(), 40).module


def test_silence_stays_silence(module):
    entry = BlockEntry(module, NEAR, BLOCK_BYTES, SAMPLE_RATE_HZ)
    entry.put(bytes(BLOCK_BYTES))
    assert entry.sound == bytes(BLOCK_BYTES)


def test_a_block_of_another_length_never_reaches_the_library(module):
    entry = BlockEntry(module, FAR, BLOCK_BYTES, SAMPLE_RATE_HZ)
    with pytest.raises(ValueError, match="100 bytes"):
        entry.put(bytes(100))


def test_a_block_that_the_library_refuses_is_told():
    unknown = SimpleNamespace(_ffi_handle=SimpleNamespace(handle=1 << 40))
    entry = BlockEntry(unknown, NEAR, BLOCK_BYTES, SAMPLE_RATE_HZ)
    with pytest.raises(RuntimeError, match="refused"):
        entry.put(bytes(BLOCK_BYTES))


def test_another_library_is_noticed(module):
    with pytest.raises(AttributeError):
        BlockEntry(module, "apm_do_something", BLOCK_BYTES, SAMPLE_RATE_HZ)
    with pytest.raises(AttributeError):
        BlockEntry(SimpleNamespace(), NEAR, BLOCK_BYTES, SAMPLE_RATE_HZ)
