"""Every item of calls in docs/interop.md names a test, and every test it names exists."""

from __future__ import annotations

import pytest

from tests.test_promises import TESTS, problems, rows

DOCUMENT = TESTS.parent / "docs" / "interop.md"
ROWS = tuple((item, cell) for item, cell in rows(DOCUMENT) if cell)


def test_the_document_was_read():
    assert len(ROWS) > 50


@pytest.mark.parametrize(("item", "cell"), ROWS, ids=[item[:60] for item, _ in ROWS])
def test_every_item_names_tests_that_exist(item: str, cell: str):
    assert problems(cell) == [], item
