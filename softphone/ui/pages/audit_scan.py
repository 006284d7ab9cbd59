"""Looking through the audit log in parts, so that a rare word does not hold up the vault."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QObject

from softphone.domain.audit import AuditFilter, AuditRow
from softphone.ui.dispatcher import OnError
from softphone.ui.workplace import Workplace

WINDOW = 25_000
"""Entries looked at in one go; the vault serves others in between."""
MOST = 10_000
"""Matches counted one by one; beyond it is said that there are more."""
Rows = Callable[[list[AuditRow]], None]


class AuditScan:
    """One filter's way through the log, newest first. A new filter takes a new one."""

    def __init__(self, work: Workplace, owner: QObject, wanted: AuditFilter) -> None:
        self._work = work
        self._owner = owner
        self._wanted = wanted
        self._stopped = False

    def stop(self) -> None:
        """Look no further: nobody waits for it any more."""
        self._stopped = True

    def rows(self, limit: int, below: int | None, done: Rows, failed: OnError) -> None:
        """Bring up to ``limit`` entries before a number (the newest for None)."""
        if self._wanted == AuditFilter():
            wanted = replace(self._wanted, below=below)
            self._ask(lambda: self._work.desk.audit.rows(wanted, limit, 0), done, failed)
            return
        self._from_top(below, lambda top: self._look(limit, top, [], done, failed), failed)

    def count(self, shown: Callable[[int, bool], None], failed: OnError) -> None:
        """Count what matches; ``shown`` gets the number so far and whether that is all."""
        if self._wanted == AuditFilter():
            self._from_top(None, lambda top: shown(top, True), failed)
            return
        self._from_top(None, lambda top: self._tally(top, 0, shown, failed), failed)

    def _from_top(self, below: int | None, then: Callable[[int], None], failed: OnError) -> None:
        if below is not None:
            then(below)
        else:
            self._ask(lambda: self._work.desk.audit.count(AuditFilter()), then, failed)

    def _look(
        self, limit: int, top: int, found: list[AuditRow], done: Rows, failed: OnError
    ) -> None:
        bottom = max(0, top - WINDOW)
        part = replace(self._wanted, below=top, above=bottom)
        missing = limit - len(found)

        def took(rows: list[AuditRow]) -> None:
            everything = [*found, *rows]
            if len(rows) >= missing or bottom == 0:
                done(everything)
            else:
                self._look(limit, bottom, everything, done, failed)

        self._ask(lambda: self._work.desk.audit.rows(part, missing, 0), took, failed)

    def _tally(
        self, top: int, known: int, shown: Callable[[int, bool], None], failed: OnError
    ) -> None:
        bottom = max(0, top - WINDOW)
        part = replace(self._wanted, below=top, above=bottom)

        def took(more: int) -> None:
            total = known + more
            if bottom == 0 or total > MOST:
                shown(total, bottom == 0)
            else:
                self._tally(bottom, total, shown, failed)

        self._ask(lambda: self._work.desk.audit.count(part), took, failed)

    def _ask(self, work: Callable[[], object], done: Callable[..., None], failed: OnError) -> None:
        if not self._stopped:
            self._work.ask(self._owner, work, done, failed)
