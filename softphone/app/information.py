"""What people are told, by version and language, and who heard which when (GDPR Art. 13)."""

from __future__ import annotations

import re

from softphone.app.bus import Bus
from softphone.app.ports import Phone
from softphone.app.session import Session
from softphone.domain.audit import Action, DataCategory
from softphone.domain.consent import RECORDING, Informed, InfoText, Told
from softphone.domain.errors import InvalidInput, NotFound
from softphone.domain.events import HistoryChanged
from softphone.domain.ids import CallId, new_id
from softphone.domain.permissions import Permission

MOST_AUDIO = 10 << 20
"""Bytes of a sound file that is kept with a text."""
_LONGEST = 20_000
_TOPIC = re.compile(r"[a-z0-9_-]{1,40}")
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*")
_SOUNDS = (b"RIFF", b"OggS", b"fLaC", b"ID3", b"\xff\xfb")


class Information:
    """Use cases around information texts; runs on the vault's thread."""

    def __init__(self, session: Session, bus: Bus, phone: Phone) -> None:
        self._session = session
        self._bus = bus
        self._phone = phone

    def texts(self) -> list[InfoText]:
        """Return all versions, by topic, newest first; nobody's data is in them."""
        return list(self._session.vault.informing.texts())

    def newest_text(self, topic: str, language: str = "") -> InfoText | None:
        """Return the newest version in a language, else in its main language, else in any."""
        found = [text for text in self.texts() if text.topic == topic]
        for wanted in (language.casefold(), language.casefold().split("-")[0]):
            for text in found:
                if wanted and text.language.casefold() == wanted:
                    return text
        return found[0] if found else None

    def save_text(
        self, topic: str, language: str, text: str, audio: bytes = b"", version: int = 0
    ) -> InfoText:
        """Keep a text as the next version, or as a translation of ``version``.

        Raises Refused, InvalidInput.
        """
        draft = self._session.permit(
            Permission.PRIVACY_MANAGE,
            Action.TEXT_SAVED,
            DataCategory.SETTINGS,
            detail={"topic": topic, "language": language},
        )
        self._check(topic, language, text, audio)
        newest = max((t.version for t in self.texts() if t.topic == topic), default=0)
        if version > newest:
            raise InvalidInput(
                "The text was not saved.",
                "There is no such version to translate.",
                "Save it as a new version.",
            )
        vault = self._session.vault
        kept = InfoText(
            topic,
            version or newest + 1,
            language,
            text.strip(),
            self._session.clock.now(),
            vault.user.name,
            bool(audio),
        )
        vault.informing.save_text(kept, audio, draft)
        self._bus.publish(HistoryChanged(frozenset({"texts", "audit"})))
        return kept

    def audio(self, text: InfoText) -> bytes:
        """Return the sound file of a text; empty where there is none."""
        return self._session.vault.informing.audio(text.topic, text.version, text.language)

    def read_out(self, call: CallId, number: str, topic: str, language: str = "") -> Informed:
        """Note that the agent read a text out in a call. Raises Refused, NotFound."""
        self._session.permit(
            Permission.CALLS_PLACE,
            Action.PERSON_INFORMED,
            DataCategory.CALL,
            call,
            owner=self._session.user,
        )
        return self.told(call, number, topic, Told.READ_OUT, language)

    def told(
        self,
        call: CallId,
        number: str,
        topic: str,
        how: Told,
        language: str = "",
        version: int = 0,
    ) -> Informed:
        """Note that a text was read or played, in the contact's language where none is named.

        ``version`` names the one that was played, where a newer one was written since.

        Raises NotFound (no text of this topic). Of a tone (``Told.BEEP``) no text is needed.
        """
        vault = self._session.vault
        contact = vault.find_contact(number) if number else None
        text = self._played(topic, language, version) or self.newest_text(
            topic, language or (contact.language if contact else "")
        )
        if text is None and how is not Told.BEEP:
            raise NotFound(
                "Nothing was noted.", "There is no text of this kind.", "Save a text first."
            )
        informed = Informed(
            id=new_id(),
            call=call,
            topic=topic,
            version=text.version if text and how is not Told.BEEP else 0,
            language=text.language if text and how is not Told.BEEP else "",
            how=how,
            at=self._session.clock.now(),
            by=self._session.user,
            by_name=vault.user.name,
            contact=contact.id if contact else None,
        )
        draft = self._session.draft(
            Action.PERSON_INFORMED,
            DataCategory.CALL,
            call,
            detail={"topic": topic, "how": how.value},
        )
        vault.informing.add(informed, draft)
        self._bus.publish(HistoryChanged(frozenset({"informed", "audit"})))
        return informed

    def choose_language(self, call: CallId, number: str) -> None:
        """Let the engine announce in the contact's language, where one is known."""
        contact = self._session.vault.find_contact(number) if number else None
        if contact is not None and contact.language:
            self._phone.use_language(call, contact.language)

    def heard_notice(
        self, call: CallId, number: str, *, beep: bool, language: str = "", version: int = 0
    ) -> Informed | None:
        """Note what the engine played about recording; None while no text says what it was."""
        how = Told.BEEP if beep else Told.PLAYED
        if not beep and self.newest_text(RECORDING) is None:
            return None
        return self.told(call, number, RECORDING, how, language, version)

    def _played(self, topic: str, language: str, version: int) -> InfoText | None:
        wanted = (topic, language, version)
        return next((t for t in self.texts() if (t.topic, t.language, t.version) == wanted), None)

    def of_call(self, call: CallId) -> list[Informed]:
        """Return what was told in a call; none without the right."""
        if not self._session.look(Permission.HISTORY_READ, Action.LIST_READ, DataCategory.CALL):
            return []
        return list(self._session.vault.informing.of_call(call))

    def _check(self, topic: str, language: str, text: str, audio: bytes) -> None:
        why = ""
        if not _TOPIC.fullmatch(topic):
            why = "The topic is not a short word of small letters, digits and hyphens."
        elif not _LANGUAGE.fullmatch(language):
            why = "The language is not a code such as en, de or pt-BR."
        elif not text.strip() or len(text) > _LONGEST:
            why = "The text is empty or too long."
        elif len(audio) > MOST_AUDIO:
            why = "The sound file is larger than 10 MB."
        elif audio and not audio.startswith(_SOUNDS):
            why = "The sound file is neither WAV, Ogg, FLAC nor MP3."
        if why:
            raise InvalidInput("The text was not saved.", why, "Correct it and try again.")
