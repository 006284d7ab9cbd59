from __future__ import annotations

from pathlib import Path

import pytest

from softphone.app.desk import Desk
from softphone.app.importing import guess_mapping
from softphone.domain.audit import Action, DataCategory
from softphone.domain.consent import ConsentSource
from softphone.domain.contact import ContactKind
from softphone.domain.contact_import import ImportReport, OnDuplicate, Outcome, RunState
from softphone.domain.errors import Cancelled, InvalidInput
from tests.unit.app.rig import AGENT, DeskRig, log_of

CSV = """Name,Company,Mobile,E-mail,Note,Opt-in
Ada Lovelace,Engines Ltd,+49 30 12345678,ada@example.org,Likes tea,yes
Grace Hopper,,+1 202 555 0143,,,
,,+44 20 7946 0001,,,
Bad Number,,not a number,,,
"Lovelace, Ada",,0049 30 12345678,second@example.org,,
"""


@pytest.fixture
def desk(office: DeskRig) -> Desk:
    return office.sign_in(AGENT)


def take(desk: Desk, path: Path, how: OnDuplicate = OnDuplicate.SKIP, do: str = "run", **more):
    source = desk.importing.open(path)
    try:
        return getattr(desk.importing, do)(source, guess_mapping(source), how, **more)
    finally:
        source.close()


def put(tmp_path: Path, text: str = CSV) -> Path:
    path = tmp_path / "in.csv"
    path.write_text(text, "utf-8")
    return path


def names(desk: Desk) -> list[str]:
    return [c.name for c in desk.people.contacts("", 99, 0)]


def counts(report: ImportReport) -> dict[str, int]:
    return {outcome.value: count for outcome, count in report.counts.items()}


def test_a_dry_run_says_the_same_and_changes_nothing(desk: Desk, tmp_path: Path):
    path = put(tmp_path)
    dry = take(desk, path, do="check")
    assert names(desk) == []
    real = take(desk, path)
    assert counts(dry) == counts(real) == {"created": 2, "failed": 2, "skipped": 1}
    assert [(r.row, r.what) for r in dry.rows] == [(r.row, r.what) for r in real.rows]
    assert [r.row for r in real.rows] == [4, 5]
    assert names(desk) == ["Ada Lovelace", "Grace Hopper"]
    [ada] = desk.people.contacts("lovelace", 9, 0)
    view = desk.contacts.open(ada.id)
    assert [n.text for n in view.notes] == ["Likes tea"]
    assert [c.source for c in view.consents] == [ConsentSource.IMPORT]


def test_updating_adds_what_the_file_says(desk: Desk, tmp_path: Path):
    report = take(desk, put(tmp_path), OnDuplicate.UPDATE)
    assert counts(report) == {"created": 2, "failed": 2, "updated": 1}
    [ada] = desk.people.contacts("lovelace", 9, 0)
    assert ada.emails == ("ada@example.org", "second@example.org")
    assert (ada.name, ada.company) == ("Lovelace, Ada", "Engines Ltd")


def test_asking_leaves_rows_to_decide_and_takes_the_answer(desk: Desk, tmp_path: Path):
    desk.people.add("Ada Lovelace", "+493012345678")
    path = put(tmp_path)
    report = take(desk, path, OnDuplicate.ASK)
    undecided = [r for r in report.rows if r.outcome is Outcome.UNDECIDED]
    assert [(r.row, r.known) for r in undecided] == [(2, "Ada Lovelace"), (6, "Ada Lovelace")]
    source = desk.importing.open(path)
    runner = desk.importing.begin(
        source, guess_mapping(source), OnDuplicate.SKIP, {2: OnDuplicate.UPDATE}
    )
    while runner.step():
        pass
    assert counts(runner.finish())["updated"] == 1


def test_a_shared_number_with_another_name_is_another_person(desk: Desk, tmp_path: Path):
    desk.people.add("Charles Babbage", "+493012345678")
    report = take(desk, put(tmp_path))
    assert report.count(Outcome.CREATED) == 2
    assert "Shares a number with another contact." in [r.what for r in report.rows]


def test_people_of_a_company_that_is_there_belong_to_it(desk: Desk, tmp_path: Path):
    take(desk, put(tmp_path, "Name,Kind,Company\nEngines Ltd,company,\n"))
    take(desk, put(tmp_path, "Name,Company,Phone\nAda,ENGINES LTD,+442079460000\n"))
    [firm] = [c for c in desk.people.contacts("engines", 9, 0) if c.kind is ContactKind.COMPANY]
    assert [c.name for c in desk.contacts.open(firm.id).staff] == ["Ada"]


def many(tmp_path: Path, count: int) -> Path:
    rows = "".join(f"Person {n},+4930{n:07d}\n" for n in range(1, count + 1))
    return put(tmp_path, f"Name,Phone\n{rows}")


def test_a_cancelled_run_leaves_nothing(desk: Desk, tmp_path: Path):
    seen: list[float] = []

    def stop(done: float) -> bool:
        seen.append(done)
        return len(seen) < 2

    path = many(tmp_path, 1200)
    with pytest.raises(Cancelled):
        take(desk, path, on_part=stop)
    assert names(desk) == []
    assert desk.importing.runs()[0].state is RunState.UNDONE
    assert 0 < seen[0] <= 1
    assert len(log_of(desk, Action.IMPORT_UNDONE)) == 1


def test_a_file_that_breaks_in_the_middle_leaves_nothing(desk: Desk, tmp_path: Path):
    path = many(tmp_path, 600)
    with path.open("ab") as file:
        file.write(b"x" * (2 << 20))
    with pytest.raises(InvalidInput):
        take(desk, path)
    assert names(desk) == []


def test_a_run_is_undone(desk: Desk, tmp_path: Path):
    report = take(desk, many(tmp_path, 30))
    assert len(names(desk)) == 30
    assert desk.importing.undo(report.run).removed == 30
    assert names(desk) == []
    [row] = log_of(desk, Action.CONTACTS_IMPORTED)
    assert row.detail == {"created": "30"}


def test_an_imported_contact_shows_who_imported_it(desk: Desk, office: DeskRig, tmp_path: Path):
    take(desk, many(tmp_path, 1))
    [contact] = desk.people.contacts("", 9, 0)
    again = office.sign_in()
    draft = again.session.draft(Action.CONTACT_EXPORTED, DataCategory.WHOLE_RECORD)
    file = again.session.vault.contact_file(contact.id, draft)
    assert ("Ann Agent", "Imported contacts") in [(a.who, a.action) for a in file.accesses]
