from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from softphone.app.ports import Vault
from softphone.domain.audit import Action, AuditFilter
from softphone.domain.errors import InvalidInput, NotFound, ServerMisbehaved
from softphone.domain.ids import DeviceId, new_id
from softphone.domain.privacy import Tombstone
from softphone.domain.tombstone import from_dict, to_dict
from tests.contract.vault_contract import Device
from tests.unit.vault.rig import ADMIN, Rig, draft


@pytest.fixture
def rigs(tmp_path: Path) -> tuple[Rig, Rig]:
    """Two workstations of a fleet that endorse each other."""
    made = Rig(tmp_path / "a"), Rig(tmp_path / "b")
    for rig in made:
        rig.create()
    keys = [rig.device()[1] for rig in made]
    made[0].endorse(keys[1])
    made[1].endorse(keys[0])
    return made


@pytest.fixture
def order(rigs: tuple[Rig, Rig]) -> Tombstone:
    vault = rigs[0].open(ADMIN)
    vault.order_leaving(DeviceId(rigs[1].device()[0]), draft(vault, Action.DEVICE_DECOMMISSIONED))
    (sent,) = vault.unsent_tombstones()
    vault.close()
    return sent


@pytest.fixture
def other(rigs: tuple[Rig, Rig]) -> Iterator[Vault]:
    opened = rigs[1].open(ADMIN)
    yield opened
    opened.close()


def test_an_order_reaches_the_workstation_that_it_names(order: Tombstone, other: Vault):
    assert not other.leave_ordered()
    other.apply_tombstone(from_dict(to_dict(order)), 1)
    assert other.leave_ordered()
    (row,) = other.audit_rows(AuditFilter(action=Action.DEVICE_DECOMMISSIONED), 9, 0)
    assert row.detail == {"ordered_by": order.device}
    other.apply_tombstone(order, 1)
    assert other.audit_count(AuditFilter(action=Action.DEVICE_DECOMMISSIONED)) == 1


def test_everybody_else_goes_on(tmp_path: Path, rigs: tuple[Rig, Rig], order: Tombstone):
    third = Rig(tmp_path / "c")
    third.create()
    third.endorse(rigs[0].device()[1])
    vault = third.open(ADMIN)
    vault.apply_tombstone(order, 1)
    assert not vault.leave_ordered()
    assert (vault.tombstone_cursor(), vault.tombstones_done()) == (1, 1)
    vault.close()


def test_nobody_else_can_order_it(tmp_path: Path, order: Tombstone, rigs: tuple[Rig, Rig]):
    alone = Rig(tmp_path / "d")
    alone.create()
    vault = alone.open(ADMIN)
    vault.apply_tombstone(order, 1)
    assert (vault.leave_ordered(), vault.held_back()) == (False, 1)
    vault.close()
    vault = rigs[1].open(ADMIN)
    forged = {**to_dict(order), "target": new_id()}
    with pytest.raises(ServerMisbehaved):
        vault.apply_tombstone(from_dict(forged), 1)
    assert not vault.leave_ordered()
    vault.close()


def test_an_order_names_a_workstation_and_nothing_else_does(order: Tombstone):
    plain = to_dict(order)
    del plain["target"]
    with pytest.raises(InvalidInput):
        from_dict(plain)
    with pytest.raises(InvalidInput):
        from_dict({**to_dict(order), "reason": "art17_request"})


def test_oneself_and_strangers_are_not_ordered(rigs: tuple[Rig, Rig]):
    vault = rigs[0].open(ADMIN)
    with pytest.raises(InvalidInput):
        vault.order_leaving(vault.device, draft(vault))
    with pytest.raises(NotFound):
        vault.order_leaving(Device().id, draft(vault))
    assert list(vault.unsent_tombstones()) == []
    vault.close()
