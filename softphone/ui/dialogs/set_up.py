"""The first start: who you are, a password, a name for this workstation; then the recovery key."""

from __future__ import annotations

import platform

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtPrintSupport import QPrintDialog, QPrinter
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from softphone.app.desk import Desk
from softphone.app.office import Office
from softphone.app.ports import NewMember
from softphone.domain.permissions import OWNER
from softphone.ui.dialogs.gate import PasswordLine, big_sign, centred, field
from softphone.ui.dispatcher import Dispatcher
from softphone.ui.recovery_sheet import RecoverySheet, SheetPreview, print_sheet
from softphone.ui.translation import tr
from softphone.ui.widgets.basic import Button, Sign, frame, label
from softphone.ui.widgets.states import error_line

LEAST_PASSWORD = 12
SHEET = 520


class SetUpPage(QWidget):
    """Creates the vault."""

    created = Signal(object, str, str)
    """The desk, the recovery key, and the name of this workstation."""

    def __init__(self, office: Office, dispatcher: Dispatcher) -> None:
        super().__init__()
        self.setObjectName("surface")
        self._office = office
        self._dispatcher = dispatcher
        name, self.name = field(tr("Your name"))
        team, self.team = field(tr("Team"))
        device, self.device = field(tr("Name of this workstation"))
        self.device.setText(platform.node()[:60])
        self.password = PasswordLine(tr("Password, at least 12 characters"))
        self.again = PasswordLine(tr("The same password again"))
        self.problem = Sign(wrap=True)
        self.problem.setVisible(False)
        self.button = Button(tr("Set up this workstation"), kind="main")
        self.button.setProperty("large", True)
        self.button.clicked.connect(self.submit)
        self.again.entered.connect(self.submit)
        box = QWidget()
        column = QVBoxLayout(box)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addWidget(big_sign("phone"), 0, Qt.AlignmentFlag.AlignHCenter)
        heading = label(tr("Set up this workstation"), "title")
        heading.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(heading)
        purpose = label(
            tr(
                "You become its owner: you phone with it and decide who else may. "
                "Calls and recordings are kept here, sealed."
            ),
            "secondary",
            wrap=True,
        )
        purpose.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(purpose)
        column.addLayout(name)
        pair = QHBoxLayout()
        pair.setSpacing(8)
        pair.addLayout(team, 1)
        pair.addLayout(device, 1)
        column.addLayout(pair)
        column.addWidget(self.password)
        column.addWidget(self.again)
        column.addWidget(self.problem)
        column.addWidget(self.button)
        self.setLayout(centred(box))

    def focus_first(self) -> None:
        """Put the caret where typing begins."""
        self.name.setFocus()

    def submit(self) -> None:
        """Check what was typed and create the vault."""
        wrong = self._wrong()
        if wrong or not self.button.isEnabled():
            self._say(wrong)
            return
        new = NewMember(
            name=self.name.text().strip(),
            password=self.password.line.text(),
            role=OWNER.name,
            team=self.team.text().strip(),
        )
        device = self.device.text().strip()
        self._busy(True)
        future = self._office.lane.submit(lambda: self._office.set_up(new, device))
        self._dispatcher.run(future, self._done, self._failed, owner=self)

    def _wrong(self) -> str:
        if not self.name.text().strip():
            return tr("Type your name: it stands in the audit log.")
        if not self.team.text().strip():
            return tr("Type the name of your team: recordings are sealed for its supervisors.")
        if not self.device.text().strip():
            return tr("Give this workstation a name.")
        if len(self.password.line.text()) < LEAST_PASSWORD:
            return tr("The password has fewer than 12 characters. Four random words do well.")
        if self.password.line.text() != self.again.line.text():
            return tr("The two passwords differ. Type the same one twice.")
        return ""

    def _busy(self, busy: bool) -> None:
        self.button.setEnabled(not busy)
        self.button.setText(tr("Setting up") if busy else tr("Set up this workstation"))
        self.problem.setVisible(False)

    def _done(self, made: tuple[Desk, str]) -> None:
        self._busy(False)
        self.password.line.clear()
        self.again.line.clear()
        self.created.emit(*made, self.device.text().strip())

    def _failed(self, error: Exception) -> None:
        self._busy(False)
        self._say(error_line(error))

    def _say(self, words: str) -> None:
        self.problem.set("warning", words, "hold.text")
        self.problem.setVisible(bool(words))


class RecoveryPage(QWidget):
    """Shows the recovery key once."""

    done = Signal()

    def __init__(self, sheet: RecoverySheet) -> None:
        super().__init__()
        self.setObjectName("surface")
        self._sheet = sheet
        key = sheet.key
        box = QWidget()
        column = QVBoxLayout(box)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(big_sign("key"), 0, Qt.AlignmentFlag.AlignHCenter)
        heading = label(tr("Your recovery key"), "title")
        heading.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(heading)
        why = tr(
            "It opens the vault when every password is lost. "
            "It is shown only now and kept nowhere. Print it or write it down, and lock it away."
        )
        column.addWidget(label(why, "secondary", wrap=True))
        self.preview = SheetPreview(sheet)
        self.preview.set_width(SHEET)
        column.addWidget(self.preview)
        card, inside = frame("insetSmall", margins=12)
        self.key = QLabel(key)
        self.key.setProperty("role", "mono")
        self.key.setTextFormat(Qt.TextFormat.PlainText)
        self.key.setWordWrap(True)
        self.key.setAccessibleName(tr("Recovery key"))
        flags = Qt.TextInteractionFlag
        self.key.setTextInteractionFlags(
            flags.TextSelectableByMouse | flags.TextSelectableByKeyboard
        )
        inside.addWidget(self.key)
        column.addWidget(card)
        copy = Button(tr("Copy"), icon="copy")
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(key))
        self.print = Button(tr("Print"), icon="printer")
        self.print.clicked.connect(self._ask_printer)
        self.printed = Sign(small=True, wrap=True)
        self.printed.setVisible(False)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.print)
        row.addWidget(copy)
        row.addWidget(self.printed, 1)
        row.addStretch(0)
        column.addLayout(row)
        self.written = QCheckBox(tr("I have written it down"))
        self.written.setAccessibleName(tr("I have written it down"))
        column.addWidget(self.written)
        self.button = Button(tr("Continue"), kind="main")
        self.button.setProperty("large", True)
        self.button.set_refused(tr("Write the key down first, then tick the box."))
        self.written.toggled.connect(
            lambda on: self.button.set_refused(
                "" if on else tr("Write the key down first, then tick the box.")
            )
        )
        self.button.clicked.connect(self.done)
        column.addWidget(self.button)
        self.setLayout(centred(box, SHEET))

    def focus_first(self) -> None:
        """Put the focus on the first thing to do."""
        self.print.setFocus()

    def print_on(self, printer: QPrinter) -> None:
        """Print the sheet, and say what became of it."""
        if print_sheet(printer, self._sheet):
            self.printed.set("check", tr("Handed to the printer. Take it from there now."))
        else:
            self.printed.set("warning", tr("The printer did not take the sheet."), "hold.text")
        self.printed.setVisible(True)

    def _ask_printer(self) -> None:
        printer = QPrinter(QPrinter.PrinterMode.HighResolution)
        dialog = QPrintDialog(printer, self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.accepted.connect(lambda: self.print_on(printer))
        dialog.setWindowModality(Qt.WindowModality.WindowModal)
        dialog.show()
