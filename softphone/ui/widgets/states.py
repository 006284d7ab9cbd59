"""The four states of every page: empty, loading, error, full."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRectF, Qt, QTimer
from PySide6.QtGui import QGuiApplication, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from softphone.domain.errors import SoftphoneError
from softphone.ui.theme.theme import colour
from softphone.ui.translation import tr
from softphone.ui.widgets.basic import Button, Glyph, label

SKELETON_AFTER_MS = 150


def error_words(error: Exception) -> tuple[str, str, str]:
    """Return what happened, why, and what to do, in the person's language."""
    if isinstance(error, SoftphoneError):
        return tr(error.what), tr(error.why) if error.why else "", tr(error.do) if error.do else ""
    return (
        tr("This did not work."),
        tr("The program met an error it did not expect. It was written to the log."),
        tr("Try again. If it happens again, send the details to your IT."),
    )


def error_line(error: Exception) -> str:
    """Return the same in one line."""
    return " ".join(part for part in error_words(error) if part)


class Skeleton(QWidget):
    """Grey bars where rows will be; nothing moves."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName(tr("Loading"))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw two bars a row."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour("bg.hover"))
        width = self.width()
        for index, top in enumerate(range(16, max(17, self.height() - 40), 48)):
            share = (0.22, 0.28, 0.18, 0.25)[index % 4]
            painter.drawRoundedRect(QRectF(24, top, width * share, 10), 4, 4)
            painter.drawRoundedRect(QRectF(24, top + 16, width * share * 0.7, 8), 4, 4)
            painter.drawRoundedRect(QRectF(width * 0.45, top + 6, width * 0.12, 10), 4, 4)
            painter.drawRoundedRect(QRectF(width * 0.7, top + 6, width * 0.18, 10), 4, 4)


class StatePane(QStackedWidget):
    """Shows ``content``, or why it is not there."""

    def __init__(self, content: QWidget, retry: Callable[[], None]) -> None:
        super().__init__()
        self._retry = retry
        self._error = ("", "", "")
        self._content = content
        self._skeleton = Skeleton()
        self._blank = QWidget()
        self._message = QWidget()
        for page in (self._content, self._skeleton, self._blank, self._message):
            self.addWidget(page)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SKELETON_AFTER_MS)
        self._timer.timeout.connect(lambda: self.setCurrentWidget(self._skeleton))
        self.state = "full"

    def show_full(self) -> None:
        """Show the content."""
        self._to("full", self._content)

    def show_loading(self) -> None:
        """Show nothing at first, bars after 150 ms."""
        if self.state == "loading":
            return
        self.state = "loading"
        self.setCurrentWidget(self._blank)
        self._timer.start()

    def show_empty(self, icon: str, title: str, text: str, action: Button | None = None) -> None:
        """Say what the page is for and what to do."""
        self._replace_message(icon, "text.tertiary", title, [text], [action] if action else [])
        self._to("empty", self._message)

    def show_error(self, error: Exception) -> None:
        """Say what happened, why, and what to do."""
        self._error = error_words(error)
        what, why, do = self._error
        again = Button(tr("Try again"), icon="arrows-clockwise")
        again.clicked.connect(self._retry)
        copy = Button(tr("Copy details"), kind="link", icon="copy")
        copy.clicked.connect(self._copy)
        self._replace_message("warning", "hold.text", what, [why, do], [again, copy])
        self._to("error", self._message)

    def message(self) -> str:
        """Return the words of the empty or error state, for tests and screen readers."""
        return self._message.accessibleName()

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText("\n".join(part for part in self._error if part))

    def _to(self, state: str, page: QWidget) -> None:
        self._timer.stop()
        self.state = state
        self.setCurrentWidget(page)

    def _replace_message(
        self, icon: str, role: str, title: str, texts: list[str], actions: list[Button]
    ) -> None:
        old = self._message
        self._message = _message(icon, role, title, [t for t in texts if t], actions)
        self.addWidget(self._message)
        self.removeWidget(old)
        old.deleteLater()


def _message(icon: str, role: str, title: str, texts: list[str], actions: list[Button]) -> QWidget:
    page = QWidget()
    page.setAccessibleName(" ".join([title, *texts]))
    column = QVBoxLayout(page)
    column.setContentsMargins(32, 24, 32, 24)
    column.setSpacing(8)
    column.addStretch(2)
    column.addWidget(Glyph(icon, role, 32), 0, Qt.AlignmentFlag.AlignHCenter)
    heading = label(title, "card", wrap=True)
    heading.setAlignment(Qt.AlignmentFlag.AlignHCenter)
    column.addWidget(heading)
    for text in texts:
        line = label(text, "secondary", wrap=True)
        line.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(line)
    row = QHBoxLayout()
    row.addStretch(1)
    for action in actions:
        row.addWidget(action)
    row.addStretch(1)
    column.addSpacing(8)
    column.addLayout(row)
    column.addStretch(3)
    return page
