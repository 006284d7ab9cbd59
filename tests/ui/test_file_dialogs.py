"""Asking for files: what is proposed, what is taken, and nothing left behind."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog, QWidget
from pytestqt.qtbot import QtBot

from softphone.ui.widgets.file_dialogs import ask_existing_file, ask_folder, ask_new_file

Ask = Callable[[QWidget, list[Path]], None]


def asks_new(parent: QWidget, taken: list[Path]) -> None:
    ask_new_file(parent, "Save", "report.txt", taken.append)


def asks_existing(parent: QWidget, taken: list[Path]) -> None:
    ask_existing_file(parent, "Open", taken.append, "Tables (*.csv);;All (*)")


def asks_folder(parent: QWidget, taken: list[Path]) -> None:
    ask_folder(parent, "Folder", taken.append)


@pytest.fixture
def parent(qtbot: QtBot) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    return made


def asked(parent: QWidget) -> QFileDialog:
    [dialog] = parent.findChildren(QFileDialog)
    return dialog


@pytest.mark.parametrize("ask", [asks_new, asks_existing, asks_folder])
def test_what_is_chosen_is_taken_once_and_the_dialog_goes(
    qtbot: QtBot, parent: QWidget, tmp_path: Path, ask: Ask
):
    taken: list[Path] = []
    ask(parent, taken)
    dialog = asked(parent)
    file = tmp_path / "a.csv"
    file.touch()
    dialog.fileSelected.emit(str(file))
    assert taken == [file]
    dialog.close()
    qtbot.waitUntil(lambda: not parent.findChildren(QFileDialog))
    assert taken == [file]


def test_each_asks_for_what_it_needs(parent: QWidget):
    asks_new(parent, [])
    dialog = asked(parent)
    assert dialog.acceptMode() == QFileDialog.AcceptMode.AcceptSave
    assert Path(dialog.selectedFiles()[0]) == Path.home() / "report.txt"
    dialog.setParent(None)
    dialog.deleteLater()
    asks_existing(parent, [])
    dialog = asked(parent)
    assert dialog.fileMode() == QFileDialog.FileMode.ExistingFile
    assert dialog.nameFilters() == ["Tables (*.csv)", "All (*)"]
    dialog.setParent(None)
    dialog.deleteLater()
    asks_folder(parent, [])
    assert asked(parent).fileMode() == QFileDialog.FileMode.Directory
