from __future__ import annotations

from pathlib import Path

import pytest

from softphone.domain.audit import AuditFilter
from softphone.domain.errors import StorageFailed
from tests.unit.vault.rig import ADMIN, Rig, draft


@pytest.fixture
def vault(tmp_path: Path):
    rig = Rig(tmp_path)
    rig.create()
    opened = rig.open(ADMIN)
    yield opened
    opened.close()


def test_a_full_disk_undoes_the_deed_and_the_vault_goes_on(vault):
    core = vault._stores.core
    pages = core.connection.execute("PRAGMA page_count").fetchone()[0]
    core.connection.execute(f"PRAGMA max_page_count = {pages}")
    before = vault.audit_count(AuditFilter())

    def big() -> None:
        with core.deeds.deed(draft(vault)) as connection:
            connection.execute("INSERT INTO meta VALUES ('big', zeroblob(1000000))")

    with pytest.raises(StorageFailed, match="disk is full"):
        big()
    core.connection.execute("PRAGMA max_page_count = 1000000")
    assert vault.audit_count(AuditFilter()) == before
    vault.append_audit(draft(vault))
    assert vault.verify_audit().holds


def test_a_reader_keeps_the_write_ahead_log_from_being_emptied(tmp_path: Path, vault):
    core = vault._stores.core
    core.connection.execute("PRAGMA busy_timeout=20")
    rig = Rig(tmp_path, secrets=vault._stores.marks._store)
    other = rig.open(ADMIN)
    reader = other._stores.core.connection
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM meta").fetchone()
    vault.append_audit(draft(vault))
    with pytest.raises(StorageFailed, match="not finished"):
        core.deeds.truncate_wal()
    reader.execute("COMMIT")
    core.deeds.truncate_wal()
    assert (rig.profile.vault / "vault.db-wal").stat().st_size == 0
    other.close()
