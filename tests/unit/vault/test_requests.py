from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from softphone.app.ports import Vault
from softphone.domain.audit import Action
from softphone.domain.errors import NotFound
from softphone.domain.ids import new_id
from softphone.domain.privacy import ErasureReason
from softphone.domain.request import (
    DataRequest,
    HandedOut,
    RequestKind,
    RequestState,
    closed,
    received,
)
from tests.unit.vault.rig import SUPERVISOR, Rig, contact, draft


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


def save(vault: Vault, request: DataRequest) -> None:
    vault.requests.save(request, draft(vault, Action.REQUEST_SAVED))


def asked(rig: Rig, name: str, days_ago: int = 0, **changes: object) -> DataRequest:
    at = rig.clock.now() - timedelta(days=days_ago)
    made = received(new_id(), RequestKind.ACCESS, name, "letter", at, "Dora")
    return replace(made, **changes)  # type: ignore[arg-type]


def test_what_is_due_soonest_comes_first(rig: Rig, vault: Vault):
    for name, days in (("new", 1), ("old", 20), ("mid", 10)):
        save(vault, asked(rig, name, days))
    save(vault, closed(asked(rig, "done", 30), "sent", rig.clock.now(), "Dora"))
    found = vault.requests.page([RequestState.OPEN], 9, 0)
    assert [r.name for r in found] == ["old", "mid", "new"]
    assert [r.name for r in vault.requests.page([RequestState.OPEN], 1, 1)] == ["mid"]
    assert [r.name for r in vault.requests.page([RequestState.DONE], 9, 0)] == ["done"]


def test_a_request_comes_back_whole(rig: Rig, vault: Vault):
    paper = HandedOut("your-data.html", "ab" * 32, rig.clock.now())
    made = asked(rig, "Ada", documents=(paper,), identity="passport")
    save(vault, made)
    assert vault.requests.get(made.id) == made
    with pytest.raises(NotFound):
        vault.requests.get("another")


def test_an_erasure_leaves_the_case_and_takes_the_person(rig: Rig, vault: Vault):
    ada = contact("Ada Lovelace")
    vault.save_contact(ada, draft(vault))
    made = asked(rig, "Ada Lovelace", contact=ada.id, identity="passport of Ada Lovelace")
    save(vault, made)
    assert list(vault.requests.of_contact(ada.id)) == [made]
    assert vault.plan_erasure(ada.id).requests == 1
    receipt = vault.erase_contact(ada.id, ErasureReason.SUBJECT_REQUEST, lambda _step: None)
    assert receipt.remains_found == 0
    kept = vault.requests.get(made.id)
    assert (kept.name, kept.contact, kept.kind) == ("", None, RequestKind.ACCESS)
    assert vault.search_remains(["Ada Lovelace"]) == 0
