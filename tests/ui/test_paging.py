"""Lists without end: pages come as they are looked at, and go again."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QModelIndex, QRect, Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from softphone.domain.errors import StorageFailed
from softphone.ui.dispatcher import OnError
from softphone.ui.models.paging import KEPT, PAGE, Index, PagedModel
from softphone.ui.widgets.long_rows import LongView
from softphone.ui.widgets.rows import Pen, RowDelegate

Done = Callable[[list[int]], None]


class Source:
    """Numbers from 0 on, brought at once or when the test says so."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.asked: list[tuple[int, int]] = []
        self.held: list[Callable[[], None]] | None = None
        self.trouble: Exception | None = None

    def fetch(self, limit: int, offset: int, done: Done, failed: OnError) -> None:
        self.asked.append((limit, offset))
        rows = list(range(offset, min(offset + limit, self.count)))
        work: Callable[[], None] = (
            (lambda: done(rows)) if self.trouble is None else (lambda: failed(self.trouble))  # type: ignore[arg-type]
        )
        if self.held is None:
            work()
        else:
            self.held.append(work)

    def release(self) -> None:
        held, self.held = self.held or [], None
        for work in held:
            work()


def model(source: Source, *, known: bool) -> PagedModel[int]:
    made: PagedModel[int] = PagedModel(
        source.fetch, str, (lambda _rows: source.count) if known else len
    )
    made.reload()
    return made


def shown(made: PagedModel[int], row: int) -> object:
    return made.data(made.index(row), Qt.ItemDataRole.UserRole)


def test_a_list_of_known_length_is_there_at_once_and_reads_what_is_looked_at():
    source = Source(1_000_000)
    made = model(source, known=True)
    QAbstractItemModelTester(made, QAbstractItemModelTester.FailureReportingMode.Fatal)
    assert made.rowCount() == 1_000_000
    assert not made.canFetchMore(made.index(-1))
    assert shown(made, 999_999) in (None, 999_999)
    assert shown(made, 999_999) == 999_999
    assert made.data(made.index(500_000)) in ("Loading", "500000")
    assert made.data(made.index(500_000)) == "500000"
    assert all(limit == PAGE for limit, _ in source.asked)


def test_memory_is_bounded_and_the_first_page_stays():
    source = Source(200_000)
    made = model(source, known=False)
    while made.canFetchMore(made.index(-1)):
        made.fetchMore(made.index(-1))
    assert made.rowCount() == 200_000
    assert made.in_memory() <= KEPT * PAGE
    asked = len(source.asked)
    assert shown(made, 0) == 0
    assert len(source.asked) == asked
    # The end of every page is kept: from there the next one goes on.
    assert made.row(99_999) == 99_999
    assert made.row(99_998) is None
    shown(made, 99_998)
    assert made.row(99_998) == 99_998
    assert made.find(lambda value: value == 99_998).row() == 99_998
    assert not made.find(lambda value: value == 150_001).isValid()


def test_who_drags_past_many_pages_asks_for_the_last_ones_only():
    source = Source(1_000_000)
    made = model(source, known=True)
    source.asked.clear()
    source.held = []
    for row in range(10_000, 900_000, 1_000):
        assert shown(made, row) is None
    source.release()
    offsets = [offset for _, offset in source.asked]
    assert len(offsets) <= 6
    assert offsets[1] == 899_000


def test_what_comes_after_a_new_start_is_put_aside():
    source = Source(100_000)
    made = model(source, known=True)
    source.held = []
    shown(made, 50_000)
    late, source.held = source.held, None
    made.reload()
    for work in late:
        work()
    assert made.row(50_000) is None


@pytest.mark.parametrize("growing", [True, False])
def test_a_page_that_cannot_be_read_says_so_and_can_be_tried_again(growing: bool):
    source = Source(1_000)
    made = model(source, known=not growing)
    seen: list[object] = []
    made.failed.connect(seen.append)
    source.trouble = StorageFailed("The vault cannot be read.")
    if growing:
        made.fetchMore(made.index(-1))
    else:
        shown(made, 900)
    assert seen == [source.trouble]
    source.trouble = None
    made.reload()
    if not growing:
        shown(made, 900)
        assert shown(made, 900) == 900


class Painter(RowDelegate):
    """Draws nothing, and counts."""

    def draw(self, pen: Pen, place: QRect, cells: list[QRect], value: object) -> None:
        return


class Counting(PagedModel[int]):
    asked = 0

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        self.asked += 1
        return super().rowCount(parent)


def test_the_view_of_a_million_asks_for_what_it_shows_only(qtbot: QtBot):
    source = Source(1_000_000)
    made = Counting(source.fetch, str, lambda _rows: source.count)
    view = LongView("numbers", Painter(36))
    qtbot.addWidget(view)
    view.setModel(made)
    view.resize(600, 720)
    view.show()
    made.reload()
    bar = view.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() > 900_000 * 36)
    source.asked.clear()
    made.asked = 0
    bar.setValue(bar.maximum())
    view.viewport().grab()
    assert made.row(999_999) == 999_999
    assert len(source.asked) <= 2
    # Laying a list out anew would ask a million times.
    assert made.asked < 5_000
    view.select_row(123_456)
    assert view.value() in (None, 123_456)
    assert view.value() == 123_456
    qtbot.keyClick(view, Qt.Key.Key_Down)
    assert view.value() == 123_457
