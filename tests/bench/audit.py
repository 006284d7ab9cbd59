"""What the audit log costs: an entry beside a bare insert, a check beside the bare hashes."""

from __future__ import annotations

import hashlib
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from softphone.app.ports import Vault
from softphone.compose.office import SystemClock
from softphone.domain.audit import Action, AuditDraft, DataCategory
from softphone.domain.ids import new_id
from softphone.paths import Profile
from softphone.vault.core import Core
from softphone.vault.keeper import FileVaultKeeper
from tests.bench.result import Figure
from tests.fakes.secrets import MemorySecrets
from tests.unit.vault.rig import ADMIN, CHEAP

_DEEDS = 1500
_ENTRIES = 1_000_000
_PART = 20_000
_RUNS = 3


def audit_append_us() -> Figure:
    """Measure a deed with its entry (µs, median), each beside the same deed without one."""
    ours: list[float] = []
    peer: list[float] = []
    with _vault() as (_, core):
        for _ in range(_DEEDS):
            peer.append(_timed(lambda: _bare(core)))
            ours.append(_timed(lambda: _audited(core)))
    value, peer_value = statistics.median(ours), statistics.median(peer)
    return Figure(
        "audit_append_us",
        round(value, 1),
        "us",
        "the same insert in a transaction without an entry",
        round(peer_value, 1),
        "lower",
        _DEEDS,
        f"one row and one entry with a detail, SQLCipher, synchronous=FULL; median of {_DEEDS} "
        f"pairs in turn; the entry adds {value - peer_value:.0f} us",
    )


def audit_verify_1m_s() -> Figure:
    """Measure the full check of a million entries (s) beside its SHA-256 calls alone."""
    with _vault() as (vault, core):
        _fill(core, _ENTRIES)
        vault.sign_checkpoint()
        ours: list[float] = []
        peer: list[float] = []
        for _ in range(_RUNS):
            peer.append(_timed(lambda: _hashes(core)) / 1e6)
            began = time.perf_counter()
            verdict = vault.verify_audit()
            ours.append(time.perf_counter() - began)
            if not verdict.holds or verdict.entries < _ENTRIES:
                raise RuntimeError("the log that was made does not hold")
    return Figure(
        "audit_verify_1m_s",
        round(statistics.median(ours), 2),
        "s",
        "its SHA-256 calls alone, in the same Python, leaves in memory",
        round(statistics.median(peer), 2),
        "lower",
        _RUNS,
        f"{_ENTRIES} entries with detail, every leaf, commitment, root and signed head; "
        f"ours {min(ours):.1f} to {max(ours):.1f}, peer {min(peer):.1f} to {max(peer):.1f}",
    )


@contextmanager
def _vault() -> Iterator[tuple[Vault, Core]]:
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        keeper = FileVaultKeeper(Profile(Path(name)), SystemClock(), MemorySecrets(), kdf=CHEAP)
        vault, _ = keeper.create(ADMIN, "bench")
        try:
            yield vault, vault._stores.core
        finally:
            vault.close()


def _draft() -> AuditDraft:
    return AuditDraft(Action.CONTACT_READ, DataCategory.CONTACT, new_id(), detail={"why": "asked"})


def _bare(core: Core) -> None:
    with core.deeds.transaction() as connection:
        connection.execute("INSERT INTO accounts VALUES (?, ?, '')", (new_id(), b"x" * 200))


def _audited(core: Core) -> None:
    with core.deeds.deed(_draft()) as connection:
        connection.execute("INSERT INTO accounts VALUES (?, ?, '')", (new_id(), b"x" * 200))


def _fill(core: Core, count: int) -> None:
    for _ in range(count // _PART):
        with core.deeds.transaction():
            for _ in range(_PART):
                core.log.append(_draft())


def _hashes(core: Core) -> None:
    """The hashes that a check cannot do without: a leaf, a node and a commitment an entry."""
    node = b"\x01" + bytes(64)
    salted = bytes(32) + b'{"why":"asked"}'
    sha256 = hashlib.sha256
    for _ in range(_ENTRIES):
        sha256(_LEAF).digest()
        sha256(node).digest()
        sha256(salted).hexdigest()


_LEAF = b"\x00" + b"x" * 330


def _timed(work: Callable[[], None]) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1e6
