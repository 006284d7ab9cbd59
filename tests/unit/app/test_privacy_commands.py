from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from softphone.app.commands import Context, run_command
from softphone.app.desk import Desk
from softphone.app.state import PhoneState
from tests.unit.app.privacy_deeds import COURSE, PROCESSOR
from tests.unit.app.rig import ADMIN, AGENT, OFFICER, DeskRig

NUMBER = "+493012345678"


@pytest.fixture
def office(tmp_path: Path) -> Iterator[DeskRig]:
    made = DeskRig(tmp_path / "profile")
    made.add_officer()
    yield made
    made.close()


@pytest.fixture
def desk(office: DeskRig) -> Desk:
    return office.sign_in(OFFICER)


def say(office: DeskRig, desk: Desk, name: str, *arguments: str) -> dict:
    return run_command(Context(desk, office.phone, PhoneState()), name, list(arguments))  # type: ignore[arg-type]


def pairs(values: dict[str, str]) -> list[str]:
    return [f"{key}={value}" for key, value in values.items()]


def test_a_request_from_arrival_to_receipt(office: DeskRig, desk: Desk, tmp_path: Path):
    ada = desk.people.add("Ada Lovelace", NUMBER).id
    made = say(office, desk, "request-receive", "access", "Ada", "letter")
    assert (made["ok"], made["next"], made["days_left"] > 25) == (True, "find_person", True)
    request = made["id"]
    assert say(office, desk, "request-person", request, ada)["next"] == "check_identity"
    assert say(office, desk, "request-identity", request, "passport")["next"] == "answer"
    assert say(office, desk, "request-extend", request, "complex")["days_left"] > 80
    for name in ("answer-access", "answer-portable"):
        answered = say(office, desk, name, request, str(tmp_path))
        assert answered["ok"], answered
    assert len(answered["documents"]) == 3
    assert say(office, desk, "request-close", request, "sent")["state"] == "done"
    assert say(office, desk, "requests")["requests"] == []
    assert len(say(office, desk, "requests", "all")["requests"]) == 1
    shown = say(office, desk, "request", request)
    assert [e["what"] for e in shown["history"]][:2] == ["received", "person_found"]

    erasure = say(office, desk, "request-receive", "erasure", "Ada", "letter", ada)["id"]
    say(office, desk, "request-identity", erasure, "passport")
    plan = say(office, desk, "erasure-plan", ada)
    assert plan["goes"]["calls"] == 0
    assert plan["held_by"] is None
    gone = say(office, desk, "answer-erasure", erasure, str(tmp_path))
    assert (gone["ok"], gone["remains_found"], gone["name"]) == (True, 0, "")
    (receipt,) = tmp_path.glob("erasure-*.json")
    proof = say(office, desk, "prove-erased", str(receipt), str(tmp_path), f"Ada Lovelace,{NUMBER}")
    assert (proof["holds"], proof["words_searched"]) == (True, 2)
    assert any("your-data" in name for name in proof["elsewhere"])


def test_a_refusal_and_an_unknown_person(office: DeskRig, desk: Desk):
    request = say(office, desk, "request-receive", "access", "Nobody", "call")["id"]
    assert say(office, desk, "request-person", request, "unknown")["next"] == "answer"
    assert say(office, desk, "request-refuse", request, "nothing is held")["state"] == "refused"


def test_correcting_and_restricting(office: DeskRig, desk: Desk):
    ada = desk.people.add("Ada Lovelace", NUMBER).id
    made = say(office, desk, "rectify", ada, "married", "name=Ada King", "numbers=+49301,+49302")
    assert made["after"]["name"] == "Ada King"
    assert not say(office, desk, "rectify", ada, "why", "shoe=44")["ok"]
    assert say(office, desk, "restrict", ada, "held", "lawsuit")["recordings"] == 0
    (hold,) = say(office, desk, "restrictions")["restrictions"]
    assert (hold["contact"], hold["kind"]) == (ada, "held")
    assert say(office, desk, "erasure-plan", ada)["held_by"] == OFFICER.name
    assert say(office, desk, "release", ada, "held", "settled")["ok"]
    assert say(office, desk, "restrictions", ada)["restrictions"] == []
    wrong = say(office, desk, "restrict", ada, "frozen", "why")
    assert "held" in wrong["do"]


def test_registers(office: DeskRig, desk: Desk, tmp_path: Path):
    made = say(office, desk, "register-save", "processors", *pairs(PROCESSOR))
    again = say(office, desk, "register-save", "processors", f"id={made['id']}", *pairs(PROCESSOR))
    assert again["revision"] == 2
    file = str(tmp_path / "p.xlsx")
    assert say(office, desk, "register-export", "processors", file)["ok"]
    tried = say(office, desk, "register-import", "processors", file, "dry")
    assert (tried["added"], tried["problems"]) == (0, [])
    assert say(office, desk, "register-remove", made["id"])["ok"]
    assert say(office, desk, "register", "processors")["entries"] == []
    course = say(office, desk, "register-save", "training", *pairs(COURSE))
    assert len(say(office, desk, "to-confirm")["texts"]) == 1
    assert say(office, desk, "confirm", course["id"], "1")["ok"]
    standing = {t["person"]: t["standing"] for t in say(office, desk, "training")["training"]}
    assert standing[OFFICER.name] == "done"
    assert say(office, desk, "processing-record", str(tmp_path / "record.html"))["ok"]
    noticed = office.rig.clock.now().isoformat()
    breach = say(
        office, desk, "register-save", "breaches", "title=t", "what=w", f"noticed_at={noticed}"
    )
    office.rig.clock.advance(60)
    assert say(office, desk, "breach", breach["id"])["contacts"] == 0
    contract = say(office, desk, "register-save", "agreements", "title=t", "party=p", "text=x")
    assert say(office, desk, "agreement", contract["id"], str(tmp_path / "a.html"))["ok"]
    assert not say(office, desk, "register", "shoes")["ok"]
    assert not say(office, desk, "register-save", "processors", "name")["ok"]
    assert not say(office, desk, "breach", "another")["ok"]
    assert not say(office, desk, "confirm", course["id"], "one")["ok"]


def test_retention(office: DeskRig):
    desk = office.sign_in(ADMIN)
    done = say(office, desk, "retention-set", "recordings=90", "notes=30")
    assert {rule["data"]: rule["why"] for rule in done["rules"]} == {
        "notes": "",
        "recordings": "Quality review of the last quarter",
    }
    assert not say(office, desk, "retention-set", "recordings=soon")["ok"]
    desk = office.sign_in(OFFICER)
    assert say(office, desk, "retention-run") == {"ok": True, "notes": 0, "recordings": 0}
    assert len(say(office, desk, "retention")["runs"]) == 1


@pytest.mark.parametrize("name", ["requests", "register", "retention-run", "restrict"])
def test_an_agent_gets_nothing(office: DeskRig, name: str):
    desk = office.sign_in(AGENT)
    arguments = {"register": ["processors"], "restrict": ["x", "held", "why"]}.get(name, [])
    answer = say(office, desk, name, *arguments)
    assert not answer["ok"] or not any(answer[key] for key in answer if key != "ok")


def test_paths_are_whole(office: DeskRig, desk: Desk):
    assert "whole path" in say(office, desk, "processing-record", "record.html")["do"]
    assert not say(office, desk, "prove-erased", "/missing/receipt.json", "Ada")["ok"]
