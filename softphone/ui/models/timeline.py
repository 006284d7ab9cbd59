"""Call time and audio time: what was not captured takes its true length on the line."""

from __future__ import annotations

from dataclasses import dataclass

from softphone.domain.recording import Gap


@dataclass(frozen=True, slots=True)
class Timeline:
    """Maps between positions of the audio and of the call, in ms.

    ``Gap.at_ms`` is taken as audio time: the audio before it is followed by ``length_ms`` without.
    """

    audio_ms: int
    gaps: tuple[Gap, ...] = ()

    @property
    def total_ms(self) -> int:
        """Length of the line: audio and gaps."""
        return max(1, self.audio_ms + sum(gap.length_ms for gap in self.gaps))

    def to_call(self, audio_ms: int) -> int:
        """Return where a moment of the audio lies on the line."""
        return audio_ms + sum(g.length_ms for g in self.gaps if g.at_ms < audio_ms)

    def to_audio(self, call_ms: int) -> int:
        """Return the audio moment of a place on the line; a place in a gap gives its start."""
        passed = 0
        for gap in sorted(self.gaps, key=lambda g: g.at_ms):
            start = gap.at_ms + passed
            if call_ms <= start:
                break
            if call_ms < start + gap.length_ms:
                return min(gap.at_ms, self.audio_ms)
            passed += gap.length_ms
        return min(max(0, call_ms - passed), self.audio_ms)

    def bands(self) -> tuple[tuple[int, int, Gap], ...]:
        """Return start and end of each gap on the line."""
        found, passed = [], 0
        for gap in sorted(self.gaps, key=lambda g: g.at_ms):
            start = gap.at_ms + passed
            found.append((start, start + gap.length_ms, gap))
            passed += gap.length_ms
        return tuple(found)

    def in_gap(self, call_ms: int) -> bool:
        """Say whether a place on the line was not captured."""
        return any(start <= call_ms < end for start, end, _ in self.bands())
