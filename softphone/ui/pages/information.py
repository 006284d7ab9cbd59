"""What people are told and asked: texts by version and language."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from softphone.domain.consent import InfoText
from softphone.domain.permissions import Permission
from softphone.ui.dialogs.info_text import InfoTextDialog
from softphone.ui.pages.section import Section
from softphone.ui.translation import tr
from softphone.ui.widgets.basic import Button, Sign, frame, label
from softphone.ui.widgets.notice import Notice
from softphone.ui.widgets.states import StatePane
from softphone.ui.words import isolated, refusal
from softphone.ui.workplace import Workplace


class InformationSection(Section):
    """Cards, newest version first; versions never change, so a new one is written."""

    def __init__(self, work: Workplace, notice: Notice) -> None:
        super().__init__(work, notice, tr("Information"))
        self._texts: list[InfoText] = []
        self._topics: dict[str, str] = {}
        self.add = Button(tr("Write a text"), kind="main", icon="plus")
        self.add.set_refused(refusal(work.rights.decisions[Permission.PRIVACY_MANAGE]))
        self.add.clicked.connect(lambda: self._edit(None))
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
        words = tr(
            "Who heard which version, and when, stands on the contact's card and in their file."
        )
        head.addWidget(label(words, "secondary", wrap=True), 1)
        head.addWidget(self.add)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(head)
        column.addWidget(self.states, 1)

    def activate(self) -> None:
        """Read the texts."""
        if not self._texts:
            self.states.show_loading()
        desk = self.work.desk
        self.work.ask(
            self,
            lambda: (desk.information.texts(), {p.key: p.title for p in desk.consents.purposes()}),
            lambda found: self._show(*found),
            self.states.show_error,
        )

    def changed(self, kinds: frozenset[str]) -> None:
        """Follow new versions."""
        if "texts" in kinds:
            self.activate()

    def _show(self, texts: list[InfoText], topics: dict[str, str]) -> None:
        self._texts, self._topics = texts, topics
        while item := self._cards.takeAt(0):
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        if not texts:
            self.states.show_empty(
                "file-text",
                tr("No texts yet"),
                tr("Write what agents read out or the phone plays, such as before a recording."),
            )
            return
        for text in texts:
            self._cards.addWidget(self._card(text))
        self._cards.addStretch(1)
        self.states.show_full()

    def _card(self, text: InfoText) -> QWidget:
        card, inside = frame("card", margins=16, spacing=6)
        title = tr(self._topics.get(text.topic, text.topic))
        head = QHBoxLayout()
        words = tr(
            "{topic}, version {version}, {language}",
            topic=title, version=text.version, language=text.language,
        )  # fmt: skip
        head.addWidget(label(words, "strong"), 1)
        again = Button(tr("New version or language"), kind="link", icon="pencil-simple")
        again.set_refused(refusal(self.work.rights.decisions[Permission.PRIVACY_MANAGE]))
        again.clicked.connect(lambda: self._edit(text))
        head.addWidget(again)
        inside.addLayout(head)
        inside.addWidget(label(isolated(text.text), wrap=True))
        when = self.work.words.when(text.written_at, self.work.office.clock.now())
        inside.addWidget(label(f"{isolated(text.by_name)}, {when}", "small"))
        if text.has_audio:
            inside.addWidget(Sign("speaker-high", tr("With a sound file"), small=True))
        return card

    def _edit(self, text: InfoText | None) -> None:
        InfoTextDialog(self.work, self._topics, text, self).open()
