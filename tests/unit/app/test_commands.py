from __future__ import annotations

from softphone.app.command_context import Context
from softphone.app.commands import COMMANDS, STDIN_LINES, run_command
from softphone.app.state import PhoneState
from tests.unit.app.rig import ADMIN, AGENT, LEAD, DeskRig

PHRASE = "quite another phrase"


def run(office: DeskRig, member, name: str, *arguments: str):
    context = Context(office.sign_in(member), office.phone, PhoneState())
    return run_command(context, name, list(arguments))


def test_people_are_managed_by_commands(office: DeskRig):
    assert run(office, ADMIN, "add-member", "New One", "agent", "sales", PHRASE)["ok"]
    assert run(office, ADMIN, "change-member", "new one", "supervisor", "sales")["ok"]
    members = run(office, ADMIN, "members")["members"]
    assert {m["name"] for m in members if m["role"] == "supervisor"} == {"New One", "Sam Ears"}
    assert run(office, ADMIN, "remove-member", "New One")["ok"]
    assert run(office, ADMIN, "remove-member", "New One")["kind"] == "NotFound"
    assert run(office, ADMIN, "change-member", "New One")["kind"] == "InvalidInput"
    assert run(office, AGENT, "remove-member", ADMIN.name)["kind"] == "Refused"
    assert run(office, AGENT, "change-password", AGENT.password, PHRASE)["ok"]


def test_secrets_come_from_standard_input_only():
    assert set(STDIN_LINES) <= set(COMMANDS)
    assert STDIN_LINES["change-password"] == 2


def test_unknown_commands_and_nobody_signed_in_are_told(office: DeskRig):
    context = Context(None, office.phone, PhoneState())
    assert not run_command(context, "fly", [])["ok"]
    assert run_command(context, "members", [])["why"] == "Nobody is signed in."


def test_exporting_by_command_needs_the_whole_path_and_a_known_format(office: DeskRig, tmp_path):
    for arguments in (
        ["id", "mp3", str(tmp_path / "x"), "why"],
        ["id", "wav", "relative.wav", "why"],
        ["id", "wav"],
    ):
        assert run(office, LEAD, "export", *arguments)["kind"] == "InvalidInput"
    gone = run(office, LEAD, "export-sealed", "id", str(tmp_path / "x"), "why", PHRASE)
    assert gone["kind"] == "NotFound"
