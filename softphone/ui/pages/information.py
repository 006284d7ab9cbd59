"""What people are told and asked: texts by version and language."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QWidget

from softphone.domain.consent import InfoText
from softphone.domain.permissions import Permission
from softphone.ui.dialogs.info_text import InfoTextDialog
from softphone.ui.pages.cards_section import CardsSection
from softphone.ui.translation import tr
from softphone.ui.widgets.basic import Button, Sign, frame, label
from softphone.ui.widgets.notice import Notice
from softphone.ui.words import isolated, refusal
from softphone.ui.workplace import Workplace


class InformationSection(CardsSection):
    """Cards, newest version first; versions never change, so a new one is written."""

    kinds = frozenset({"texts"})

    def __init__(self, work: Workplace, notice: Notice) -> None:
        words = tr(
            "Who heard which version, and when, stands on the contact's card and in their file."
        )
        add = Button(tr("Write a text"), kind="main", icon="plus")
        super().__init__(work, notice, tr("Information"), words, add)
        self._topics: dict[str, str] = {}
        self.add.clicked.connect(lambda: self._edit(None))

    def read(self) -> None:
        """Ask for the texts."""
        desk = self.work.desk
        self.work.ask(
            self,
            lambda: (desk.information.texts(), {p.key: p.title for p in desk.consents.purposes()}),
            lambda found: self._show(*found),
            self.states.show_error,
        )

    def empty(self) -> tuple[str, str, str]:
        """What the texts are for."""
        return (
            "file-text",
            tr("No texts yet"),
            tr("Write what agents read out or the phone plays, such as before a recording."),
        )

    def _show(self, texts: list[InfoText], topics: dict[str, str]) -> None:
        self._topics = topics
        self.show_cards(self._card(text) for text in texts)

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
