"""A dialog with a form: it stays open with the reason when what was typed cannot be used."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from PySide6.QtWidgets import QDialog, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from softphone.app.desk import Desk
from softphone.domain.register import Field
from softphone.ui.translation import tr
from softphone.ui.widgets.basic import Button, Sign, label
from softphone.ui.widgets.form import Form
from softphone.ui.widgets.states import error_line
from softphone.ui.workplace import Workplace

Work = Callable[[dict[str, str]], object]
"""What to do with the values, on the lane."""
_HIGHEST = 560


class FormDialog(QDialog):
    """Title, lead, fields, and one button that does it. ``result_value`` is what came of it."""

    def __init__(
        self,
        work: Workplace,
        title: str,
        fields: Sequence[Field],
        do: Work,
        parent: QWidget | None,
        *,
        values: Mapping[str, str] | None = None,
        lead: str = "",
        button: str = "",
        kind: str = "main",
    ) -> None:
        super().__init__(parent)
        self._work = work
        self._do = do
        self.result_value: object = None
        self.setWindowTitle(title)
        self.setMinimumWidth(480)
        self.form = Form(fields, values or {}, work.words)
        self.problem = Sign(wrap=True)
        self.problem.setVisible(False)
        self.save = Button(button or tr("Save"), kind=kind, icon="check")
        self.save.setDefault(True)
        self.save.clicked.connect(self.submit)
        self.cancel = Button(tr("Cancel"))
        self.cancel.clicked.connect(self.reject)
        self.foot = QHBoxLayout()
        self.foot.addStretch(1)
        self.foot.addWidget(self.cancel)
        self.foot.addWidget(self.save)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(24, 20, 24, 20)
        self.column.setSpacing(12)
        self.column.addWidget(label(title, "title", wrap=True))
        if lead:
            self.column.addWidget(label(lead, "secondary", wrap=True))
        self.column.addWidget(self._holder(), 1)
        self.column.addWidget(self.problem)
        self.column.addLayout(self.foot)
        self.form.setVisible(bool(fields))
        if fields:
            self.form.focus_first()

    def submit(self) -> None:
        """Do it; the domain checks what was typed."""
        values = self.form.values()
        self.save.setEnabled(False)
        self.begin(values)

    def begin(self, values: dict[str, str]) -> None:
        """Do it with these values."""
        self._work.ask(self, lambda: self._do(values), self._done, self._failed)

    def _done(self, value: object) -> None:
        self.result_value = value
        self.accept()

    def _failed(self, error: Exception) -> None:
        self.save.setEnabled(True)
        self.problem.set("warning", error_line(error), "hold.text")
        self.problem.setVisible(True)

    def _holder(self) -> QWidget:
        wanted = self.form.sizeHint().height()
        if wanted <= _HIGHEST:
            return self.form
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setWidget(self.form)
        scroll.setMinimumHeight(_HIGHEST)
        self.form.setContentsMargins(0, 0, 8, 0)
        return scroll


class FormAside(FormDialog):
    """A form whose work takes long: it is done beside the lane, on the desk given to it."""

    def __init__(
        self,
        work: Workplace,
        title: str,
        fields: Sequence[Field],
        do: Callable[[Desk, dict[str, str]], object],
        parent: QWidget | None,
        **look: Any,
    ) -> None:
        super().__init__(work, title, fields, lambda _values: None, parent, **look)
        self._do_aside = do

    def begin(self, values: dict[str, str]) -> None:
        """Do it with these values."""
        do = self._do_aside
        self._work.ask_aside(self, lambda desk: do(desk, values), self._done, self._failed)
