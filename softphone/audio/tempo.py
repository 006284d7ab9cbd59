"""Faster or slower without another pitch (FFmpeg's ``atempo``, WSOLA), and silence left out."""

from __future__ import annotations

import av
import numpy as np

from softphone.app.media import SAMPLE_RATE_HZ

SLOWEST, FASTEST = 0.5, 2.0
QUIET = 260
"""About -42 dBFS peak: room noise of a headset lies below, speech above."""
BLOCK = SAMPLE_RATE_HZ // 50
KEPT_S = 0.25
"""What stays of each pause, so that sentences do not run into each other."""
SHORTEST_S = 0.8


class Tempo:
    """Stretches mono int16 PCM as it comes."""

    def __init__(self, speed: float) -> None:
        self.speed = speed
        self._graph = av.filter.Graph()
        source = self._graph.add_abuffer(
            format="s16", sample_rate=SAMPLE_RATE_HZ, layout="mono", name="in"
        )
        stretch = self._graph.add("atempo", f"{speed:.3f}")
        sink = self._graph.add("abuffersink")
        source.link_to(stretch)
        stretch.link_to(sink)
        self._graph.configure()

    def stretch(self, pcm: np.ndarray) -> np.ndarray:
        """Return what is ready after this PCM; empty PCM ends the sound."""
        if len(pcm):
            block = np.ascontiguousarray(pcm, dtype=np.int16).reshape(1, -1)
            frame = av.AudioFrame.from_ndarray(block, format="s16", layout="mono")
            frame.sample_rate = SAMPLE_RATE_HZ
            self._graph.push(frame)
        else:
            self._graph.push(None)
        parts = []
        while True:
            try:
                parts.append(self._graph.pull().to_ndarray().reshape(-1))
            except (av.error.BlockingIOError, av.error.EOFError):
                break
        return np.concatenate(parts) if parts else np.zeros(0, np.int16)


class Route:
    """Which samples are played, in order; turns places of the route into places of the sound."""

    def __init__(self, spans: list[tuple[int, int]], total: int) -> None:
        self._starts = np.array([begin for begin, _ in spans], dtype=np.int64)
        lengths = np.array([end - begin for begin, end in spans], dtype=np.int64)
        self._at = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
        self._total = total

    @property
    def length(self) -> int:
        """Samples that are played."""
        return int(self._at[-1])

    def to_sound(self, place: int) -> int:
        """Return where in the sound a place of the route lies; its end is the sound's end."""
        if place >= self.length or not len(self._starts):
            return self._total
        span = int(np.searchsorted(self._at, place, side="right")) - 1
        return int(self._starts[span] + place - self._at[span])

    def from_sound(self, sample: int) -> int:
        """Return the place where a sample is played, or where what follows it is."""
        span = int(np.searchsorted(self._starts, sample, side="right")) - 1
        if span < 0:
            return 0
        inside = min(sample - int(self._starts[span]), int(self._at[span + 1] - self._at[span]))
        return int(self._at[span]) + inside

    def read(self, sound: np.ndarray, place: int, count: int) -> np.ndarray:
        """Return up to ``count`` samples of the route from ``place`` on, within one span."""
        if place >= self.length:
            return sound[:0]
        span = int(np.searchsorted(self._at, place, side="right")) - 1
        begin = int(self._starts[span] + place - self._at[span])
        end = int(self._starts[span] + self._at[span + 1] - self._at[span])
        return sound[begin : min(begin + count, end)]


def whole(total: int) -> Route:
    """Return the route that leaves nothing out."""
    return Route([(0, total)] if total else [], total)


def without_silence(stereo: np.ndarray) -> Route:
    """Return the route that shortens every pause in which both sides are silent."""
    total = len(stereo)
    if total < BLOCK:
        return whole(total)
    blocks = total // BLOCK
    peaks = np.abs(stereo[: blocks * BLOCK].astype(np.int32)).reshape(blocks, -1).max(axis=1)
    quiet = np.concatenate([[0], (peaks < QUIET).astype(np.int8), [0]])
    edges = np.flatnonzero(np.diff(quiet))
    spans: list[tuple[int, int]] = []
    place, keep = 0, round(KEPT_S * SAMPLE_RATE_HZ / 2)
    for begin, end in zip(edges[::2] * BLOCK, edges[1::2] * BLOCK, strict=True):
        if end - begin >= SHORTEST_S * SAMPLE_RATE_HZ:
            spans.append((place, int(begin) + keep))
            place = int(end) - keep
    spans.append((place, total))
    return Route(spans, total)
