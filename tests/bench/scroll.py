"""Scrolling through a log of a million entries: time for a page, and memory, beside a short log."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, cast

import psutil
from PySide6.QtCore import QEventLoop
from PySide6.QtWidgets import QAbstractItemView, QApplication

from softphone.app.ports import Vault
from softphone.compose.office import SystemClock
from softphone.domain.audit import AuditFilter, AuditRow
from softphone.ui.dispatcher import OnError
from softphone.ui.models.paging import PAGE, PagedModel
from softphone.ui.pages.audit_rows import AuditDelegate, describe_entry
from softphone.ui.pages.audit_scan import WINDOW
from softphone.ui.widgets.long_rows import LongView
from softphone.ui.words import Words
from softphone.ui.workplace import Workplace
from tests.bench.audit import _fill, _vault
from tests.bench.result import Figure, percentile

_LONG, _SHORT = 1_000_000, 20_000
_JUMPS = 300


@dataclass(frozen=True)
class _Scrolled:
    jump_p95: float
    step_p95: float
    grown_mb: float
    most_rows: int
    search_p95: float


def audit_scroll_1m_ms() -> Figure:
    """Measure the way to a page anywhere in a million entries (ms, p95), drawn, and memory."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    application = QApplication.instance() or QApplication([])
    long, short = _scrolled(_LONG), _scrolled(_SHORT)
    del application
    return Figure(
        "audit_scroll_1m_ms",
        round(long.jump_p95, 1),
        "ms",
        f"the same in a log of {_SHORT} entries",
        round(short.jump_p95, 1),
        "lower",
        _JUMPS,
        f"jump to a random place: its page read from the vault and drawn, p95; a page down "
        f"{long.step_p95:.1f} (short log {short.step_p95:.1f}); memory grew by "
        f"{long.grown_mb:.0f} MB over {_JUMPS} jumps and all {_LONG // PAGE} pages, at most "
        f"{long.most_rows} rows held; one part ({WINDOW} entries) of a search for a word that is "
        f"nowhere holds the vault {long.search_p95:.0f} ms",
    )


def _scrolled(count: int) -> _Scrolled:
    with _vault() as (vault, core):
        _fill(core, count)
        process = psutil.Process()
        model, view = _view(vault)
        before = process.memory_info().rss
        bar = view.verticalScrollBar()
        jumps, most = list[float](), 0
        for n in range(_JUMPS):
            place = (n * 7_919_317) % max(bar.maximum(), 1)
            jumps.append(_drawn(view, lambda place=place: bar.setValue(place)))
            most = max(most, model.in_memory())
        bar.setValue(0)
        steps = [
            _drawn(view, lambda: bar.setValue(bar.value() + bar.pageStep())) for _ in range(_JUMPS)
        ]
        for first in range(0, model.rowCount(), PAGE):
            model.data(model.index(first))
            most = max(most, model.in_memory())
        grown = (process.memory_info().rss - before) / 1e6
        searches = [
            _ms(lambda top=top: _search(vault, top)) for top in range(WINDOW, count, count // 10)
        ]
        view.close()
        view.setModel(None)  # type: ignore[arg-type]
    return _Scrolled(
        percentile(jumps, 95),
        percentile(steps, 95),
        grown,
        most,
        statistics.median(searches) if searches else 0.0,
    )


def _search(vault: Vault, top: int) -> None:
    found = vault.audit_rows(AuditFilter(text="no such word", below=top, above=top - WINDOW), 1, 0)
    if found:
        raise RuntimeError("what is nowhere was found")


def _view(vault: Vault) -> tuple[PagedModel[AuditRow], QAbstractItemView]:
    place = SimpleNamespace(
        words=Words("Europe/Berlin"), office=SimpleNamespace(clock=SystemClock())
    )
    work = cast(Workplace, place)

    def fetch(limit: int, offset: int, done: Callable[[list[Any]], None], _failed: OnError) -> None:
        first = model.row(0)
        below = first.entry.index + 1 - offset if first and offset else None
        done(list(vault.audit_rows(AuditFilter(below=below), limit, 0)))

    model: PagedModel[AuditRow] = PagedModel(
        fetch, describe_entry, lambda rows: rows[0].entry.index + 1
    )
    view = LongView("log", AuditDelegate(work))
    view.setModel(model)
    view.resize(1100, 700)
    view.show()
    model.reload()
    _pump()
    return model, view


def _drawn(view: QAbstractItemView, move: Callable[[], None]) -> float:
    def work() -> None:
        move()
        # Once to ask for what is missing, once more with what came.
        view.viewport().grab()
        view.viewport().grab()

    taken = _ms(work)
    _pump()
    return taken


def _pump() -> None:
    QApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents)


def _ms(work: Callable[[], None]) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1e3
