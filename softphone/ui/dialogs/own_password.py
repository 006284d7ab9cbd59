"""After an invitation: the person chooses a password of their own before anything opens."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from softphone.app.desk import Desk
from softphone.app.office import Office
from softphone.ui.dialogs.gate import PasswordLine, big_sign, centred
from softphone.ui.dispatcher import Dispatcher
from softphone.ui.translation import tr
from softphone.ui.widgets.basic import Button, Sign, label
from softphone.ui.widgets.states import error_line


class OwnPasswordPage(QWidget):
    """Asks for the one-time password once more, and for the new one twice."""

    chosen = Signal(object)

    def __init__(self, office: Office, dispatcher: Dispatcher, desk: Desk) -> None:
        super().__init__()
        self.setObjectName("surface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._office = office
        self._dispatcher = dispatcher
        self._desk = desk
        self.old = PasswordLine(tr("One-time password"))
        self.password = PasswordLine(tr("Password of your own, at least 12 characters"))
        self.again = PasswordLine(tr("The same password again"))
        self.again.entered.connect(self.submit)
        self.problem = Sign(wrap=True)
        self.problem.setVisible(False)
        self.button = Button(tr("Continue"), kind="main")
        self.button.setProperty("large", True)
        self.button.clicked.connect(self.submit)
        box = QWidget()
        column = QVBoxLayout(box)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(big_sign("key"), 0, Qt.AlignmentFlag.AlignHCenter)
        heading = label(tr("Choose your password"), "title")
        heading.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(heading)
        why = tr(
            "Whoever invited you knows the one-time password. From now on only you know yours; "
            "nobody can look it up."
        )
        column.addWidget(label(why, "secondary", wrap=True))
        for part in (self.old, self.password, self.again, self.problem, self.button):
            column.addWidget(part)
        self.setLayout(centred(box))

    def focus_first(self) -> None:
        """Put the caret where typing begins."""
        self.old.line.setFocus()

    def submit(self) -> None:
        """Change the password; the rules are the domain's."""
        old, new = self.old.line.text(), self.password.line.text()
        if not self.button.isEnabled():
            return
        if new != self.again.line.text():
            self._say(tr("The two passwords differ. Type the same one twice."))
            return
        if new == old:
            self._say(tr("The one-time password is known to others. Choose another."))
            return
        self.button.setEnabled(False)
        desk = self._desk
        future = self._office.lane.submit(lambda: desk.people.change_password(old, new))
        self._dispatcher.run(future, lambda _done: self.chosen.emit(desk), self._failed, owner=self)

    def _failed(self, error: Exception) -> None:
        self.button.setEnabled(True)
        self._say(error_line(error))

    def _say(self, words: str) -> None:
        self.problem.set("warning", words, "hold.text")
        self.problem.setVisible(True)
