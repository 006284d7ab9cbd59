from __future__ import annotations

from pathlib import Path

import pytest

from softphone.vault.subjects import Subjects
from softphone.vault.times import to_micros
from tests.unit.vault.rig import ADMIN, Rig, call, draft

NUMBER = "+442079460000"


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    made = Rig(tmp_path, fleet_key=b"f" * 32)
    made.create()
    return made


@pytest.fixture
def vault(rig: Rig):
    opened = rig.open(ADMIN)
    yield opened
    opened.close()


@pytest.fixture
def subjects(vault) -> Subjects:
    return Subjects(vault._stores.core)


def test_all_spellings_have_one_pseudonym_that_tells_nothing(subjects: Subjects):
    spellings = ("020 7946 0000", "+44 20 7946 0000", "0044 20 79460000", "tel:+442079460000")
    names = {subjects.pseudonym(subjects.number(text)) for text in spellings}
    assert len(names) == 1
    (name,) = names
    assert len(name) == 64
    assert NUMBER[1:] not in name
    assert subjects.number("anonymous") == "anonymous"


def test_a_fleet_shares_its_pseudonyms_and_strangers_do_not(subjects: Subjects, tmp_path: Path):
    for key, same in ((b"f" * 32, True), (None, False)):
        other = Rig(tmp_path / str(same), fleet_key=key)
        other.create()
        vault = other.open(ADMIN)
        theirs = Subjects(vault._stores.core).pseudonym(NUMBER)
        assert (theirs == subjects.pseudonym(NUMBER)) is same
        vault.close()


def test_a_key_is_made_once_and_can_be_missed(subjects: Subjects):
    assert subjects.known_key(NUMBER) is None
    key = subjects.key(NUMBER)
    assert subjects.key(NUMBER) == subjects.known_key(NUMBER) == key
    assert len(key) == 32


def test_pseudonyms_are_found_wherever_the_number_is(rig: Rig, vault, subjects: Subjects):
    vault.add_call(call(vault, NUMBER, rig.clock.now()), draft(vault))
    assert subjects.find((subjects.pseudonym(NUMBER), subjects.pseudonym("x"))) == (NUMBER,)
    assert subjects.find(()) == ()


def test_what_is_older_than_an_erasure_stays_away(rig: Rig, subjects: Subjects):
    now = to_micros(rig.clock.now())
    assert not subjects.erased_after(NUMBER, now)
    subjects.remember_erased(subjects.pseudonym(NUMBER))
    assert subjects.erased_after(NUMBER, now)
    assert not subjects.erased_after(NUMBER, now + 1)


def test_a_key_that_no_backup_had_is_made_anew(vault):
    core = vault._stores.core
    subjects = Subjects(core)
    with core.deeds.transaction() as connection:
        before = subjects.key(NUMBER)
        connection.execute("UPDATE subjects SET subject_key = x''")
        assert subjects.known_key(NUMBER) == b""
        after = subjects.key(NUMBER)
    assert len(after) == 32
    assert after not in (before, b"")
    assert subjects.known_key(NUMBER) == after
