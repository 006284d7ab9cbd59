"""What the vault keeps of legal bases, of what people were told, and of do-not-call lists."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from softphone.domain.audit import AuditDraft
from softphone.domain.consent import Consent, DoNotCallList, Informed, InfoText, Purpose
from softphone.domain.ids import CallId, ContactId


class ConsentStore(Protocol):
    """Purposes and every change of a legal basis. Confined to the vault's thread."""

    def purposes(self) -> Sequence[Purpose]:
        """Return the purposes in their order."""
        ...

    def save_purposes(self, purposes: Sequence[Purpose], draft: AuditDraft) -> None:
        """Replace the list; what was recorded for one that is gone stays."""
        ...

    def record(self, changes: Sequence[Consent], draft: AuditDraft) -> None:
        """Add changes. Raises NotFound (the contact is gone)."""
        ...

    def history(self, contact: ContactId) -> Sequence[Consent]:
        """Return every change of a contact, oldest first."""
        ...

    def newest(self, purpose: str, limit: int, offset: int) -> Sequence[tuple[str, Consent]]:
        """Return contacts' names with what stands for a purpose (any if empty), newest first."""
        ...

    def counts(self) -> dict[str, tuple[int, int]]:
        """Return for each purpose how many contacts have given and withdrawn."""
        ...


class Informing(Protocol):
    """Texts, and who heard which when. Confined to the vault's thread."""

    def texts(self) -> Sequence[InfoText]:
        """Return all versions, by topic, newest first."""
        ...

    def save_text(self, text: InfoText, audio: bytes, draft: AuditDraft) -> None:
        """Keep a version. Raises InvalidInput when this version and language is there already."""
        ...

    def audio(self, topic: str, version: int, language: str) -> bytes:
        """Return the sound file of a text; empty where there is none."""
        ...

    def add(self, told: Informed, draft: AuditDraft) -> None:
        """Note that somebody was told."""
        ...

    def of_contact(self, contact: ContactId) -> Sequence[Informed]:
        """Return what a contact was told, in calls of theirs too, oldest first."""
        ...

    def of_call(self, call: CallId) -> Sequence[Informed]:
        """Return what was told in a call, oldest first."""
        ...


class DoNotCall(Protocol):
    """Lists of numbers by keyed hash. Confined to the vault's thread."""

    def lists(self) -> Sequence[DoNotCallList]:
        """Return the lists, newest first."""
        ...

    def add_list(self, made: DoNotCallList, numbers: Iterable[str], draft: AuditDraft) -> int:
        """Keep the hashes of E.164 numbers; returns how many different ones."""
        ...

    def remove_list(self, list_id: str, draft: AuditDraft) -> None:
        """Drop a list. Raises NotFound."""
        ...

    def on_lists(self, numbers: Sequence[str]) -> tuple[str, ...]:
        """Return the titles of the lists that have one of these numbers."""
        ...
