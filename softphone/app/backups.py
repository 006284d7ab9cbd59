"""Backups, and what has to happen to a restored vault before anybody may open it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from softphone.app.ports import BackupMade, Vault
from softphone.app.session import Session
from softphone.domain.audit import Action, AuditDraft, DataCategory
from softphone.domain.permissions import Permission
from softphone.domain.privacy import ErasedBefore, Tombstone

Pull = Callable[[int], tuple[Sequence[tuple[int, Tombstone]], bool]]
"""Position to the tombstones after it with their positions, and whether there are more."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """How many erasures were carried out anew, and what nobody could be asked about."""

    carried_out: int
    unknown: str
    """Empty, or the sentence what this restore cannot know."""


def make_backup(session: Session, file: Path) -> BackupMade:
    """Write a backup. Raises Refused, StorageFailed."""
    draft = session.permit(Permission.POLICY_MANAGE, Action.BACKUP_MADE, DataCategory.WHOLE_RECORD)
    return session.vault.back_up(file, draft)


def replay_erasures(
    vault: Vault, made_at: datetime, pull: Pull | None, newer: ErasedBefore | None
) -> Replayed:
    """Carry out every erasure that the server or a newer copy knows of; audited.

    Raises what the server's client raises: a restore that cannot ask its server must not go on.
    """
    carried_out = 0
    if newer is not None:
        carried_out += vault.replay_erased(newer)
    while pull is not None:
        cursor = vault.tombstone_cursor()
        found, more = pull(cursor)
        carried_out += sum(vault.apply_tombstone(t, position) for position, t in found)
        if not more or vault.tombstone_cursor() <= cursor:
            break
    unknown = ""
    if pull is None and newer is None:
        unknown = (
            "No server and no newer copy could be asked. Whoever was erased after "
            f"{made_at:%Y-%m-%d %H:%M} UTC is in this vault again: erase them once more."
        )
    vault.append_audit(
        AuditDraft(
            Action.BACKUP_RESTORED,
            DataCategory.WHOLE_RECORD,
            actor=vault.user.id,
            detail={
                "made_at": made_at.isoformat(),
                "erased_anew": str(carried_out),
                "server_asked": str(pull is not None),
                "newer_copy_asked": str(newer is not None),
            },
        )
    )
    return Replayed(carried_out, unknown)
