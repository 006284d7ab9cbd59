from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest

from softphone.app.ports import ExportFormat, ExportOrder
from softphone.audio.export import SoundExporter
from softphone.domain.errors import Cancelled, Damaged
from tests.fakes.readers import BytesReader
from tests.unit.audio.test_codecs import RATE, decode, encode, likeness, tones

LEFT, RIGHT = tones(3)


def on(_done: int, _size: int) -> bool:
    return True


def sound(codec: str) -> bytes:
    return b"".join(encode(codec, LEFT, RIGHT))


def order(folder: Path, form: ExportFormat, codec: str) -> ExportOrder:
    return ExportOrder(form, folder / f"call.{form.value}", "complaint", codec=codec)


@pytest.mark.parametrize("codec", ["opus", "flac"])
def test_wav_holds_both_sides_whole(tmp_path: Path, codec: str):
    wanted = order(tmp_path, ExportFormat.WAV, codec)
    told = []
    SoundExporter().export(BytesReader(sound(codec)), wanted, lambda d, s: told.append(d) is None)
    with wave.open(str(wanted.destination)) as file:
        assert (file.getnchannels(), file.getframerate(), file.getsampwidth()) == (2, RATE, 2)
        pcm = np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, 2)
    assert abs(len(pcm) - len(LEFT)) < RATE // 20
    assert likeness(pcm[:, 0], LEFT) > 0.95
    assert likeness(pcm[:, 1], RIGHT) > 0.95
    assert told
    assert wanted.destination.stat().st_mode & 0o777 == 0o600


def test_ogg_is_the_recording_itself_or_made_from_it(tmp_path: Path):
    wanted = order(tmp_path, ExportFormat.OGG, "opus")
    data = sound("opus")
    SoundExporter().export(BytesReader(data), wanted, on)
    assert wanted.destination.read_bytes() == data
    wanted = order(tmp_path, ExportFormat.OGG, "flac")
    SoundExporter().export(BytesReader(sound("flac")), wanted, on)
    made = wanted.destination.read_bytes()
    assert made.startswith(b"OggS")
    assert likeness(decode(made)[:, 0], LEFT) > 0.95


@pytest.mark.parametrize("form", [ExportFormat.WAV, ExportFormat.OGG])
def test_nothing_is_left_of_what_was_cancelled_or_cannot_be_decoded(tmp_path: Path, form):
    wanted = order(tmp_path, form, "flac")
    with pytest.raises(Cancelled):
        SoundExporter().export(BytesReader(sound("flac")), wanted, lambda _d, _s: False)
    with pytest.raises(Damaged):
        SoundExporter().export(BytesReader(b"no sound at all" * 99), wanted, on)
    assert list(tmp_path.iterdir()) == []
