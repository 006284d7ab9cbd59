"""What a benchmark returns."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Figure:
    """One line of ``bench.json``; ratio = value / peer_value, measured in the same run."""

    name: str
    value: float
    unit: str
    peer: str
    peer_value: float
    better: str
    runs: int
    note: str

    def line(self) -> dict[str, Any]:
        ratio = round(self.value / self.peer_value, 3) if self.peer_value else None
        return {**asdict(self), "ratio": ratio}


def percentile(values: list[float], percent: float) -> float:
    """Return a percentile by the nearest rank."""
    ordered = sorted(values)
    rank = max(0, min(len(ordered) - 1, round(percent / 100 * len(ordered) + 0.5) - 1))
    return ordered[rank]
