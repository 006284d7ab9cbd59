from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from softphone.app.ports import Vault
from softphone.domain.audit import Action, AuditFilter
from softphone.domain.errors import NotFound
from softphone.domain.register import Acknowledgement, Register, RegisterEntry
from tests.unit.vault.rig import SUPERVISOR, Rig, call, contact, draft

ACME = RegisterEntry("p1", Register.PROCESSORS, {"name": "Acme", "purpose": "hosting"})


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    made = Rig(tmp_path)
    made.create(SUPERVISOR)
    return made


@pytest.fixture
def vault(rig: Rig) -> Iterator[Vault]:
    opened = rig.open(SUPERVISOR)
    yield opened
    opened.close()


def change(vault: Vault):
    return draft(vault, Action.REGISTER_CHANGED)


def test_entries_come_by_title_with_who_changed_them(rig: Rig, vault: Vault):
    zeta = RegisterEntry("p2", Register.PROCESSORS, {"name": "zeta"}, due_at=rig.clock.now())
    vault.registers.save([zeta, ACME], change(vault))
    acme, found = vault.registers.entries(Register.PROCESSORS)
    assert (acme.title, found.title) == ("Acme", "zeta")
    assert (acme.revision, acme.changed_by, acme.changed_at) == (
        1,
        SUPERVISOR.name,
        rig.clock.now(),
    )
    assert found.due_at == rig.clock.now()
    assert list(vault.registers.entries(Register.TRAINING)) == []


def test_every_change_is_a_revision_and_nothing_is_lost(vault: Vault):
    vault.registers.save([ACME], change(vault))
    changed = RegisterEntry("p1", Register.PROCESSORS, {"name": "Acme Ltd"})
    vault.registers.save([changed], change(vault))
    assert vault.registers.entry("p1").title == "Acme Ltd"
    vault.registers.remove("p1", change(vault))
    assert list(vault.registers.entries(Register.PROCESSORS)) == []
    told = [(e.revision, e.title, e.removed) for e in vault.registers.revisions("p1")]
    assert told == [(3, "Acme Ltd", True), (2, "Acme Ltd", False), (1, "Acme", False)]
    for ask in (vault.registers.entry, lambda e: vault.registers.remove(e, change(vault))):
        with pytest.raises(NotFound):
            ask("p1")
    assert vault.audit_count(AuditFilter(action=Action.REGISTER_CHANGED)) == 3


def test_acknowledgements_are_kept_by_revision(rig: Rig, vault: Vault):
    made = [
        Acknowledgement("t", n, "00" * 32, vault.user.id, vault.user.name, rig.clock.now())
        for n in (1, 2)
    ]
    for one in made:
        vault.registers.acknowledge(one, draft(vault, Action.TEXT_ACKNOWLEDGED))
    assert set(vault.registers.acknowledgements("t")) == set(made)
    assert set(vault.registers.acknowledgements()) == set(made)
    assert list(vault.registers.acknowledgements("another")) == []


def test_a_breach_is_measured_by_keys_and_log(rig: Rig, vault: Vault):
    vault.save_contact(contact(), draft(vault))
    vault.add_call(call(vault, "+493012345678", rig.clock.now()), draft(vault, Action.CALL_ENDED))
    vault.take_in(rig.seal(vault, "+493012345678"), draft(vault))
    vault.append_audit(draft(vault, Action.RECORDING_LISTENED))
    rig.clock.advance(60)
    now = rig.clock.now()
    mine = vault.registers.affected(now - timedelta(hours=1), now, vault.user.id)
    assert (mine.recordings, mine.calls) == (1, 1)
    assert mine.groups == ("sales listeners",)
    assert dict(mine.opened) == {"Played a recording": 1}
    agent = vault.registers.affected(now - timedelta(hours=1), now, vault.policy.members[0].id)
    assert (agent.recordings, agent.opened) == (0, ())
    whole = vault.registers.affected(now - timedelta(hours=1), now, None)
    assert whole.recordings == 1
    assert whole.entries >= mine.entries
