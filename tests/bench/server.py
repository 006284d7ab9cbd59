"""Audit rows that the server takes in and witnesses, on a PostgreSQL of the bench's own."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import BigInteger, Column, LargeBinary, MetaData, String, Table, insert

from softphone.server import run
from softphone.server.logbook import Logbook
from softphone.server.store import Device, Store
from softphone.server.witness import load_witness
from tests.bench.result import Figure
from tests.fakes.bundles import Log
from tests.fakes.postgres import pg_ctl, postgres

_DEVICES = 1000
_BATCH = 256
_THREADS = 4
_RUNS = 3
_DURABLE = "-c fsync=on -c synchronous_commit=on -c shared_buffers=128MB"

Batch = tuple[Device, list[bytes], str]

_plain = MetaData()
_rows = Table(
    "plain_rows",
    _plain,
    Column("device", String(36), primary_key=True),
    Column("n", BigInteger, primary_key=True, autoincrement=False),
    Column("data", LargeBinary, nullable=False),
)


def server_rows_s() -> Figure:
    """Measure rows a second: a batch from each of 1,000 devices, beside the bare inserts."""
    control = pg_ctl()
    if control is None:
        raise RuntimeError("PostgreSQL is not installed; make system installs it")
    ours: list[float] = []
    peer: list[float] = []
    with tempfile.TemporaryDirectory(prefix="bench-") as name, postgres(control, _DURABLE) as url:
        folder = Path(name)
        run.init(folder, url)
        store = run.open_store(folder)
        try:
            with store.transaction() as connection:
                _plain.create_all(connection)
            book = Logbook(store, load_witness(folder))
            for number in range(_RUNS):
                batches = _prepare(store, number)
                peer.append(_rate(batches, lambda batch: _insert(store, batch)))
                ours.append(_rate(batches, lambda batch: _append(book, batch)))
        finally:
            store.close()
    value, peer_value = sorted(ours)[_RUNS // 2], sorted(peer)[_RUNS // 2]
    return Figure(
        "server_rows_s",
        round(value),
        "rows/s",
        "plain INSERT of the same batches, same driver, threads and database",
        round(peer_value),
        "higher",
        _RUNS,
        f"{_DEVICES} devices, {_BATCH} rows a batch, {_THREADS} threads of one process, without "
        f"HTTP; verified, stored, cosigned; fsync on; ours {min(ours):.0f} to {max(ours):.0f}, "
        f"peer {min(peer):.0f} to {max(peer):.0f}",
    )


def _prepare(store: Store, number: int) -> list[Batch]:
    now = datetime.now(UTC)
    batches: list[Batch] = []
    for n in range(_DEVICES):
        log = Log(_BATCH, (number * _DEVICES + n + 1).to_bytes(32, "big"))
        token = store.enrol(store.issue_token(now), log.device, str(log.key), now)
        batches.append((store.authenticate(token), log.leaves, log.note(_BATCH)))
    return batches


def _append(book: Logbook, batch: Batch) -> None:
    device, leaves, note = batch
    book.append(device, 0, leaves, note)


def _insert(store: Store, batch: Batch) -> None:
    device, leaves, _ = batch
    with store.transaction() as connection:
        connection.execute(
            insert(_rows),
            [{"device": device.id, "n": n, "data": leaf} for n, leaf in enumerate(leaves)],
        )


def _rate(batches: list[Batch], work: Callable[[Batch], None]) -> float:
    with ThreadPoolExecutor(_THREADS) as threads:
        began = time.perf_counter()
        for _ in threads.map(work, batches):
            continue
        return len(batches) * _BATCH / (time.perf_counter() - began)
