"""Backups, and what has to happen to a restored vault before anybody may open it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from softphone.app.ports import BackupMade, Vault
from softphone.app.session import Session
from softphone.domain.audit import Action, AuditDraft, DataCategory, Result
from softphone.domain.errors import InvalidInput, Refused
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


@dataclass(frozen=True, slots=True)
class ReturnedKeys:
    """Which keys of recordings came back with a backup, and what their file knows of erasures.

    ``made_at`` and ``until`` are the file's, None where none was read and where none of its keys
    were taken. ``erased`` has to be carried out in the restored vault: of it ``recordings_erased``
    and ``people_erased`` are in there. ``changed`` counts recordings whose header was sealed anew
    since: their new key does not open the old header.
    """

    made_at: datetime | None = None
    until: datetime | None = None
    erased: ErasedBefore | None = None
    recordings_erased: int = 0
    people_erased: int = 0
    changed: int = 0

    @property
    def detail(self) -> dict[str, str]:
        """What entries of the log say of it."""
        return {
            "keys_made_at": self.made_at.isoformat() if self.made_at else "",
            "keys_until": self.until.isoformat() if self.until else "",
        }


def make_backup(
    session: Session, file: Path, keys: Path | None = None, days: int | None = None
) -> BackupMade:
    """Write a backup, its keys apart. ``days`` may make their life shorter than the policy does.

    Raises Refused, InvalidInput, StorageFailed.
    """
    draft = session.permit(Permission.POLICY_MANAGE, Action.BACKUP_MADE, DataCategory.WHOLE_RECORD)
    longest = session.vault.policy.workplace.backup_keys_days
    if days is not None and not 1 <= days <= longest:
        raise InvalidInput(
            "The backup was not made.",
            f"By the policy keys of backups hold for 1 to {longest} days.",
            "Name fewer days, or change the rules of the workplace.",
        )
    return session.vault.back_up(file, draft, keys, days)


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
    without_key: int
    """How many recordings cannot be opened, because their key did not come back."""
    keys: ReturnedKeys

    @property
    def holds(self) -> bool:
        """Whether everything that was asked for comes back as it was."""
        lost = self.without_key if self.keys.until else 0
        return self.log_holds and not (self.missing or self.altered or self.damaged_pages or lost)


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
        "without_key": str(found.without_key),
        **found.keys.detail,
    }
    return replace(draft, result=Result.DONE if found.holds else Result.FAILED, detail=detail)


def refused(draft: AuditDraft, error: Refused) -> AuditDraft:
    """Return the entry of a drill that ended because a rule says no: old keys."""
    return replace(draft, result=Result.FAILED, detail={"why": error.why})


def replay_erasures(
    vault: Vault,
    made_at: datetime,
    pull: Pull | None,
    newer: ErasedBefore | None,
    keys: ReturnedKeys = ReturnedKeys(),
) -> Replayed:
    """Carry out every erasure that the keys file, the server or a newer copy knows of; audited.

    Raises what the server's client raises: a restore that cannot ask its server must not go on.
    """
    carried_out = 0
    for erased in (keys.erased, newer):
        if erased is not None:
            carried_out += vault.replay_erased(erased)
    while pull is not None:
        cursor = vault.tombstone_cursor()
        found, more = pull(cursor)
        carried_out += sum(vault.apply_tombstone(t, position) for position, t in found)
        if not more or vault.tombstone_cursor() <= cursor:
            break
    unknown = ""
    if pull is None and newer is None:
        known = max(made_at, keys.made_at or made_at)
        unknown = (
            "No server and no newer copy could be asked. Whoever was erased after "
            f"{known:%Y-%m-%d %H:%M} UTC is in this vault again: erase them once more."
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
                **keys.detail,
            },
        )
    )
    return Replayed(carried_out, unknown)
