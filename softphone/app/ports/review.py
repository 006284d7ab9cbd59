"""What reviewers add to recordings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from softphone.app.ports.handover import HandOverStore
from softphone.domain.audit import AuditDraft
from softphone.domain.ids import RecordingId
from softphone.domain.score import ScoreCard


class ReviewStore(HandOverStore, Protocol):
    """Tags and score cards of recordings."""

    def tag_recording(
        self, recording: RecordingId, tags: tuple[str, ...], draft: AuditDraft
    ) -> None:
        """Replace the tags of a recording. Raises NotFound."""
        ...

    def save_score(self, card: ScoreCard, draft: AuditDraft) -> None:
        """Keep a card in place of the reviewer's earlier one. Raises NotFound."""
        ...

    def score_cards(self, recording: RecordingId) -> Sequence[ScoreCard]:
        """Return the cards of a recording, oldest first."""
        ...

    def recording_tags(self) -> Sequence[str]:
        """Return all tags in use, by name."""
        ...
