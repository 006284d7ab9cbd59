"""How much faster or slower a queue is read than it is written to: keeps its length small and safe.

Two clocks never agree; 200 millionths are usual between a sound card and a computer, a frame every
100 seconds. What counts is how little was left after each read during the last seconds, counting
in what the writer has ready but not delivered: less than the margin, and reads must slow down;
more, and the surplus is nothing but delay. Without that part the writer's blocks would look like a
jump when the two clocks pass each other, and the queue would run dry right there.
"""

from __future__ import annotations

from collections import deque

from softphone.app.media import SAMPLE_RATE_HZ

MS = SAMPLE_RATE_HZ // 1000
"""Samples in a millisecond."""
WINDOWS = 5
"""How many windows of a second are looked back at."""
QUIET_ZONE = MS // 2
"""Less than that away from the margin is left alone: half a millisecond."""
MOST_STEP = 3
"""Samples a 20 ms unit: under 1 % of pitch, a sixth of a semitone, and only while catching up."""
RAISE, MOST_MARGIN = 5 * MS, 40 * MS
LOWER_EVERY = 60
"""Windows without trouble before the margin shrinks by a millisecond."""


class Pace:
    """Decides by how many samples the next unit is shortened (positive) or stretched."""

    def __init__(self, unit_samples: int, margin: int) -> None:
        """``margin`` in samples: what is to be left in the queue at the worst moment."""
        self._per_window = SAMPLE_RATE_HZ // unit_samples
        self._most = max(1, MOST_STEP * unit_samples // (20 * MS))
        self._least_margin = self.margin = margin
        self.restart()

    def restart(self) -> None:
        """Forget what was seen: the queue was emptied or began anew."""
        # Lows as they would have been without the steps taken meanwhile.
        self._lows: deque[int] = deque(maxlen=WINDOWS)
        self._low: int | None = None
        self._seen = 0
        self._removed = 0
        self._calm = 0

    def trouble(self) -> None:
        """The queue ran dry: keep more in it from now on."""
        self.margin = min(self.margin + RAISE, MOST_MARGIN)
        self.restart()

    def took(self, step: int) -> None:
        """So many samples more than a unit were taken."""
        self._removed += step

    def surplus(self) -> int:
        """Return how many samples the queue holds too many; negative where too few."""
        lows = [*self._lows, *(() if self._low is None else (self._low,))]
        if not lows:
            return 0
        found: int = min(lows) - self._removed - self.margin
        # Too little is told at once, too much only after a whole window.
        return found if self._lows else min(found, 0)

    def step(self, left: int) -> int:
        """Take how many samples were left after a read; return the step of the next unit."""
        seen = left + self._removed
        self._low = seen if self._low is None else min(self._low, seen)
        self._seen += 1
        if self._seen >= self._per_window:
            self._lows.append(self._low)
            self._low, self._seen = None, 0
            self._calm += 1
            if self._calm % LOWER_EVERY == 0 and self.margin > self._least_margin:
                self.margin -= MS
        found = self.surplus()
        if abs(found) <= QUIET_ZONE:
            return 0
        most = self._most if abs(found) > 5 * MS else 1
        return most if found > 0 else -most
