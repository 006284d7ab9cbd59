"""What synchronisation costs: a device that was weeks away, proofs, and the server's memory."""

from __future__ import annotations

import statistics
import tempfile
import time
from datetime import timedelta
from pathlib import Path

import psutil

from tests.bench.audit import _fill, _vault
from tests.bench.result import Figure
from tests.fakes.fleet import fleet

_WAITING = 100_000
_PROVED = 20_000


def catch_up_100k_s() -> Figure:
    """Measure how long a device with 100,000 waiting entries takes to be confirmed (s)."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        server, (station,) = fleet(Path(name), [timedelta(0)])
        try:
            station.sync()
            _fill(station.vault._stores.core, _WAITING)
            process = psutil.Process()
            before = process.memory_info().rss
            began = time.perf_counter()
            said = station.sync()
            value = time.perf_counter() - began
            grown = (process.memory_info().rss - before) / 1e6
            if said or station.vault.waiting():
                raise RuntimeError(f"not everything was confirmed: {said}")
        finally:
            station.close()
            server.close()
    return Figure(
        "catch_up_100k_s",
        round(value, 1),
        "s",
        "none",
        0.0,
        "lower",
        1,
        "real vault, loop, client and application in one process, SQLite, without a network; "
        f"client and server together grew by {grown:.0f} MB meanwhile",
    )


def proof_bytes() -> Figure:
    """Measure how large the proof of an entry is (bytes, median)."""
    sizes: list[int] = []
    with _vault() as (vault, core):
        _fill(core, _PROVED)
        for index in range(0, _PROVED, _PROVED // 50):
            proof = vault.audit_proof(index)
            sizes.append(len(proof.leaf) + 32 * len(proof.path) + len(proof.checkpoint))
    return Figure(
        "proof_bytes",
        round(statistics.median(sizes)),
        "bytes",
        "none",
        0.0,
        "lower",
        len(sizes),
        f"leaf, audit path and signed head in a log of {_PROVED} entries; "
        f"{min(sizes)} to {max(sizes)}; each doubling adds 32",
    )
