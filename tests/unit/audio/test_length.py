from __future__ import annotations

import pytest

from softphone.audio.length import SoundLength
from softphone.domain.errors import Damaged
from tests.fakes.readers import BytesReader
from tests.unit.audio.test_codecs import encode, tones


@pytest.mark.parametrize("codec", ["opus", "flac"])
def test_the_length_is_that_of_the_sound(codec: str):
    data = b"".join(encode(codec, *tones(5)))
    assert SoundLength().length_ms(BytesReader(data)) == pytest.approx(5000, abs=60)


@pytest.mark.parametrize("codec", ["opus", "flac"])
def test_what_was_cut_off_is_measured_as_far_as_it_goes(codec: str):
    parts = encode(codec, *tones(5))
    half = b"".join(parts[: len(parts) // 2])
    assert 1500 < SoundLength().length_ms(BytesReader(half)) < 3500


def test_what_holds_no_sound_has_no_length():
    with pytest.raises(Damaged):
        SoundLength().length_ms(BytesReader(b"nothing of the kind" * 50))
