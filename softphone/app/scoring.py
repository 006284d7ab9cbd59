"""Score cards: reviewers answer the policy's questions about recordings they may hear."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from softphone.app.bus import Bus
from softphone.app.session import Session
from softphone.domain.audit import Action, DataCategory, Result
from softphone.domain.errors import Refused
from softphone.domain.events import HistoryChanged
from softphone.domain.ids import RecordingId
from softphone.domain.permissions import Permission
from softphone.domain.score import ScoreCard, answers_to
from softphone.domain.workplace import Question


class Scoring:
    """Use cases around score cards; runs on the vault's thread."""

    def __init__(self, session: Session, bus: Bus) -> None:
        self._session = session
        self._bus = bus

    def questions(self) -> tuple[Question, ...]:
        """Return what the policy asks now."""
        return self._session.vault.policy.workplace.questions

    def cards(self, recording: RecordingId) -> list[ScoreCard]:
        """Return everybody's cards of a recording: none to whoever may not hear it.

        The first reading in a session is logged with the notes'. Raises NotFound.
        """
        row = self._session.vault.recording(recording)
        if not self._session.look(
            Permission.RECORDINGS_LISTEN,
            Action.NOTE_READ,
            DataCategory.NOTE,
            recording,
            owner=row.agent,
            team=row.team,
        ):
            return []
        return list(self._session.vault.score_cards(recording))

    def save(self, recording: RecordingId, points: Mapping[str, int]) -> ScoreCard:
        """Keep the signed-in person's card, in place of an earlier one of theirs.

        ``points`` by question. Raises Refused (the right, or one's own call), NotFound,
        InvalidInput (a question without an answer, points out of bounds).
        """
        session = self._session
        row = session.vault.recording(recording)
        draft = session.permit(
            Permission.RECORDINGS_LISTEN,
            Action.RECORDING_SCORED,
            DataCategory.RECORDING,
            recording,
            owner=row.agent,
            team=row.team,
        )
        member = session.vault.user
        if row.agent == member.id:
            session.vault.append_audit(replace(draft, result=Result.REFUSED))
            raise Refused(
                "The score card was not saved.",
                "It is your own call.",
                "Somebody else has to review it.",
            )
        answers = answers_to(self.questions(), points)
        card = ScoreCard(recording, member.id, member.name, session.clock.now(), answers)
        detail = {"percent": str(card.percent), "questions": str(len(answers))}
        session.vault.save_score(card, replace(draft, detail=detail))
        self._bus.publish(HistoryChanged(frozenset({"notes", "audit"})))
        return card
