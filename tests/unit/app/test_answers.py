from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from softphone.app.consents import BasisGiven
from softphone.app.desk import Desk
from softphone.domain.audit import Action
from softphone.domain.consent import ConsentChange
from softphone.domain.contact import Contact
from softphone.domain.errors import InvalidInput, StorageFailed
from softphone.domain.receipt import parse_receipt
from softphone.domain.register import Register
from softphone.domain.request import DataRequest, RequestKind, RequestState
from tests.unit.app.privacy_deeds import CONTRACT, PROCESSOR
from tests.unit.app.rig import AGENT, OFFICER, DeskRig, log_of
from tests.unit.vault.rig import call, draft

NUMBER = "+493012345678"


@pytest.fixture
def office(tmp_path: Path) -> Iterator[DeskRig]:
    made = DeskRig(tmp_path / "profile")
    made.add_officer()
    yield made
    made.close()


@pytest.fixture
def ada(office: DeskRig) -> Contact:
    desk = office.sign_in(AGENT)
    found = desk.people.add("Ada <b>Lovelace</b>", NUMBER)
    desk.people.add_note("likes =tea()", contact=found.id)
    office.phone.waiting = [office.rig.seal(desk.session.vault, NUMBER) for _ in range(2)]
    desk.calls.take_in_recordings()
    return found


@pytest.fixture
def desk(office: DeskRig, ada: Contact) -> Desk:
    return office.sign_in(OFFICER)


def asked(desk: Desk, ada: Contact, kind: RequestKind) -> DataRequest:
    made = desk.requests.receive(kind, "Ada", "letter", contact=ada.id)
    return desk.requests.check_identity(made.id, "passport")


def test_the_answer_names_everything_and_escapes_it(desk: Desk, ada: Contact, tmp_path: Path):
    desk.registers.save(Register.CONTROLLER, {"name": "Engines Ltd", "address": "1 Row"})
    desk.registers.save(Register.PROCESSORS, PROCESSOR)
    made = asked(desk, ada, RequestKind.ACCESS)
    done = desk.answers.access(made.id, tmp_path, "Europe/Berlin")
    assert [d.name for d in done.documents] == ["your-data.html", "your-data.xlsx"]
    page = (tmp_path / "your-data.html").read_text("utf-8")
    for words in ("Engines Ltd", "Acme", "Ada &lt;b&gt;Lovelace", "likes =tea()", "Art. 77"):
        assert words in page
    assert "<b>Lovelace" not in page
    assert (tmp_path / "your-data.html").stat().st_mode & 0o077 == 0
    assert (
        done.documents[0].sha256
        == subprocess.run(
            ["sha256sum", str(tmp_path / "your-data.html")],
            capture_output=True,
            check=True,
            text=True,
        ).stdout.split()[0]
    )


def test_the_portable_copy_says_nothing_of_colleagues(desk: Desk, ada: Contact, tmp_path: Path):
    made = asked(desk, ada, RequestKind.PORTABILITY)
    desk.answers.portable(made.id, tmp_path, "UTC")
    value = json.loads((tmp_path / "your-data.json").read_text("utf-8"))
    assert value["contact"]["numbers"] == [NUMBER]
    assert len(value["recordings"]) == 2
    assert "accesses" not in value


def test_recordings_are_handed_out_one_by_one(desk: Desk, ada: Contact, tmp_path: Path):
    made = asked(desk, ada, RequestKind.ACCESS)
    done = desk.answers.recordings(made.id, tmp_path, passphrase="nine purple lilies")
    files = sorted(p.name for p in tmp_path.glob("*.age"))
    assert files == ["recording-001.age", "recording-002.age"]
    assert "2 of 2 recordings; with the voice of colleagues" in done.history[-1].text
    assert len(log_of(desk, Action.RECORDING_EXPORTED)) == 2


def test_the_hand_out_can_be_stopped(desk: Desk, ada: Contact, tmp_path: Path):
    made = asked(desk, ada, RequestKind.ACCESS)
    done = desk.answers.recordings(
        made.id, tmp_path, passphrase="nine purple lilies", on_recording=lambda _d, _a: False
    )
    assert "1 of 2" in done.history[-1].text


def test_what_cannot_be_opened_is_named(office: DeskRig, desk: Desk, ada: Contact, tmp_path: Path):
    made = asked(desk, ada, RequestKind.ACCESS)
    desk.session.vault._stores.core.groups.clear()  # type: ignore[attr-defined]
    done = desk.answers.recordings(made.id, tmp_path, passphrase="nine purple lilies")
    assert "0 of 2" in done.history[-1].text
    assert "sealed for" in done.history[-1].text
    assert {r.entry.result for r in log_of(desk, Action.RECORDING_EXPORTED)} == {"refused"}


def test_a_recording_in_which_somebody_else_is_heard_is_named_and_stays(
    office: DeskRig, desk: Desk, ada: Contact, tmp_path: Path
):
    """A copy must not harm the rights of others (Art. 15(4)): a person decides."""
    vault = desk.session.vault
    recording = vault.contact_file(ada.id, draft(vault)).recordings[0][0]
    joined = call(vault, "+442079460777", office.rig.clock.now(), recording=recording)
    vault.add_call(joined, draft(vault))
    made = asked(desk, ada, RequestKind.ACCESS)
    done = desk.answers.recordings(made.id, tmp_path, passphrase="nine purple lilies")
    assert [p.name for p in tmp_path.glob("*.age")] == ["recording-002.age"]
    assert "1 of 2 recordings" in done.history[-1].text
    assert "1: Somebody else is heard in it" in done.history[-1].text
    assert sorted(r.entry.result for r in log_of(desk, Action.RECORDING_EXPORTED)) == [
        "done", "refused",
    ]  # fmt: skip


def test_an_erasure_closes_its_request_with_a_receipt(desk: Desk, ada: Contact, tmp_path: Path):
    made = asked(desk, ada, RequestKind.ERASURE)
    receipt, done = desk.answers.erase(made.id, tmp_path)
    assert (done.state, done.name, done.contact) == (RequestState.DONE, "", None)
    (file,) = tmp_path.glob("erasure-*.json")
    read = parse_receipt(file.read_text("utf-8"))
    assert read.receipt == receipt
    proof = desk.privacy.prove_erased(file.read_text("utf-8"), ["Ada <b>Lovelace", NUMBER])
    assert proof.holds


def test_an_objection_ends_the_basis_of_a_purpose(desk: Desk, ada: Contact):
    desk.consents.give(ada.id, BasisGiven("marketing"))
    made = asked(desk, ada, RequestKind.OBJECTION)
    done = desk.answers.object(made.id, "marketing", "no more calls")
    assert done.history[-1].text == "marketing"
    (given, taken) = desk.consents.history(ada.id)
    assert (given.change, taken.change) == (ConsentChange.GIVEN, ConsentChange.WITHDRAWN)


def test_the_answer_says_what_was_agreed(desk: Desk, ada: Contact, tmp_path: Path):
    desk.consents.give(ada.id, BasisGiven("marketing"))
    made = asked(desk, ada, RequestKind.ACCESS)
    desk.answers.access(made.id, tmp_path, "UTC")
    page = (tmp_path / "your-data.html").read_text("utf-8")
    assert "Consent, Art. 6(1)(a)" in page


def test_an_answer_of_another_kind_is_refused(desk: Desk, ada: Contact, tmp_path: Path):
    made = asked(desk, ada, RequestKind.ERASURE)
    with pytest.raises(InvalidInput, match="another kind"):
        desk.answers.access(made.id, tmp_path, "UTC")


ACTIVITY = {
    "purpose": "Shift plans",
    "basis": "Contract of employment",
    "subjects": "Agents of the call centre",
    "data": "Names, working hours",
}


def test_documents_for_authorities(desk: Desk, tmp_path: Path):
    desk.registers.save(Register.PROCESSORS, PROCESSOR)
    contract = desk.registers.save(Register.AGREEMENTS, CONTRACT)
    desk.registers.confirm(contract.id, 1)
    desk.registers.save(Register.ACTIVITIES, ACTIVITY)
    record = desk.answers.processing_record(tmp_path / "record.html").read_text("utf-8")
    assert ACTIVITY["subjects"] in record
    assert "Callers and people called" in record
    assert "Recording of all calls" in record
    assert "data protection officer" in record
    paper = desk.answers.agreement(contract.id, tmp_path / "dpa.html").read_text("utf-8")
    assert contract.sha256 in paper
    assert OFFICER.name in paper


def test_a_register_goes_out_and_comes_back(desk: Desk, tmp_path: Path):
    desk.registers.save(Register.PROCESSORS, PROCESSOR | {"safeguards": "=HYPERLINK(1)"})
    file = desk.answers.register(Register.PROCESSORS, tmp_path / "processors.xlsx")
    rows = desk.answers.read_register(Register.PROCESSORS, file)
    done = desk.registers.import_rows(Register.PROCESSORS, rows, dry_run=True)
    assert (done.added, done.changed, done.problems) == (0, 0, ())
    assert rows[0]["safeguards"] == "=HYPERLINK(1)"


def test_what_fails_is_logged_as_failed(desk: Desk, tmp_path: Path):
    with pytest.raises(StorageFailed):
        desk.answers.processing_record(tmp_path / "missing" / "record.html")
    results = [row.entry.result for row in log_of(desk, Action.REGISTER_EXPORTED)]
    assert results == ["failed", "done"]
