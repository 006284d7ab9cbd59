"""Tags of recordings: a list of words in the recording's own row, gone with it."""

from __future__ import annotations

import msgspec

from softphone.domain.audit import AuditDraft
from softphone.domain.errors import NotFound
from softphone.domain.ids import RecordingId
from softphone.vault.core import Core


class Tags:
    """Sets tags, and lists those in use."""

    def __init__(self, core: Core) -> None:
        self._core = core

    def put(self, recording: RecordingId, tags: tuple[str, ...], draft: AuditDraft) -> None:
        """Replace the tags of a recording. Raises NotFound."""
        with self._core.deeds.deed(draft) as connection:
            changed = connection.execute(
                "UPDATE recordings SET tags = ? WHERE id = ?",
                (msgspec.json.encode(tags), recording),
            ).rowcount
            if not changed:
                raise NotFound("The recording does not exist.", "It was erased or never kept.")

    def known(self) -> list[str]:
        """Return all tags in use, by name."""
        # A cast, because newer SQLite takes a blob for its own binary form of JSON.
        rows = self._core.connection.execute(
            "SELECT DISTINCT t.value FROM recordings, json_each(CAST(recordings.tags AS TEXT)) t"
            " ORDER BY t.value COLLATE NOCASE"
        ).fetchall()
        return [str(tag) for (tag,) in rows]
