from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from softphone.__main__ import _parser
from softphone.app.command_context import Context
from softphone.app.commands import run_command
from softphone.app.desk import Desk
from softphone.app.state import PhoneState
from softphone.compose import command_line
from softphone.domain.account import Account
from softphone.domain.call import Call, CallState, Direction
from softphone.domain.ids import AccountId, CallId, RecordingId
from tests.unit.app.rig import ADMIN, AGENT, OFFICER, SUPERVISOR, DeskRig

NUMBER = "+493012345678"
CSV = "Name;Handy\nAda Lovelace;+49 30 12345678\nLovelace, Ada;0049 30 12345678\nNobody;none\n"


class Line:
    """The command line of whoever is signed in."""

    def __init__(self, office: DeskRig) -> None:
        self._office = office
        self._desk: Desk | None = None
        self.state = PhoneState()

    def sign_in(self, member: Any) -> Line:
        self._desk = self._office.sign_in(member)
        return self

    def __call__(self, name: str, *arguments: str) -> dict[str, Any]:
        context = Context(self._desk, self._office.phone, self.state)  # type: ignore[arg-type]
        return run_command(context, name, list(arguments))

    def talk(self, office: DeskRig) -> Call:
        now = office.rig.clock.now()
        call = Call(
            CallId("call"), AccountId("a"), Direction.INCOMING, CallState.ESTABLISHED, NUMBER,
            established_at=now, recording_id=RecordingId("recording"),
        )  # fmt: skip
        self.state = PhoneState(calls={call.id: call})
        return call


@pytest.fixture
def line(office: DeskRig) -> Line:
    office.add_officer()
    admin = office.sign_in(ADMIN)
    admin.people.save_account(Account(AccountId("a"), "1", "pbx.example", "pbx.example"), "pw")
    return Line(office).sign_in(SUPERVISOR)


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "in.csv"
    path.write_text(CSV)
    return str(path)


def test_importing_checking_and_undoing(line: Line, file: str):
    dry = line("contacts import", "--dry-run", file)
    assert dry["counts"] == {"created": 1, "skipped": 1, "failed": 1}
    assert dry["mapping"] == {"Name": "name", "Handy": "number:mobile"}
    assert line("contacts search")["contacts"] == []
    done = line("contacts import", "--map=1=name,2=number:work", file)
    assert done["problems"][0]["row"] == 4
    [ada] = line("contacts search", "lovelace")["contacts"]
    assert ada["numbers"] == [{"number": NUMBER, "label": "work"}]
    assert line("contacts imports")["runs"][0]["state"] == "done"
    assert line("contacts undo-import", done["run"])["removed"] == 1
    assert not line("contacts import", "--map=9=name", file)["ok"]
    assert not line("contacts import", "--duplicates=perhaps", file)["ok"]
    assert not line("contacts import", "relative.csv")["ok"]


def test_duplicates_are_merged_and_taken_apart(line: Line):
    kept = line("add-contact", "Ada Lovelace", NUMBER)["contact"]
    other = line("add-contact", "Lovelace, Ada", NUMBER)["contact"]
    [pair] = line("contacts duplicates")["pairs"]
    assert pair["why"] == ["number", "name"]
    assert line("contacts merge", "--dry-run", kept, other)["would_be"]["name"] == "Ada Lovelace"
    merge = line("contacts merge", kept, other)["merge"]
    assert line("contacts show", "Ada Lovelace")["merges"] == [merge]
    assert set(line("contacts undo-merge", merge)["contacts"]) == {kept, other}


@pytest.mark.parametrize("form", ["vcard4", "vcard3", "csv", "xlsx"])
def test_handing_out(line: Line, tmp_path: Path, form: str):
    line("add-contact", "Ada Lovelace", NUMBER)
    assert line("contacts export", str(tmp_path / "out"), form)["contacts"] == 1
    sealed = line("contacts export-sealed", str(tmp_path / "x"), form, "nine purple lilies")
    assert sealed["ok"]
    assert (tmp_path / "x").read_bytes().startswith(b"age-encryption.org/v1")
    assert not line("contacts export-sealed", str(tmp_path / "y"), form, "short")["ok"]
    assert not line("contacts export", str(tmp_path / "y"), "pdf")["ok"]
    assert not line.sign_in(AGENT)("contacts export", str(tmp_path / "z"), form)["ok"]


def test_a_workbook_of_one(line: Line, tmp_path: Path):
    line("add-contact", "Ada Lovelace", NUMBER)
    assert line("contacts workbook", NUMBER, str(tmp_path / "a.xlsx"))["ok"]
    assert not line("contacts workbook", "Nobody", str(tmp_path / "b.xlsx"))["ok"]


def test_legal_bases(line: Line):
    line("add-contact", "Ada Lovelace", NUMBER)
    given = line(
        "consent give", "--basis=contract", "--expires=2027-01-01", "marketing", "Ada", "Lovelace"
    )
    assert given["consent"]["basis"] == "contract"
    assert given["consent"]["expires_at"].startswith("2027-01-01")
    assert line("consent withdraw", "--note=by letter", "marketing", NUMBER)["ok"]
    assert [c["change"] for c in line("consent list", "Ada")["consents"]] == ["given", "withdrawn"]
    [_, marketing] = line("consent list")["purposes"]
    assert (marketing["given"], marketing["withdrawn"]) == (0, 1)
    assert not line("consent give", "--basis=whim", "marketing", "Ada")["ok"]
    assert not line("consent give", "marketing")["ok"]


def test_legal_bases_in_a_call(line: Line, office: DeskRig):
    call = line.talk(office)
    assert line("consent give", "recording")["consent"]["source"] == "call"
    gone = line("consent withdraw", "recording")
    assert gone["recording_to_erase"] == "recording"
    assert ("stop", call.id) in office.phone.told


def test_purposes_texts_and_lists_are_the_officers(line: Line, office: DeskRig, tmp_path: Path):
    for refused in (
        ("consent add-purpose", "survey", "Surveys"),
        ("information add", "recording", "en", "We record."),
    ):
        assert not line(*refused)["ok"]
    line.sign_in(OFFICER)
    assert line("consent add-purpose", "--in-call", "survey", "Surveys", "of", "quality")["ok"]
    assert line("consent list")["purposes"][-1]["title"] == "Surveys of quality"
    assert line("consent remove-purpose", "survey")["ok"]
    assert line("information add", "recording", "en", "We record.")["version"] == 1
    assert (
        line("information add", "--translation-of=1", "recording", "de", "Aufnahme.")["version"]
        == 1
    )
    assert len(line("information list")["texts"]) == 2
    numbers = tmp_path / "list.csv"
    numbers.write_text(f"number\n{NUMBER}\n")
    assert line("do-not-call import", str(numbers), "Robinson")["numbers"] == 1
    [made] = line("do-not-call list")["lists"]
    line.sign_in(AGENT)
    line.talk(office)
    assert line("information read-out", "recording")["version"] == 1
    line.sign_in(OFFICER)
    assert line("do-not-call remove", made["id"])["ok"]


def test_marketing_calls_from_the_command_line(line: Line, office: DeskRig):
    refused = line("dial", "--marketing", NUMBER)
    assert (refused["ok"], refused["kind"]) == (False, "Refused")
    assert line("dial", "--marketing", "--reason=asked for it", NUMBER)["ok"]
    assert line("dial", NUMBER)["ok"]


@pytest.mark.parametrize(
    ("typed", "name", "given"),
    [
        (["dial", "--marketing", "+49 30", "1"], "dial", ["--marketing", "+49 30", "1"]),
        (
            ["contacts", "import", "--dry-run", "--map", "1=name", "/x"],
            "contacts import",
            ["--map=1=name", "--dry-run", "/x"],
        ),
        (["consent", "list"], "consent list", []),
    ],
)
def test_options_reach_the_phone(typed: list[str], name: str, given: list[str]):
    parsed = _parser("").parse_args(typed)
    assert parsed.command_name == name
    assert command_line.given(parsed, name) == given
