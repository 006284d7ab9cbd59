"""A recording as a WAV or Ogg Opus file, decoded and written piece by piece."""

from __future__ import annotations

import struct
from typing import BinaryIO

from softphone.app.media import SAMPLE_RATE_HZ
from softphone.app.ports import ExportFormat, ExportOrder, OnProgress, RecordingReader
from softphone.audio.codecs import StreamEncoder, decode_stereo
from softphone.audio.player import ReaderFile
from softphone.domain.errors import Cancelled, InvalidInput
from softphone.paths import private_file

_STEP = 1 << 20
_HEADER = struct.Struct("<4sI4s4sIHHIIHH4sI")
_FRAME = 4
"""Bytes of one moment: two channels of 16 bits."""
_LARGEST = 0xFFFFFFFF - _HEADER.size


class SoundExporter:
    """Writes sound that any player opens. The agent is left, the customer right."""

    def export(self, reader: RecordingReader, order: ExportOrder, on_progress: OnProgress) -> None:
        """Decode and write. Raises as ``RecordingExporter`` says."""
        source = _Source(reader, on_progress)
        with private_file(order.destination) as file:
            if order.format is ExportFormat.WAV:
                _write_wav(source, file)
            elif order.codec == "opus":
                _copy(source, file)
            else:
                _write_opus(source, file)


class _Source(ReaderFile):
    """Reports how far the decoder has read, and stops it when the person says so."""

    def __init__(self, reader: RecordingReader, on_progress: OnProgress) -> None:
        super().__init__(reader)
        self._size = reader.size
        self._on_progress = on_progress

    def report(self) -> None:
        """Tell how far it is. Raises Cancelled."""
        if not self._on_progress(min(self.tell(), self._size), self._size):
            raise Cancelled("The export was cancelled.")


def _write_wav(source: _Source, file: BinaryIO) -> None:
    file.write(bytes(_HEADER.size))
    size = 0
    for block in decode_stereo(source):
        data = block.astype("<i2").tobytes()
        size += len(data)
        if size > _LARGEST:
            raise InvalidInput(
                "The recording was not exported.",
                "It is too long for a WAV file.",
                "Export it as Ogg or age.",
            )
        file.write(data)
        source.report()
    file.seek(0)
    file.write(
        _HEADER.pack(
            b"RIFF",
            size + _HEADER.size - 8,
            b"WAVE",
            b"fmt ",
            16,
            1,
            2,
            SAMPLE_RATE_HZ,
            SAMPLE_RATE_HZ * _FRAME,
            _FRAME,
            16,
            b"data",
            size,
        )
    )


def _copy(source: _Source, file: BinaryIO) -> None:
    while part := source.read(_STEP):
        file.write(part)
        source.report()


def _write_opus(source: _Source, file: BinaryIO) -> None:
    encoder = StreamEncoder("opus")
    for block in decode_stereo(source):
        file.write(encoder.encode(block[:, 0].tobytes(), block[:, 1].tobytes()))
        source.report()
    file.write(encoder.finish())
