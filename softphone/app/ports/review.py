"""What reviewers add to recordings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from softphone.domain.audit import AuditDraft
from softphone.domain.ids import RecordingId


class ReviewStore(Protocol):
    """Tags of recordings."""

    def tag_recording(
        self, recording: RecordingId, tags: tuple[str, ...], draft: AuditDraft
    ) -> None:
        """Replace the tags of a recording. Raises NotFound."""
        ...

    def recording_tags(self) -> Sequence[str]:
        """Return all tags in use, by name."""
        ...
