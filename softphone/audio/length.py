"""How long a recording really sounds, from its own time stamps."""

from __future__ import annotations

import av

from softphone.app.ports import RecordingReader
from softphone.audio.player import ReaderFile
from softphone.domain.errors import Damaged


class SoundLength:
    """Reads a recording through without decoding it; a ``SoundMeter``."""

    def length_ms(self, reader: RecordingReader) -> int:
        """Return the length of what is there. Raises Damaged when there is no sound."""
        end = 0.0
        try:
            with av.open(ReaderFile(reader), "r") as container:
                for packet in container.demux(audio=0):
                    if packet.pts is not None and packet.time_base is not None:
                        last = packet.pts + (packet.duration or 0)
                        end = max(end, float(last * packet.time_base))
        except (av.FFmpegError, IndexError) as error:
            if not end:
                raise Damaged(
                    "The length of a recording cannot be measured.", "It holds no sound."
                ) from error
        return round(end * 1000)
