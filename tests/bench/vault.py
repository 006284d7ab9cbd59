"""Opening and searching a vault with a million calls."""

from __future__ import annotations

import sqlite3
import statistics
import time
from contextlib import ExitStack
from functools import cache
from typing import Any

from softphone.vault.search import match
from tests.bench.result import Figure, percentile
from tests.bench.vault_fill import SUPERVISOR, fill_calls, open_as, workstation
from tests.unit.vault.rig import Rig

_MANY = 1_000_000
_FEW = 10_000
_RUNS = 15
_PAGE = 50
_TYPED = (
    "ada", "ada love", "ada lovelace 7", "dij", "dijkstra", "knuth 3", "tim bell 9", "hedy la",
    "+49301", "+4930123", "49300042", "+493000421", "grace hopper", "margaret hamilton 5", "nob",
)  # fmt: skip
_stack = ExitStack()


@cache
def _filled(count: int) -> Rig:
    rig = _stack.enter_context(workstation())
    vault = open_as(rig, SUPERVISOR)
    fill_calls(vault, count)
    vault.close()
    return rig


def vault_open_1m_ms() -> dict[str, Any]:
    """Measure signing in up to the first page of the history, beside a vault of 10,000 calls."""
    many, few = _filled(_MANY), _filled(_FEW)
    ours: list[float] = []
    peer: list[float] = []
    for _ in range(_RUNS):
        peer.append(_open(few))
        ours.append(_open(many))
    value, peer_value = statistics.median(ours), statistics.median(peer)
    return Figure(
        "vault_open_1m_ms", round(value, 1), "ms", f"the same with {_FEW:,} calls",
        round(peer_value, 1), "lower", _RUNS,
        f"{_MANY:,} calls; unlock to the first {_PAGE} rows, without Argon2id (the same for both); "
        f"medians of {_RUNS}, files in the page cache",
    ).line()  # fmt: skip


def _open(rig: Rig) -> float:
    began = time.perf_counter()
    vault = open_as(rig, SUPERVISOR)
    assert len(vault.history("", _PAGE, 0)) == _PAGE
    took = (time.perf_counter() - began) * 1000
    vault.close()
    return took


def search_1m_ms() -> dict[str, Any]:
    """Measure a page of the history for typed beginnings, beside the bare query in plain SQLite."""
    vault = open_as(_filled(_MANY), SUPERVISOR)
    plain = _plain_copy(vault)
    ours: list[float] = []
    peer: list[float] = []
    for _ in range(_RUNS):
        for text in _TYPED:
            began = time.perf_counter()
            plain.execute(_QUERY, (match(text), _PAGE)).fetchall()
            peer.append((time.perf_counter() - began) * 1000)
            began = time.perf_counter()
            vault.history(text, _PAGE, 0)
            ours.append((time.perf_counter() - began) * 1000)
    vault.close()
    plain.close()
    runs = _RUNS * len(_TYPED)
    return Figure(
        "search_1m_ms", round(percentile(ours, 95), 2), "ms",
        f"the same FTS5 match in plain SQLite {sqlite3.sqlite_version}, in memory",
        round(percentile(peer, 95), 2), "lower", runs,
        f"p95 of {runs} searches for {len(_TYPED)} beginnings in {_MANY:,} calls, newest {_PAGE}; "
        f"medians {statistics.median(ours):.2f} and {statistics.median(peer):.2f} ms",
    ).line()  # fmt: skip


_QUERY = (
    "SELECT shown_name, number, started_at FROM calls WHERE n IN"
    " (SELECT rowid FROM calls_fts WHERE calls_fts MATCH ?)"
    " ORDER BY started_at DESC, n DESC LIMIT ?"
)


def _plain_copy(vault: Any) -> sqlite3.Connection:
    """Return the same calls and words in a database without encryption."""
    core = vault._stores.core
    plain = sqlite3.connect(":memory:")
    plain.execute(
        "CREATE TABLE calls (n INTEGER PRIMARY KEY, shown_name TEXT, number TEXT, started_at INT)"
    )
    plain.execute("CREATE INDEX calls_by_time ON calls (started_at, n)")
    plain.execute("CREATE VIRTUAL TABLE calls_fts USING fts5 (words, prefix='2 3')")
    rows = core.connection.execute("SELECT n, shown_name, number, started_at FROM calls")
    plain.executemany("INSERT INTO calls VALUES (?, ?, ?, ?)", rows)
    words = core.connection.execute("SELECT rowid, words FROM calls_fts")
    plain.executemany("INSERT INTO calls_fts (rowid, words) VALUES (?, ?)", words)
    plain.commit()
    return plain
