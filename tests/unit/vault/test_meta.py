from __future__ import annotations

from pathlib import Path

import pytest

from softphone.domain.errors import Damaged
from softphone.domain.note import parse_verifier_key
from softphone.vault import meta
from softphone.vault.database import open_database
from softphone.vault.migrate import migrate


@pytest.fixture
def connection(tmp_path: Path):
    opened = open_database(tmp_path / "x.db", b"k" * 32)
    migrate(opened)
    yield opened
    opened.close()


def test_a_device_has_keys_of_its_own(connection):
    with pytest.raises(Damaged, match="no device identity"):
        meta.load_device(connection)
    device = meta.new_device("desk 7", None)
    meta.save_device(connection, device)
    assert meta.load_device(connection) == device
    keys = {device.log_key, device.fleet_key, device.actor_key, device.journal_key}
    assert len(keys) == 4
    assert meta.new_device("desk 7", b"f" * 32).fleet_key == b"f" * 32
    assert parse_verifier_key(str(device.log_vkey)).name == f"softphone/{device.id}"


def test_values_are_replaced(connection):
    assert meta.get(connection, "x") is None
    meta.put(connection, "x", b"1")
    meta.put(connection, "x", b"2")
    assert meta.get(connection, "x") == b"2"
