"""A recording that is not kept, because somebody in it was erased during their call."""

from __future__ import annotations

from dataclasses import replace

from softphone.domain.audit import Action, AuditDraft, DataCategory, Result
from softphone.domain.ids import RecordingId
from softphone.vault.core import Core
from softphone.vault.erasure import Erasures
from softphone.vault.erasure_preview import legal_hold
from softphone.vault.heard import people_heard


def drop_recording(
    core: Core, erasures: Erasures, recording: RecordingId, draft: AuditDraft
) -> None:
    """Let a recording go, or never come: the call of somebody erased went on in it.

    A legal hold on somebody else who is heard in it keeps it; that is logged. ``draft`` is the
    entry of that call. Raises StorageFailed.
    """
    entry = replace(
        draft,
        action=Action.RECORDING_DROPPED,
        category=DataCategory.RECORDING,
        object_id=recording,
        result=Result.REFUSED,
    )
    query = core.connection.execute
    if legal_hold(core, people_heard(core, (recording,))) is not None:
        with core.deeds.deed(entry):
            pass
    elif query("SELECT 1 FROM recordings WHERE id = ?", (recording,)).fetchone():
        erasures.delete_recording(recording, draft)
    else:  # it is still being sealed: what is on the list of the erased is dropped when it comes
        with core.deeds.transaction():
            query("INSERT OR IGNORE INTO erased_objects VALUES (?)", (recording,))
