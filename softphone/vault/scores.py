"""Score cards of recordings; a card goes with its recording."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from softphone.domain.audit import AuditDraft
from softphone.domain.errors import NotFound
from softphone.domain.ids import ContactId, RecordingId, UserId
from softphone.domain.score import Answer, ScoreCard
from softphone.vault.core import Core
from softphone.vault.times import from_micros, to_micros

_SELECT = (
    "SELECT s.recording_id, s.reviewer, s.reviewer_name, s.scored_at, s.answers"
    " FROM scores s JOIN recordings r ON r.id = s.recording_id"
)


class Scores:
    """One card for each reviewer of a recording."""

    def __init__(self, core: Core) -> None:
        self._core = core

    def save(self, card: ScoreCard, draft: AuditDraft) -> None:
        """Keep a card in place of the reviewer's earlier one. Raises NotFound."""
        with self._core.deeds.deed(draft) as connection:
            known = connection.execute(
                "SELECT 1 FROM recordings WHERE id = ?", (card.recording,)
            ).fetchone()
            if known is None:
                raise NotFound("The recording does not exist.", "It was erased or never kept.")
            connection.execute(
                "INSERT OR REPLACE INTO scores VALUES (?, ?, ?, ?, ?)",
                (
                    card.recording,
                    card.reviewer,
                    card.reviewer_name,
                    to_micros(card.at),
                    msgspec.json.encode(card.answers),
                ),
            )

    def of_recording(self, recording: RecordingId) -> Sequence[ScoreCard]:
        """Return the cards of a recording, oldest first."""
        return self._select("s.recording_id = ?", recording)

    def about(self, contact: ContactId) -> Sequence[ScoreCard]:
        """Return the cards of all recordings of a contact, oldest first."""
        return self._select("r.contact_id = ?", contact)

    def _select(self, where: str, value: str) -> list[ScoreCard]:
        statement = f"{_SELECT} WHERE {where} ORDER BY s.scored_at, s.reviewer"
        rows: list[tuple[Any, ...]] = self._core.connection.execute(statement, (value,)).fetchall()
        return [
            ScoreCard(
                RecordingId(row[0]),
                UserId(row[1]),
                row[2],
                from_micros(row[3]),
                msgspec.json.decode(row[4], type=tuple[Answer, ...]),
            )
            for row in rows
        ]
