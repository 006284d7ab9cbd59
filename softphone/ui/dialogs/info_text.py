"""Writing an information text: a new version, or a translation of one."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from softphone.app.information import MOST_AUDIO
from softphone.domain.consent import InfoText
from softphone.domain.errors import StorageFailed
from softphone.ui.dialogs.consent import titled
from softphone.ui.dialogs.gate import field
from softphone.ui.translation import tr
from softphone.ui.widgets.basic import Button, ElidedLabel, Sign, label
from softphone.ui.widgets.combo import Combo
from softphone.ui.widgets.file_dialogs import ask_existing_file
from softphone.ui.widgets.states import error_line
from softphone.ui.workplace import Workplace


class InfoTextDialog(QDialog):
    """Stays open with the reason when the text could not be saved."""

    def __init__(
        self,
        work: Workplace,
        topics: dict[str, str],
        known: InfoText | None,
        parent: QWidget | None,
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._work = work
        self._sound: Path | None = None
        self.setWindowTitle(tr("Information text"))
        self.setMinimumWidth(560)
        self.topic = Combo(tr("What it is about"))
        for key, title in topics.items():
            self.topic.addItem(tr(title), key)
        self.version = Combo(tr("Version"))
        self.version.addItem(tr("A new version"), 0)
        language, self.language = field(tr("Language, such as de or en-GB"))
        self.language.setMaxLength(35)
        self.text = QPlainTextEdit()
        self.text.setAccessibleName(tr("Text"))
        self.text.setMinimumHeight(140)
        if known is not None:
            if self.topic.findData(known.topic) < 0:
                self.topic.addItem(known.topic, known.topic)
            self.topic.setCurrentIndex(self.topic.findData(known.topic))
            words = tr("A translation of version {version}", version=known.version)
            self.version.addItem(words, known.version)
            self.language.setText(known.language)
            self.text.setPlainText(known.text)
        self.sound = Button(tr("Choose a sound file"), icon="speaker-high")
        self.sound.clicked.connect(self._ask_sound)
        self.sound_name = ElidedLabel(tr("None: the agent reads the text out"), "secondary")
        self.problem = Sign(wrap=True)
        self.problem.setVisible(False)
        self.save = Button(tr("Save"), kind="main", icon="check")
        self.save.clicked.connect(self.submit)
        cancel = Button(tr("Cancel"))
        cancel.clicked.connect(self.reject)
        first = QHBoxLayout()
        first.setSpacing(12)
        first.addLayout(titled(tr("What it is about"), self.topic), 1)
        first.addLayout(titled(tr("Version"), self.version), 1)
        sound = QHBoxLayout()
        sound.setSpacing(12)
        sound.addWidget(self.sound)
        sound.addWidget(self.sound_name, 1)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(cancel)
        foot.addWidget(self.save)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(12)
        column.addWidget(label(tr("Information text"), "title"))
        column.addLayout(first)
        column.addLayout(language)
        column.addLayout(titled(tr("Text"), self.text))
        column.addLayout(sound)
        column.addWidget(self.problem)
        column.addLayout(foot)

    def submit(self) -> None:
        """Save the text."""
        information, sound = self._work.desk.information, self._sound
        topic, version = str(self.topic.currentData()), int(self.version.currentData())
        language, text = self.language.text().strip(), self.text.toPlainText()

        def save() -> InfoText:
            audio = _read(sound) if sound else b""
            return information.save_text(topic, language, text, audio, version)

        self._work.ask(self, save, lambda _kept: self.accept(), self._failed)

    def use_sound(self, path: Path) -> None:
        """Keep this sound file with the text."""
        self._sound = path
        self.sound_name.setText(path.name)

    def _ask_sound(self) -> None:
        patterns = tr("Sound ({patterns})", patterns="*.wav *.ogg *.flac *.mp3")
        ask_existing_file(self, tr("Choose a sound file"), self.use_sound, patterns)

    def _failed(self, error: Exception) -> None:
        self.problem.set("warning", error_line(error), "hold.text")
        self.problem.setVisible(True)


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MOST_AUDIO + 1)
    except OSError as error:
        raise StorageFailed(
            "The file cannot be read.", "It is missing, or you may not read it."
        ) from error
