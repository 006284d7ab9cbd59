"""A form made of fields: lines, texts, days from a calendar, moments, numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from PySide6.QtCore import QDate, Qt
from PySide6.QtWidgets import (
    QCalendarWidget,
    QHBoxLayout,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
    QWidgetAction,
)

from softphone.domain.register import Field, FieldKind
from softphone.ui.translation import tr
from softphone.ui.widgets.basic import Button, label
from softphone.ui.words import Words

_TEXT_HEIGHT = 88


class Form(QWidget):
    """Fields one under the other; ``values`` are texts as the domain wants them."""

    def __init__(self, fields: Sequence[Field], values: Mapping[str, str], words: Words) -> None:
        super().__init__()
        self._words = words
        self._fields = tuple(fields)
        self.inputs: dict[str, QLineEdit | QPlainTextEdit] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        for field in self._fields:
            column.addLayout(self._row(field, values.get(field.key, "")))

    def values(self) -> dict[str, str]:
        """Return what was typed, by key; empty fields as empty texts."""
        return {field.key: self._value(field) for field in self._fields}

    def set_value(self, key: str, text: str) -> None:
        """Fill one field."""
        line = self.inputs[key]
        if isinstance(line, QPlainTextEdit):
            line.setPlainText(text)
        else:
            line.setText(text)

    def focus_first(self) -> None:
        """Put the cursor into the first field."""
        next(iter(self.inputs.values())).setFocus()

    def _row(self, field: Field, value: str) -> QVBoxLayout:
        title = tr(field.title)
        name = label(title if field.required else tr("{field} (optional)", field=title), "label")
        column = QVBoxLayout()
        column.setSpacing(4)
        column.addWidget(name)
        line: QLineEdit | QPlainTextEdit
        if field.kind is FieldKind.TEXT:
            line = QPlainTextEdit(value)
            line.setFixedHeight(_TEXT_HEIGHT)
            line.setTabChangesFocus(True)
            column.addWidget(line)
        else:
            line = QLineEdit(self._shown(field, value))
            line.setProperty("large", True)
            line.setMaxLength(1000)
            row = QHBoxLayout()
            row.setSpacing(8)
            row.addWidget(line, 1)
            if field.kind in (FieldKind.DATE, FieldKind.MOMENT):
                line.setPlaceholderText(
                    "2026-03-31" if field.kind is FieldKind.DATE else "2026-03-31 09:00"
                )
                row.addWidget(self._calendar(title, line, with_time=field.kind == FieldKind.MOMENT))
            column.addLayout(row)
        line.setAccessibleName(title)
        name.setBuddy(line)
        self.inputs[field.key] = line
        return column

    def _calendar(self, title: str, line: QLineEdit, *, with_time: bool) -> Button:
        button = Button(kind="plain", icon="calendar", name=tr("Calendar for {field}", field=title))
        menu = QMenu(button)
        days = QCalendarWidget()
        days.setGridVisible(False)
        days.setVerticalHeaderFormat(QCalendarWidget.VerticalHeaderFormat.NoVerticalHeader)
        action = QWidgetAction(menu)
        action.setDefaultWidget(days)
        menu.addAction(action)

        def take(day: QDate) -> None:
            text = day.toString(Qt.DateFormat.ISODate)
            time = line.text().strip().partition(" ")[2] or "09:00"
            line.setText(f"{text} {time}" if with_time else text)
            menu.close()

        days.activated.connect(take)
        days.clicked.connect(take)
        button.clicked.connect(lambda: menu.popup(button.mapToGlobal(button.rect().bottomLeft())))
        return button

    def _value(self, field: Field) -> str:
        line = self.inputs[field.key]
        text = line.toPlainText() if isinstance(line, QPlainTextEdit) else line.text()
        text = text.strip()
        if field.kind is FieldKind.MOMENT and text:
            try:
                typed = datetime.fromisoformat(text)
            except ValueError:
                return text  # The domain says in words what is wrong with it.
            if typed.tzinfo is None:
                typed = typed.replace(tzinfo=self._words.zone)
            return typed.isoformat()
        return text

    def _shown(self, field: Field, value: str) -> str:
        if field.kind is not FieldKind.MOMENT or not value:
            return value
        return self._words.local(datetime.fromisoformat(value)).strftime("%Y-%m-%d %H:%M")
