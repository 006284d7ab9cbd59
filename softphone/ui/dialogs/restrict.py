"""Restricting the use of a person's data, or putting it under a legal hold; and ending that."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from softphone.domain.errors import InvalidInput
from softphone.domain.ids import ContactId
from softphone.domain.privacy import Restriction, RestrictionKind
from softphone.domain.register import Field
from softphone.ui.dialogs.form import FormDialog
from softphone.ui.translation import tr
from softphone.ui.widgets.combo import Combo
from softphone.ui.workplace import Workplace

RESTRICTION_WORDS: dict[RestrictionKind, str] = {
    RestrictionKind.RESTRICTED: "Restricted (Art. 18)",
    RestrictionKind.HELD: "Legal hold (Art. 17(3))",
}


class RestrictDialog(FormDialog):
    """Kind and reason; the recordings are sealed so that nobody can play them."""

    def __init__(
        self,
        work: Workplace,
        contact: ContactId | None,
        request: str,
        parent: QWidget | None,
    ) -> None:
        self._contact = contact
        self._request = request
        self.kind = Combo(tr("Kind"))
        for kind in RestrictionKind:
            self.kind.addItem(tr(RESTRICTION_WORDS[kind]), kind.value)
        self._kind = RestrictionKind.RESTRICTED
        super().__init__(
            work,
            tr("Restrict the use"),
            (Field("reason", "Reason", required=True),),
            self._restrict,
            parent,
            lead=tr(
                "The data is kept and not used: the recordings are sealed once more, and nobody "
                "can play them until a data protection officer ends it. A legal hold stops "
                "erasures as well."
            ),
            button=tr("Restrict"),
        )
        self.column.insertWidget(2, self.kind)
        self.kind.currentIndexChanged.connect(self._pick)

    def _pick(self, _index: int) -> None:
        self._kind = RestrictionKind(self.kind.currentData())

    def _restrict(self, values: dict[str, str]) -> object:
        if self._contact is None:
            raise InvalidInput("Nothing was restricted.", "Nobody is chosen.")
        requests = self._work.desk.requests
        return requests.restrict(self._contact, self._kind, values["reason"], self._request)


class ReleaseDialog(FormDialog):
    """The reason why a restriction ends."""

    def __init__(self, work: Workplace, restriction: Restriction, parent: QWidget | None) -> None:
        requests = work.desk.requests
        lead = tr("Before it ends, the person has to be told (Art. 18(3)).")
        if restriction.erasure_queued:
            lead = tr("The person asked to be erased: that is due when the hold ends.")
        super().__init__(
            work,
            tr("End the restriction"),
            (Field("reason", "Reason", required=True),),
            lambda values: requests.release(
                restriction.contact, restriction.kind, values["reason"]
            ),
            parent,
            lead=lead,
            button=tr("End it"),
        )
