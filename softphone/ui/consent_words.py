"""Legal bases in words: what stands, since when, and how it was obtained."""

from __future__ import annotations

from datetime import datetime

from softphone.domain.consent import (
    BASIS_WORDS,
    SOURCE_WORDS,
    Consent,
    ConsentChange,
    LegalBasis,
)
from softphone.ui.translation import tr
from softphone.ui.words import Words, timer


def state_words(change: Consent | None, now: datetime) -> tuple[str, str, str]:
    """Return the words, the icon and the colour role of what stands for a purpose."""
    if change is None:
        return tr("Not asked yet"), "circle", "text.secondary"
    if change.change is ConsentChange.WITHDRAWN:
        return tr("Withdrawn"), "prohibit", "hold.text"
    if not change.stands(now):
        return tr("Expired"), "clock", "hold.text"
    if change.basis is LegalBasis.CONSENT:
        return tr("Consent given"), "check", "go.text"
    return tr(BASIS_WORDS[change.basis]), "check", "text.primary"


def how_words(change: Consent, words: Words, now: datetime) -> str:
    """Say when, how and with which wording a change was recorded."""
    source = tr(SOURCE_WORDS[change.source])
    if change.at_ms is not None:
        source = tr("In the call at {time}", time=timer(change.at_ms))
    parts = [words.when(change.at, now), source]
    if change.version:
        parts.append(
            tr("wording {version}, {language}", version=change.version, language=change.language)
        )
    if change.expires_at is not None:
        parts.append(tr("until {when}", when=words.day(change.expires_at, now)))
    return ", ".join([*parts, change.by_name])


def change_words(change: Consent) -> str:
    """Say what happened."""
    if change.change is ConsentChange.WITHDRAWN:
        return tr("Withdrawn or objected")
    return tr(BASIS_WORDS[change.basis])
