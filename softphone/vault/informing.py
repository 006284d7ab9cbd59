"""Texts by version and language, and who heard which (``Informing`` of app.ports)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from softphone.domain.audit import AuditDraft
from softphone.domain.consent import Informed, InfoText, Told
from softphone.domain.errors import InvalidInput
from softphone.domain.ids import CallId, ContactId, UserId
from softphone.vault.core import Core
from softphone.vault.times import from_micros, to_micros

_COLUMNS = "id, call_id, contact_id, topic, version, language, how, at, by_user, by_name"


class InfoTexts:
    """The texts of the vault, and the log of who was told."""

    def __init__(self, core: Core) -> None:
        self._core = core

    def texts(self) -> Sequence[InfoText]:
        """Return all versions, by topic, newest first."""
        rows = self._core.connection.execute(
            "SELECT topic, version, language, text, written_at, by_name, audio IS NOT NULL"
            " FROM info_texts ORDER BY topic, version DESC, language"
        ).fetchall()
        return [InfoText(r[0], r[1], r[2], r[3], from_micros(r[4]), r[5], bool(r[6])) for r in rows]

    def save_text(self, text: InfoText, audio: bytes, draft: AuditDraft) -> None:
        """Keep a version; versions never change. Raises InvalidInput."""
        with self._core.deeds.deed(draft) as connection:
            added = connection.execute(
                "INSERT OR IGNORE INTO info_texts VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    text.topic,
                    text.version,
                    text.language,
                    text.text,
                    audio or None,
                    to_micros(text.written_at),
                    text.by_name,
                ),
            )
            if added.rowcount != 1:
                raise InvalidInput(
                    "The text was not saved.",
                    "This version is there already in this language, and versions never change.",
                    "Save it as the next version.",
                )

    def audio(self, topic: str, version: int, language: str) -> bytes:
        """Return the sound file of a text; empty where there is none."""
        row = self._core.connection.execute(
            "SELECT audio FROM info_texts WHERE topic = ? AND version = ? AND language = ?",
            (topic, version, language),
        ).fetchone()
        return bytes(row[0]) if row and row[0] else b""

    def add(self, told: Informed, draft: AuditDraft) -> None:
        """Note that somebody was told."""
        with self._core.deeds.deed(draft) as connection:
            connection.execute(
                f"INSERT INTO informed ({_COLUMNS})"  # noqa: S608 - constants
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    told.id,
                    told.call,
                    told.contact,
                    told.topic,
                    told.version,
                    told.language,
                    told.how.value,
                    to_micros(told.at),
                    told.by,
                    told.by_name,
                ),
            )

    def of_contact(self, contact: ContactId) -> Sequence[Informed]:
        """Return what a contact was told, in calls of theirs too, oldest first."""
        return self._select(
            "contact_id = ? OR (contact_id IS NULL"
            " AND call_id IN (SELECT id FROM calls WHERE contact_id = ?))",
            (contact, contact),
        )

    def of_call(self, call: CallId) -> Sequence[Informed]:
        """Return what was told in a call, oldest first."""
        return self._select("call_id = ?", (call,))

    def _select(self, where: str, values: tuple[Any, ...]) -> list[Informed]:
        rows = self._core.connection.execute(
            f"SELECT {_COLUMNS} FROM informed WHERE {where} ORDER BY at, n",  # noqa: S608
            values,
        ).fetchall()
        return [
            Informed(
                id=row[0],
                call=CallId(row[1]),
                contact=ContactId(row[2]) if row[2] else None,
                topic=row[3],
                version=row[4],
                language=row[5],
                how=Told(row[6]),
                at=from_micros(row[7]),
                by=UserId(row[8]),
                by_name=row[9],
            )
            for row in rows
        ]
