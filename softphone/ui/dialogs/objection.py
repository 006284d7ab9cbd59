"""An objection against one purpose (GDPR Art. 21): its basis stands no longer."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from softphone.domain.consent import MARKETING, Purpose
from softphone.domain.register import Field
from softphone.domain.request import DataRequest
from softphone.ui.dialogs.form import FormDialog
from softphone.ui.translation import tr
from softphone.ui.widgets.combo import Combo
from softphone.ui.workplace import Workplace

FIELDS = (Field("note", "What the person wrote"),)


class ObjectDialog(FormDialog):
    """Which purpose; marketing at first, which nobody has to give reasons against."""

    def __init__(self, work: Workplace, request: DataRequest, parent: QWidget | None) -> None:
        self._request = request
        self.purpose = Combo(tr("Purpose"))
        self._purpose = MARKETING
        super().__init__(
            work,
            tr("Stop using it for a purpose"),
            FIELDS,
            self._object,
            parent,
            lead=tr("From then on a call for marketing is refused, and a recording ends."),
            button=tr("Stop it"),
        )
        self.column.insertWidget(2, self.purpose)
        consents = work.desk.consents
        work.ask(self, consents.purposes, self._show, self._failed)

    def _show(self, purposes: list[Purpose]) -> None:
        for purpose in purposes:
            self.purpose.addItem(tr(purpose.title), purpose.key)
        place = self.purpose.findData(MARKETING)
        self.purpose.setCurrentIndex(max(place, 0))
        self.purpose.currentIndexChanged.connect(self._pick)

    def _pick(self, _index: int) -> None:
        self._purpose = str(self.purpose.currentData())

    def _object(self, values: dict[str, str]) -> object:
        live = self._work.store.state.live_calls
        return self._work.desk.answers.object(self._request.id, self._purpose, values["note"], live)
