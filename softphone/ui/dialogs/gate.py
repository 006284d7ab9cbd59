"""Before the shell: unlocking, and the first start."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from softphone.app.desk import Desk
from softphone.app.office import Office
from softphone.domain.errors import TryLater
from softphone.ui.dispatcher import Dispatcher
from softphone.ui.translation import tr
from softphone.ui.widgets.basic import Button, Glyph, Sign, divider, label
from softphone.ui.widgets.states import error_line

WIDTH = 336


def field(title: str, *, secret: bool = False) -> tuple[QVBoxLayout, QLineEdit]:
    """Return a labelled line; the label is its buddy and its accessible name."""
    line = QLineEdit()
    line.setAccessibleName(title)
    line.setProperty("large", True)
    line.setMaxLength(1024 if secret else 200)
    if secret:
        line.setEchoMode(QLineEdit.EchoMode.Password)
    name = label(title, "label")
    name.setBuddy(line)
    column = QVBoxLayout()
    column.setSpacing(4)
    column.addWidget(name)
    column.addWidget(line)
    return column, line


def centred(content: QWidget, width: int = WIDTH) -> QVBoxLayout:
    """Return a layout with ``content`` in the middle of the page."""
    content.setFixedWidth(width)
    row = QHBoxLayout()
    row.addStretch(1)
    row.addWidget(content)
    row.addStretch(1)
    column = QVBoxLayout()
    column.addStretch(2)
    column.addLayout(row)
    column.addStretch(3)
    return column


def big_sign(icon: str) -> QFrame:
    """Return an icon on a filled square."""
    square = QFrame()
    square.setObjectName("badge")
    square.setFixedSize(56, 56)
    inner = QVBoxLayout(square)
    inner.setContentsMargins(0, 0, 0, 0)
    inner.addWidget(Glyph(icon, "accent.on", 24), 0, Qt.AlignmentFlag.AlignCenter)
    return square


class PasswordLine(QWidget):
    """A password with a button to show it, and Caps Lock in words over it."""

    entered = Signal()

    def __init__(self, title: str) -> None:
        super().__init__()
        self.line = QLineEdit()
        self.line.setAccessibleName(title)
        self.line.setMaxLength(1024)
        self.line.setProperty("large", True)
        self.line.setEchoMode(QLineEdit.EchoMode.Password)
        self.line.returnPressed.connect(self.entered)
        self.line.installEventFilter(self)
        self.caps = Sign("warning", tr("Caps Lock may be on"), "hold.text", small=True)
        self.caps.setVisible(False)
        self.eye = Button(kind="plain", icon="eye", name=tr("Show the password"))
        self.eye.setCheckable(True)
        self.eye.toggled.connect(self._show)
        name = label(title, "label")
        name.setBuddy(self.line)
        top = QHBoxLayout()
        top.addWidget(name, 1)
        top.addWidget(self.caps)
        row = QHBoxLayout()
        row.setSpacing(4)
        row.addWidget(self.line, 1)
        row.addWidget(self.eye)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(top)
        column.addLayout(row)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Notice Caps Lock from the letters themselves; every platform tells those."""
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
            text = event.text()
            shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            if len(text) == 1 and text.isalpha():
                self.caps.setVisible(text.isupper() != shift)
            elif event.key() == Qt.Key.Key_CapsLock:
                self.caps.setVisible(False)
        if isinstance(event, QFocusEvent) and event.type() is QEvent.Type.FocusOut:
            self.caps.setVisible(False)
        return super().eventFilter(watched, event)

    def _show(self, shown: bool) -> None:
        mode = QLineEdit.EchoMode.Normal if shown else QLineEdit.EchoMode.Password
        self.line.setEchoMode(mode)
        self.eye.set_icon("eye-slash" if shown else "eye")


class UnlockPage(QWidget):
    """Name and password; the same words whichever part was wrong."""

    unlocked = Signal(object)

    def __init__(
        self,
        office: Office,
        dispatcher: Dispatcher,
        name: str = "",
        calls: QWidget | None = None,
    ) -> None:
        """``calls``: the calls that go on while nobody is signed in."""
        super().__init__()
        self.setObjectName("surface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._office = office
        self._dispatcher = dispatcher
        self._wait_until = 0.0
        self._problem = ("", "", "")
        person, self.name = field(tr("Person"))
        self.name.setText(name)
        self.name.returnPressed.connect(self.submit)
        self.password = PasswordLine(tr("Password"))
        self.password.entered.connect(self.submit)
        self.problem = Sign(wrap=True)
        self.problem.setVisible(False)
        self.button = Button(tr("Unlock"), kind="main")
        self.button.setProperty("large", True)
        self.button.clicked.connect(self.submit)
        self._clock = QTimer(self)
        self._clock.setInterval(500)
        self._clock.timeout.connect(self._count_down)
        self._lay_out(person, calls)

    def focus_first(self) -> None:
        """Put the caret where typing begins."""
        (self.password.line if self.name.text() else self.name).setFocus()

    def submit(self) -> None:
        """Try to unlock."""
        if not self.button.isEnabled():
            return
        name, password = self.name.text().strip(), self.password.line.text()
        self.password.line.clear()
        self._busy(True)
        future = self._office.lane.submit(lambda: self._office.sign_in(name, password))
        self._dispatcher.run(future, self._done, self.say_error, owner=self)

    def _lay_out(self, person: QVBoxLayout, calls: QWidget | None) -> None:
        box = QWidget()
        column = QVBoxLayout(box)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        if calls is not None:
            column.addWidget(calls)
        column.addWidget(big_sign("lock-simple"), 0, Qt.AlignmentFlag.AlignHCenter)
        heading = label(tr("Unlock your vault"), "title")
        heading.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(heading)
        column.addSpacing(8)
        column.addLayout(person)
        column.addWidget(self.password)
        column.addWidget(self.problem)
        column.addWidget(self.button)
        column.addSpacing(24)
        column.addWidget(divider())
        device = tr("This workstation may hold the second half of the key.")
        column.addWidget(Sign("desktop", device, small=True, wrap=True))
        goes_on = tr("A call in progress goes on while locked.")
        column.addWidget(Sign("phone", goes_on, small=True, wrap=True))
        self.setLayout(centred(box))

    def _busy(self, busy: bool) -> None:
        self.button.setEnabled(not busy)
        self.button.setText(tr("Unlocking") if busy else tr("Unlock"))
        if busy:
            self.problem.setVisible(False)

    def _done(self, desk: Desk) -> None:
        self._busy(False)
        self.unlocked.emit(desk)

    def say_error(self, error: Exception) -> None:
        """Say why signing in or locking failed."""
        self._busy(False)
        if isinstance(error, TryLater):
            self._wait_until = self._office.clock.monotonic() + error.seconds
            self.button.setEnabled(False)
            self._clock.start()
            self._count_down()
        else:
            self._say(error_line(error))
        self.password.line.setFocus()

    def _count_down(self) -> None:
        left = round(self._wait_until - self._office.clock.monotonic())
        if left <= 0:
            self._clock.stop()
            self.problem.setVisible(False)
            self.button.setEnabled(True)
            return
        self._say(
            tr("There were several wrong attempts. You can try again in {n} seconds.", n=left)
        )

    def _say(self, words: str) -> None:
        self.problem.set("warning", words, "hold.text")
        self.problem.setVisible(True)
