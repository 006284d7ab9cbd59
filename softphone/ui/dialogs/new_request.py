"""Registering what a person asks."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from PySide6.QtWidgets import QWidget

from softphone.domain.errors import InvalidInput
from softphone.domain.register import Field, FieldKind
from softphone.domain.request import KIND_WORDS, DataRequest, RequestKind
from softphone.ui.dialogs.form import FormDialog
from softphone.ui.translation import tr
from softphone.ui.widgets.basic import label
from softphone.ui.widgets.combo import Combo
from softphone.ui.workplace import Workplace

FIELDS = (
    Field("name", "Who asks, as they wrote it", required=True),
    Field("channel", "How it came: letter, e-mail, call"),
    Field("received", "Came on", FieldKind.DATE),
)


class NewRequestDialog(FormDialog):
    """Kind, name, how and when it came."""

    def __init__(self, work: Workplace, parent: QWidget | None) -> None:
        self.kind = Combo(tr("What they ask for"))
        for kind in RequestKind:
            self.kind.addItem(tr(KIND_WORDS[kind]), kind.value)
        super().__init__(
            work,
            tr("New request"),
            FIELDS,
            self._receive,
            parent,
            lead=tr("The month runs from the day it came, whoever opened it first."),
            button=tr("Register"),
        )
        name = label(tr("What they ask for"), "label")
        name.setBuddy(self.kind)
        self.column.insertWidget(2, name)
        self.column.insertWidget(3, self.kind)
        self._kind = RequestKind(self.kind.currentData())
        self.kind.currentIndexChanged.connect(self._pick)

    def _pick(self, _index: int) -> None:
        self._kind = RequestKind(self.kind.currentData())

    def _receive(self, values: dict[str, str]) -> DataRequest:
        """Register it; runs on the lane. A day that is none is refused in words."""
        desk, words = self._work.desk, self._work.words
        came: datetime | None = None
        if values["received"]:
            came = _morning(values["received"], words.zone)
        return desk.requests.receive(self._kind, values["name"], values["channel"], came)


def _morning(text: str, zone: ZoneInfo) -> datetime:
    """Return the start (UTC) of a day in the person's zone. Raises InvalidInput."""
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput(
            "The request was not saved.", "“Came on” is not a day as 2026-03-31.", "Correct it."
        ) from error
    return datetime.combine(day, time(), zone).astimezone(UTC)
