"""Asking for a file or a folder, without blocking the window."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QWidget

Take = Callable[[Path], None]


def ask_existing_file(parent: QWidget, title: str, take: Take, pattern: str = "") -> None:
    """Ask for a file to read; ``pattern`` is a filter as Qt writes it: ``Sound (*.wav)``."""
    dialog = _dialog(parent, title, take)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    if pattern:
        dialog.setNameFilter(pattern)
    dialog.open()


def ask_new_file(parent: QWidget, title: str, name: str, take: Take) -> None:
    """Ask for a file to write, with a name proposed."""
    dialog = _dialog(parent, title, take)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.selectFile(name)
    dialog.open()


def ask_folder(parent: QWidget, title: str, take: Take) -> None:
    """Ask for a folder."""
    dialog = _dialog(parent, title, take)
    dialog.setFileMode(QFileDialog.FileMode.Directory)
    dialog.setOption(QFileDialog.Option.ShowDirsOnly)
    dialog.open()


def _dialog(parent: QWidget, title: str, take: Take) -> QFileDialog:
    dialog = QFileDialog(parent, title, str(Path.home()))
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.fileSelected.connect(lambda path: take(Path(path)))
    return dialog
