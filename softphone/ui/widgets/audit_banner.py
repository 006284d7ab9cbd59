"""Whether the audit log holds: one sentence, and how far a check is."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from softphone.ui.translation import tr
from softphone.ui.widgets.basic import Button, Glyph, frame, label, restyle
from softphone.ui.words import number


class Banner(QWidget):
    """One sentence says whether the log holds; numbers only below it."""

    def __init__(self) -> None:
        super().__init__()
        self._card, inside = frame("notice", margins=12)
        self.sentence = label(
            tr("The log has not been checked since you signed in."), "strong", wrap=True
        )
        self.detail = label("", "small", wrap=True)
        self.button = Button(tr("Check now"), icon="arrows-clockwise")
        self.cancel = Button(tr("Cancel"))
        self.cancel.setVisible(False)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(tr("Progress"))
        self.bar.setVisible(False)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self.sentence)
        words.addWidget(self.detail)
        words.addWidget(self.bar)
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addWidget(Glyph("shield-check", "accent.text", 24))
        row.addLayout(words, 1)
        row.addWidget(self.cancel)
        row.addWidget(self.button)
        inside.addLayout(row)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 4, 24, 8)
        column.addWidget(self._card)

    def show_words(self, sentence: str, detail: str, *, attention: bool) -> None:
        """Show the outcome of a check."""
        self.sentence.setText(sentence)
        self.detail.setText(detail)
        self._card.setProperty("state", "attention" if attention else "holds")
        restyle(self._card)
        self.setAccessibleName(f"{sentence}. {detail}")

    def busy(self, busy: bool) -> None:
        """Say that the check is running."""
        self.button.setEnabled(not busy)
        self.button.set_text(tr("Checking") if busy else tr("Check again"))
        self.cancel.setVisible(busy)
        self.bar.setVisible(busy)
        self.bar.setRange(0, 0)

    def progress(self, done: int, total: int) -> None:
        """Show how far the check is."""
        self.bar.setRange(0, max(total, 1))
        self.bar.setValue(done)
        self.detail.setText(tr("{n} of {total} entries", n=number(done), total=number(total)))
