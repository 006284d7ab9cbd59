"""English in the code, other languages from JSON catalogues beside it."""

from __future__ import annotations

import json
from importlib import resources

from PySide6.QtCore import QCoreApplication, QLocale, QObject, QTranslator
from PySide6.QtWidgets import QApplication

CONTEXT = "softphone"


def tr(text: str, **values: object) -> str:
    """Return ``text`` in the person's language with ``{name}`` parts filled in."""
    found = QCoreApplication.translate(CONTEXT, text)
    return found.format(**values) if values else found


def counted(number: int, one: str, many: str, **values: object) -> str:
    """Return ``one`` or ``many`` in the person's language with ``{n}`` filled in."""
    return tr(one if number == 1 else many, n=QLocale().toString(number), **values)


def catalogue(language: str) -> dict[str, str]:
    """Return the texts of a language (``de``), or nothing where there is no catalogue."""
    path = resources.files("softphone.ui.translations").joinpath(f"{language}.json")
    if not path.is_file():
        return {}
    loaded: dict[str, str] = json.loads(path.read_text("utf-8"))
    return loaded


class Translator(QTranslator):
    """Answers from a catalogue; what is missing stays English."""

    def __init__(self, texts: dict[str, str], parent: QObject) -> None:
        super().__init__(parent)
        self._texts = texts

    def isEmpty(self) -> bool:
        """Say whether there is anything to translate with."""
        return not self._texts

    def translate(
        self, context: str, text: str, disambiguation: str | None = None, n: int = -1
    ) -> str:
        """Return the translation, or the English text: an empty one would be shown as such."""
        return self._texts.get(text, text)


def install(application: QApplication, language: str = "") -> str:
    """Install the catalogue of ``language`` or of the system; return the language in force."""
    locale = QLocale(language) if language else QLocale.system()
    QLocale.setDefault(locale)
    wanted = locale.name().split("_")[0]
    texts = catalogue(wanted)
    if not texts:
        return "en"
    application.installTranslator(Translator(texts, application))
    return wanted
