"""A section of cards: lead, main action, cards under one another in the four states."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from softphone.domain.permissions import Permission
from softphone.ui.pages.section import Section
from softphone.ui.widgets.basic import Button, clear, label
from softphone.ui.widgets.notice import Notice
from softphone.ui.widgets.states import StatePane
from softphone.ui.words import refusal
from softphone.ui.workplace import Workplace


class CardsSection(Section):
    """Base: subclasses read the rows and make a card of each."""

    kinds: frozenset[str] = frozenset()
    """Changes of these kinds are read at once."""

    def __init__(self, work: Workplace, notice: Notice, title: str, lead: str, add: Button) -> None:
        super().__init__(work, notice, title)
        self.add = add
        self.add.set_refused(refusal(work.rights.decisions[Permission.PRIVACY_MANAGE]))
        self._cards = QVBoxLayout()
        self._cards.setContentsMargins(24, 0, 24, 16)
        self._cards.setSpacing(12)
        inside = QWidget()
        inside.setLayout(self._cards)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setWidget(inside)
        self.states = StatePane(scroll, self.activate)
        head = QHBoxLayout()
        head.setContentsMargins(24, 4, 24, 8)
        head.addWidget(label(lead, "secondary", wrap=True), 1)
        head.addWidget(self.add)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(head)
        column.addWidget(self.states, 1)

    def activate(self) -> None:
        """Read the rows."""
        if self._cards.count() == 0:
            self.states.show_loading()
        self.read()

    def changed(self, kinds: frozenset[str]) -> None:
        """Read again what changed."""
        if kinds & self.kinds:
            self.activate()

    def read(self) -> None:
        """Ask for the rows; what comes is given to :meth:`show_cards`."""
        raise NotImplementedError

    def empty(self) -> tuple[str, str, str]:
        """Return icon, title and text for when there is nothing."""
        raise NotImplementedError

    def show_cards(self, cards: Iterable[QWidget]) -> None:
        """Put these cards in the place of those before, or say that there are none."""
        clear(self._cards)
        for card in cards:
            self._cards.addWidget(card)
        if self._cards.count() == 0:
            self.states.show_empty(*self.empty())
            return
        self._cards.addStretch(1)
        self.states.show_full()
