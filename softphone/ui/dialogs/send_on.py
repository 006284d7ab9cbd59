"""Where callers are sent who are not put through here."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtWidgets import QWidget

from softphone.domain.call import Availability
from softphone.domain.errors import InvalidInput
from softphone.domain.register import Field, FieldKind
from softphone.ui.dialogs.form import FormDialog
from softphone.ui.translation import tr
from softphone.ui.workplace import Workplace

FIELDS = (
    Field("always", "All calls, at once, to"),
    Field("busy", "When I am busy, on a break or working after a call, to"),
    Field("no_answer", "When I do not answer, to"),
    Field("after", "Seconds until then", FieldKind.NUMBER),
)


class SendOnDialog(FormDialog):
    """Three numbers, each may be empty; what holds now is filled in."""

    def __init__(self, work: Workplace, wish: Availability, parent: QWidget | None) -> None:
        self._wish = wish
        super().__init__(
            work,
            tr("Send my calls on"),
            FIELDS,
            self._send_on,
            parent,
            values={
                "always": wish.forward_always,
                "busy": wish.forward_busy,
                "no_answer": wish.forward_no_answer,
                "after": str(wish.no_answer_s),
            },
            lead=tr("A number, an extension or an address. Empty fields send nobody on."),
        )

    def _send_on(self, values: dict[str, str]) -> None:
        """Set it; runs on the lane. What is no number is refused in words."""
        text = values["after"].strip()
        if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 600):
            raise InvalidInput(
                "Nothing was changed.", "The seconds are a number from 1 to 600.", "Correct it."
            )
        self._work.desk.duty.send_on(
            replace(
                self._wish,
                forward_always=values["always"],
                forward_busy=values["busy"],
                forward_no_answer=values["no_answer"],
                no_answer_s=int(text),
            )
        )
