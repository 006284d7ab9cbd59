"""Signing in as people do: Argon2id at its full cost, vault, policy, keys, log, first page."""

from __future__ import annotations

import secrets
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from softphone.vault.slots import KdfParameters
from tests.bench.result import Figure
from tests.bench.vault_fill import SUPERVISOR, open_as
from tests.unit.vault.rig import AGENT, Rig

_RUNS = 15
_PAGE = 50


def sign_in_ms() -> dict[str, Any]:
    """Measure from the password to the first page of the history, beside Argon2id alone."""
    cost = KdfParameters()
    ours: list[float] = []
    peer: list[float] = []
    with tempfile.TemporaryDirectory(prefix="bench-sign-in-") as folder:
        rig = Rig(Path(folder), kdf=cost)
        rig.create(SUPERVISOR, AGENT)
        for _ in range(_RUNS):
            began = time.perf_counter()
            bare = Argon2id(
                salt=secrets.token_bytes(16),
                length=32,
                iterations=cost.passes,
                lanes=cost.lanes,
                memory_cost=cost.memory_kib,
            )
            bare.derive(SUPERVISOR.password.encode())
            peer.append((time.perf_counter() - began) * 1000)
            began = time.perf_counter()
            vault = open_as(rig, SUPERVISOR)
            vault.history("", _PAGE, 0)
            ours.append((time.perf_counter() - began) * 1000)
            vault.close()
    value, peer_value = statistics.median(ours), statistics.median(peer)
    return Figure(
        "sign_in_ms", round(value, 1), "ms", "Argon2id alone, the same cost",
        round(peer_value, 1), "lower", _RUNS,
        f"{cost.memory_kib // 1024} MiB, {cost.passes} passes, {cost.lanes} lanes; three people, "
        f"empty history; medians of {_RUNS}",
    ).line()  # fmt: skip
