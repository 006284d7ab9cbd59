"""Backups, and what has to happen to a restored vault before anybody may open it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from softphone.app.ports import BackupMade, Vault
from softphone.app.session import Session
from softphone.domain.audit import Action, AuditDraft, DataCategory, Result
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


@dataclass(frozen=True, slots=True)
class RestoreDrill:
    """What a restored copy was found to be, before it was thrown away."""

    made_at: str
    recordings: int
    missing: int
    altered: int
    damaged_pages: int
    log_entries: int
    log_holds: bool
    people: int
    opened: int
    """How many of the newest recordings the recovery key was tried on and opened."""

    @property
    def holds(self) -> bool:
        """Whether everything that was saved comes back as it was."""
        return self.log_holds and not (self.missing or self.altered or self.damaged_pages)


def backup_test(session: Session) -> AuditDraft:
    """Return the draft of a restore drill's entry. Raises Refused."""
    return session.permit(Permission.POLICY_MANAGE, Action.BACKUP_TESTED, DataCategory.WHOLE_RECORD)


def tested(draft: AuditDraft, found: RestoreDrill) -> AuditDraft:
    """Return the entry of a drill that came to its end, with what it found."""
    detail = {
        "made_at": found.made_at,
        "recordings": str(found.recordings),
        "missing": str(found.missing),
        "altered": str(found.altered),
        "damaged_pages": str(found.damaged_pages),
    }
    return replace(draft, result=Result.DONE if found.holds else Result.FAILED, detail=detail)


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
    if held := vault.held_back():
        unknown = (
            f"{held} erasures wait, because an administrator has not endorsed the workstations "
            "they come from: endorse them before anybody works with this vault."
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
