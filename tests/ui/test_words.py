"""Dates in the person's language, and words that no column is wide enough for."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from PySide6.QtCore import QLocale
from PySide6.QtWidgets import QApplication

from softphone.ui.translation import Translator, catalogue
from softphone.ui.widgets.basic import ZERO_WIDTH_SPACE, label
from softphone.ui.words import Words

NOW = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
LONG = "Donaudampfschifffahrtsgesellschaftskapitänin"


@pytest.fixture
def german(qapp: QApplication):
    before = QLocale()
    translator = Translator(catalogue("de"), qapp)
    QLocale.setDefault(QLocale("de"))
    qapp.installTranslator(translator)
    yield
    qapp.removeTranslator(translator)
    QLocale.setDefault(before)


def test_german_dates_have_their_dots(german: None):
    words = Words("Europe/Berlin")
    then = datetime(2026, 11, 16, 8, 14, 9, tzinfo=UTC)
    assert words.when(then, NOW) == "16. November 09:14"
    assert words.day(then, NOW) == "Montag, 16. November"
    assert words.full(then) == "Montag, 16. November 2026, 09:14:09"
    assert words.day(then.replace(year=2024), NOW) == "16. November 2024"
    assert words.when(NOW, NOW) == "Heute 13:00"


def test_english_dates_have_none(qapp: QApplication):
    before = QLocale()
    QLocale.setDefault(QLocale("en"))
    try:
        then = datetime(2026, 11, 16, 8, 14, 9, tzinfo=UTC)
        assert Words("Europe/Berlin").full(then) == "Monday 16 November 2026, 09:14:09"
    finally:
        QLocale.setDefault(before)


def test_a_word_wider_than_its_column_is_broken_and_not_cut(qapp: QApplication):
    wrapped, short = label(LONG, "title", wrap=True), label("Ada", "title", wrap=True)
    for one in (wrapped, short):
        one.resize(200, 40)
    assert wrapped.heightForWidth(200) >= 2 * short.heightForWidth(200)
    assert wrapped.text() == LONG
    assert wrapped.accessibleName() == LONG
    wrapped.setText("Ada")
    assert (wrapped.text(), wrapped.accessibleName()) == ("Ada", "")


def test_an_accent_stays_with_its_letter(qapp: QApplication):
    said = label("e\u0301" * 20, wrap=True)
    assert f"{ZERO_WIDTH_SPACE}\u0301" not in super(type(said), said).text()
    assert said.text() == "e\u0301" * 20
