"""What a restored copy holds, looked at before it is thrown away."""

from __future__ import annotations

from softphone.app.backups import RestoreDrill
from softphone.domain.audit import Action, AuditDraft, DataCategory
from softphone.vault.restoring import Staged


def examine(staged: Staged, recovery_key: str) -> RestoreDrill:
    """Check pages, payloads, log and the recovery key's reach in an unpacked backup.

    Changes nothing but the copy's own log. Raises Damaged, WrongCredentials.
    """
    vault = staged.vault
    stores = vault._stores
    connection = stores.core.connection
    # Each row is a page whose authentication code is wrong, or a row that is out of its place.
    pages = connection.execute("PRAGMA cipher_integrity_check").fetchall()
    rows = connection.execute("PRAGMA quick_check").fetchall()
    draft = AuditDraft(Action.RECOVERY_TESTED, DataCategory.RIGHTS, actor=vault.user.id)
    opened = vault.drill_recovery(recovery_key, draft)
    verdict = vault.verify_audit()
    (recordings,) = connection.execute("SELECT count(*) FROM recordings").fetchone()
    return RestoreDrill(
        made_at=staged.manifest.made_at,
        recordings=int(recordings),
        missing=staged.missing(),
        altered=stores.recordings.altered(),
        damaged_pages=len(pages) + sum(row[0] != "ok" for row in rows),
        log_entries=verdict.entries,
        log_holds=verdict.holds,
        people=opened.people,
        opened=opened.recordings,
        without_key=staged.keyless(),
        keys=staged.keys,
    )
