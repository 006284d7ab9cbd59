from __future__ import annotations

from pathlib import Path

from tests.unit.vault.rig import ADMIN, Rig


def test_names_come_from_the_policy_and_keys_go_when_it_closes(tmp_path: Path):
    rig = Rig(tmp_path)
    rig.create()
    vault = rig.open(ADMIN)
    core = vault._stores.core
    assert core.member_name(vault.user.id) == ADMIN.name
    assert core.member_name("nobody") == ""
    assert core.vault_key.hex() not in repr(core)
    vault.close()
    assert (core.vault_key, core.groups) == (b"", {})
