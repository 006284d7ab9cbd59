"""Recordings sent through the server on the command line, and who may."""

from __future__ import annotations

import pytest

from softphone.app.desk import Desk
from softphone.app.recording_commands import RECORDING_COMMANDS
from softphone.domain.audit import Action
from softphone.domain.errors import InvalidInput, NotFound, Refused, SoftphoneError
from softphone.domain.relay import Correspondent
from tests.fakes import sample
from tests.fakes.office import FakeOffice
from tests.fakes.relay import fill


@pytest.fixture
def office() -> FakeOffice:
    made = FakeOffice()
    made.world = sample.world(made.clock)
    fill(made.world, made.clock.now())
    return made


def command(desk: Desk, name: str, *arguments: str) -> dict:
    return RECORDING_COMMANDS[name][0](desk, list(arguments))


def actions(office: FakeOffice) -> list[tuple[str, str]]:
    return [(row.entry.action, row.entry.result) for row in office.world.audit]


def test_send_by_name(office: FakeOffice):
    desk = office.sign_in(sample.SUPERVISOR, sample.PASSWORD)
    recording = desk.sending.sent()[0].recording
    for name in ("Desk 8", "Desk 8/sales", "0" * 8):
        told = command(desk, "hand-over", f"--to={name}", recording, "Training")
        assert told == {"device": "0" * 8, "team": "sales"}
    assert actions(office).count((Action.RECORDING_HANDED_OVER, "done")) == 3
    listed = command(desk, "handed-over")
    assert [one["label"] for one in listed["workstations"]] == ["Desk 8", "Review room north"]
    assert listed["sent"][0]["state"] == "waiting"
    assert len(listed["waiting"]) == 2
    until = command(desk, "handover-address", "--server")["until"]
    assert until == office.world.own_addresses[0].ends_at.isoformat()
    assert [one["team"] for one in command(desk, "handed-over")["own"]] == ["North"]


@pytest.mark.parametrize(
    ("arguments", "kind"),
    [
        (("--to=nobody", "{r}", "Training"), NotFound),
        (("--to=Desk 8/support", "{r}", "Training"), NotFound),
        (("--to=Desk 8", "{r}", " "), InvalidInput),
        (("--to=Desk 8", "{r}"), InvalidInput),
    ],
)
def test_what_cannot_be_sent(
    office: FakeOffice, arguments: tuple[str, ...], kind: type[SoftphoneError]
):
    desk = office.sign_in(sample.SUPERVISOR, sample.PASSWORD)
    recording = desk.sending.sent()[0].recording
    with pytest.raises(kind):
        command(desk, "hand-over", *(part.format(r=recording) for part in arguments))
    assert len(office.world.sent_packages) == 3


def test_a_name_that_two_have_is_not_guessed(office: FakeOffice):
    first = office.world.correspondents[0]
    other = Correspondent(first.device, first.label, "support", first.ends_at)
    office.world.correspondents.append(other)
    desk = office.sign_in(sample.SUPERVISOR, sample.PASSWORD)
    with pytest.raises(NotFound, match="More than one"):
        desk.sending.workstation("Desk 8")
    assert desk.sending.workstation("Desk 8/support") == other


def test_take_in_what_waits(office: FakeOffice):
    office.world.erased_packages.add("p0")
    desk = office.sign_in(sample.SUPERVISOR, sample.PASSWORD)
    told = command(desk, "receive", "--waiting")
    assert told["taken_in"] == 1
    assert "erased" in told["problems"][0]
    assert (Action.RECORDING_RECEIVED, "refused") in actions(office)
    assert command(desk, "receive", "--waiting") == {"taken_in": 0, "problems": []}
    with pytest.raises(InvalidInput):
        command(desk, "receive", "--waiting", "/tmp/file")


def test_who_may_not_listen_sends_nothing_and_takes_nothing_in(office: FakeOffice):
    desk = office.sign_in(sample.AGENT, sample.PASSWORD)
    assert desk.sending.workstations() == desk.sending.sent() == ()
    [first, _second] = desk.sending.waiting()
    to = office.world.correspondents[0]
    with pytest.raises(Refused):
        desk.sending.begin_giving(office.world.sent_packages[0].recording, to, "Training")
    with pytest.raises(Refused):
        desk.sending.begin_taking_in(first.package)
    assert len(desk.sending.waiting()) == 2
    assert [r for a, r in actions(office) if a == Action.RECORDING_RECEIVED] == ["refused"]
