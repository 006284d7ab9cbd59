from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from softphone.domain.errors import InvalidInput, ProofInvalid, Refused
from softphone.domain.ids import new_id
from softphone.domain.note import VerifierKey
from softphone.server import run
from softphone.server import tables as t
from softphone.server.clients import ClientRole, Clients
from softphone.server.store import Store
from tests.contract.vault_contract import Device

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    run.init(tmp_path / "server")
    opened = run.open_store(tmp_path / "server")
    yield opened
    opened.close()


def test_a_client_is_known_by_its_token_of_which_only_a_hash_is_kept(store: Store):
    clients, crm = Clients(store), Device()
    token = clients.add("CRM", ClientRole.ERASER, str(crm.key), NOW)
    known = clients.authenticate(token)
    assert (known.id, known.role, known.log_key) == (crm.id, ClientRole.ERASER, str(crm.key))
    with store.transaction() as connection:
        row = connection.execute(select(t.clients)).one()
    assert token.rpartition(".")[2] not in repr(row)


@pytest.mark.parametrize("spoil", [str.upper, lambda x: x[:-1], lambda x: x[7:], lambda x: ""])
def test_another_token_is_refused(store: Store, spoil):
    clients = Clients(store)
    token = clients.add("DPO", ClientRole.AUDITOR, "", NOW)
    with pytest.raises(Refused):
        clients.authenticate(spoil(token))
    with pytest.raises(Refused):
        clients.authenticate(f"client.{new_id()}.")


def test_names_and_keys_are_taken_once(store: Store):
    clients, crm = Clients(store), Device()
    clients.add("CRM", ClientRole.ERASER, str(crm.key), NOW)
    for name, key in (("CRM", Device().key), ("other", crm.key), ("  ", Device().key)):
        with pytest.raises(InvalidInput):
            clients.add(name, ClientRole.ERASER, str(key), NOW)


@pytest.mark.parametrize("name", ["softphone/x", "other/0f7c0b0e-0000-4000-8000-000000000000"])
def test_an_eraser_needs_a_key_that_devices_can_endorse(store: Store, name: str):
    with pytest.raises(InvalidInput):
        Clients(store).add("CRM", ClientRole.ERASER, str(VerifierKey(name, b"k" * 32)), NOW)
    with pytest.raises(ProofInvalid):
        Clients(store).add("CRM", ClientRole.ERASER, "", NOW)


def test_a_key_stands_for_one_order(store: Store):
    clients = Clients(store)
    me = clients.authenticate(clients.add("DPO", ClientRole.AUDITOR, "", NOW)).id
    assert clients.asked_before(me, "k", "body") is None
    clients.remember(me, "k", "body", "erasure")
    clients.remember(me, "k", "body", "erasure")
    assert clients.asked_before(me, "k", "body") == "erasure"
    with pytest.raises(InvalidInput):
        clients.remember(me, "k", "another", "other")
