from __future__ import annotations

from pathlib import Path

import pytest

from softphone.domain.audit import Action
from softphone.domain.errors import NotFound, Refused
from softphone.domain.privacy import STEP_ORDER
from tests.unit.app.rig import AGENT, SUPERVISOR, DeskRig, log_of

NUMBER = "+442079460000"


@pytest.fixture
def ada(office: DeskRig):
    return office.sign_in(SUPERVISOR).people.add("Ada Lovelace", NUMBER)


def test_an_export_holds_the_file_and_is_logged(office: DeskRig, ada, tmp_path: Path):
    desk = office.sign_in(SUPERVISOR)
    target = tmp_path / "ada.xlsx"
    assert desk.privacy.export_contact(ada.id, target, "Europe/Berlin") == target
    ((data, destination, by, zone),) = office.writer.written
    assert (data.contact, destination, by, zone) == (ada, target, SUPERVISOR.name, "Europe/Berlin")
    assert {access.action for access in data.accesses} == {"Changed a contact", "Exported to Excel"}
    assert len(log_of(desk, Action.CONTACT_EXPORTED)) == 1


def test_erasing_goes_through_all_steps(office: DeskRig, ada):
    desk = office.sign_in(SUPERVISOR)
    assert desk.privacy.plan(ada.id).calls == 0
    steps = []
    receipt = desk.privacy.erase(ada.id, on_step=steps.append)
    assert tuple(steps) == STEP_ORDER
    assert receipt.remains_found == 0
    assert {"contacts", "calls"} <= office.kinds()
    with pytest.raises(NotFound):
        desk.privacy.plan(ada.id)


def test_agents_may_neither_export_nor_erase(office: DeskRig, ada):
    desk = office.sign_in(AGENT)
    for ask in (
        lambda: desk.privacy.export_contact(ada.id, Path("x"), "UTC"),
        lambda: desk.privacy.plan(ada.id),
        lambda: desk.privacy.erase(ada.id),
    ):
        with pytest.raises(Refused):
            ask()
    assert office.writer.written == []
    assert desk.session.vault.contact(ada.id) == ada
