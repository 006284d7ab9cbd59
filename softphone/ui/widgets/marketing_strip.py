"""Calls for marketing: a switch, and what to do when there is no legal basis."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from softphone.app.campaigns import Clearance
from softphone.domain.permissions import Permission
from softphone.ui.dialogs.consent import ConsentDialog
from softphone.ui.translation import tr
from softphone.ui.widgets.basic import Button, Sign
from softphone.ui.widgets.switch import Switch
from softphone.ui.words import isolated, refusal
from softphone.ui.workplace import Workplace


class MarketingStrip(QWidget):
    """Below the dial pad. A refused call offers to record the basis, or to give a reason."""

    def __init__(self, work: Workplace, dial: Callable[[], None]) -> None:
        super().__init__()
        self._work = work
        self._refused: Clearance | None = None
        self.switch = Switch(tr("Marketing call"))
        self.switch.setToolTip(tr("A legal basis is looked for before the call is placed"))
        self.switch.toggled.connect(lambda _on: self._hide())
        self.who = Sign(small=True, wrap=True)
        self.basis = Button(tr("Record the legal basis"), icon="pencil-simple")
        self.basis.clicked.connect(self._record)
        self.reason = QLineEdit()
        self.reason.setMaxLength(200)
        self.reason.setAccessibleName(tr("Reason to call without a basis"))
        self.reason.setPlaceholderText(tr("Reason to call without a basis, then call again"))
        self.reason.returnPressed.connect(dial)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self.switch, 0, Qt.AlignmentFlag.AlignLeft)
        for part in (self.who, self.basis, self.reason):
            column.addWidget(part)
        self._hide()

    @property
    def on(self) -> bool:
        """Whether calls are for marketing."""
        return self.switch.isChecked()

    def take_reason(self) -> str:
        """Return the reason that was typed, once."""
        text = self.reason.text().strip()
        self._hide()
        return text

    def show_refused(self, clearance: Clearance) -> None:
        """Say who it is about and offer what may be done."""
        self._refused = clearance
        contact = clearance.contact
        name = isolated(contact.name) if contact else tr("No contact has this number.")
        self.who.set("user", name)
        self.who.setVisible(True)
        self.basis.setVisible(contact is not None)
        self.basis.set_refused(refusal(self._work.rights.decisions[Permission.CONTACTS_EDIT]))
        self.reason.setVisible(clearance.may_override)

    def _hide(self) -> None:
        self._refused = None
        self.reason.clear()
        for part in (self.who, self.basis, self.reason):
            part.setVisible(False)

    def _record(self) -> None:
        if self._refused is not None and self._refused.contact is not None:
            dialog = ConsentDialog(self._work, self._refused.contact, self.window())
            dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            dialog.choose_purpose("marketing")
            dialog.open()
