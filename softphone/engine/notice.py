"""What both sides hear about a recording: once, or again and again."""

from __future__ import annotations

from softphone.app.media import FRAME_BYTES, FRAME_MS, SILENCE


class NoticeSource:
    """A frame source that plays PCM (16 kHz mono) at once, then every ``every_s`` seconds."""

    def __init__(self, pcm: bytes, every_s: int = 0) -> None:
        """``every_s`` of 0 plays it once."""
        whole = -(-len(pcm) // FRAME_BYTES) * FRAME_BYTES
        padded = pcm.ljust(whole, b"\0")
        self._frames = [padded[i : i + FRAME_BYTES] for i in range(0, whole, FRAME_BYTES)]
        self._period = max(every_s * 1000 // FRAME_MS, len(self._frames)) if every_s else 0
        self._place = 0

    @property
    def done(self) -> bool:
        """Whether nothing will sound any more."""
        return not self._period and self._place >= len(self._frames)

    def next_frame(self) -> bytes:
        """Return the next frame (media tick)."""
        place = self._place
        self._place = (place + 1) % self._period if self._period else place + 1
        return self._frames[place] if place < len(self._frames) else SILENCE
