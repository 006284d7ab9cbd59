"""The list of recordings when there are very many."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from softphone.app.ports import RecordingFilter
from tests.bench.result import Figure, percentile
from tests.bench.vault_fill import SUPERVISOR, fill_recording_rows, open_as, workstation

_MANY, _FEW = 200_000, 2_000
_RUNS = 40
_PAGE = 200


def recordings_200k_ms() -> dict[str, Any]:
    """Measure pages anywhere in the list, filtered ones and the count (ms, p95)."""
    ours, peer = _listed(_MANY), _listed(_FEW)
    return Figure(
        "recordings_200k_ms", round(ours["page"], 1), "ms", f"the same among {_FEW:,}",
        round(peer["page"], 1), "lower", _RUNS,
        f"a page of {_PAGE} of the newest, p95; a page in the middle {ours['middle']:.1f} "
        f"({peer['middle']:.1f}), those over ten minutes {ours['long']:.1f} ({peer['long']:.1f}), "
        f"how many there are {ours['count']:.1f} ({peer['count']:.1f})",
    ).line()  # fmt: skip


def _listed(count: int) -> dict[str, float]:
    with workstation() as rig:
        vault = open_as(rig, SUPERVISOR)
        fill_recording_rows(vault, count)
        everything, long = RecordingFilter(), RecordingFilter(longer_than_ms=600_000)
        asked: dict[str, Callable[[], object]] = {
            "page": lambda: vault.recordings(everything, _PAGE, 0),
            "middle": lambda: vault.recordings(everything, _PAGE, count // 2),
            "long": lambda: vault.recordings(long, _PAGE, 0),
            "count": lambda: vault.recordings_count(everything),
        }
        found = {
            name: percentile([_ms(work) for _ in range(_RUNS)], 95) for name, work in asked.items()
        }
        vault.close()
    return found


def _ms(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000
