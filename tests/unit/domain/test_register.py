from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from softphone.domain.errors import InvalidInput
from softphone.domain.ids import UserId
from softphone.domain.register import (
    FORMS,
    LONGEST_TEXT,
    Acknowledgement,
    FieldKind,
    Register,
    RegisterEntry,
    Standing,
    add_months,
    checked,
    concerns,
    due_at,
    moment,
    training_line,
)

NOW = datetime(2026, 3, 31, 9, tzinfo=UTC)
TODAY = NOW.date()
ANN = UserId("ann")
COURSE = RegisterEntry("t", Register.TRAINING, {"title": "Phones", "text": "Be kind"}, 1)


def filled(register: Register) -> dict[str, str]:
    sample = {
        FieldKind.LINE: "words",
        FieldKind.TEXT: "more words",
        FieldKind.DATE: "2026-03-31",
        FieldKind.MOMENT: "2026-03-31T09:00:00+02:00",
        FieldKind.NUMBER: "12",
    }
    return {field.key: sample[field.kind] for field in FORMS[register]}


@pytest.mark.parametrize("register", list(Register))
def test_a_filled_form_is_taken_and_stays_as_it_is(register: Register):
    kept = checked(register, filled(register))
    assert set(kept) == {field.key for field in FORMS[register]}
    assert checked(register, kept) == kept


@pytest.mark.parametrize("register", list(Register))
def test_each_required_field_is_asked_for_by_its_title(register: Register):
    for field in FORMS[register]:
        values = filled(register) | {field.key: "  "}
        if field.required:
            with pytest.raises(InvalidInput, match=field.title.replace("(", r"\(")[:10]):
                checked(register, values)
        else:
            assert field.key not in checked(register, values)


@pytest.mark.parametrize(
    ("register", "change"),
    [
        (Register.PROCESSORS, {"contract_date": "31.03.2026"}),
        (Register.BREACHES, {"noticed_at": "2026-03-31T09:00"}),
        (Register.TRAINING, {"renew_months": "twelve"}),
        (Register.TRAINING, {"renew_months": "-1"}),
        (Register.PROCESSORS, {"name": "x" * (LONGEST_TEXT + 1)}),
        (Register.PROCESSORS, {"shoe size": "44"}),
    ],
)
def test_what_cannot_be_meant_is_refused(register: Register, change: dict[str, str]):
    with pytest.raises(InvalidInput):
        checked(register, filled(register) | change)


def test_a_breach_is_due_after_72_hours_until_the_authority_knows():
    values = checked(Register.BREACHES, {"title": "t", "noticed_at": NOW.isoformat(), "what": "w"})
    assert due_at(Register.BREACHES, values) == NOW + timedelta(hours=72)
    assert due_at(Register.BREACHES, values | {"authority_told_at": NOW.isoformat()}) is None
    assert due_at(Register.BREACHES, values | {"why_not_told": "no risk"}) is None


def test_a_review_is_due_on_its_day():
    values = filled(Register.PROCESSORS)
    assert due_at(Register.PROCESSORS, values) == datetime(2026, 3, 31, tzinfo=UTC)
    assert due_at(Register.PROCESSORS, values | {"review_on": ""}) is None


def test_moments_need_a_zone():
    assert moment("2026-03-31T11:00+02:00") == NOW
    with pytest.raises(ValueError, match="zone"):
        moment("2026-03-31T11:00")


@given(st.dates(date(1970, 1, 1), date(2200, 1, 1)), st.integers(0, 240))
def test_months_end_on_the_same_day_or_the_last_one(day: date, months: int):
    later = add_months(day, months)
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months
    assert later.day == day.day or (later.day < day.day and (later + timedelta(days=1)).day == 1)


def said(entry: RegisterEntry, at: datetime = NOW) -> Acknowledgement:
    return Acknowledgement(entry.id, entry.revision, entry.sha256, ANN, "Ann", at)


def standing(entry: RegisterEntry, *known: Acknowledgement, today: date = TODAY) -> Standing:
    return training_line(entry, ANN, "Ann", known, today).standing


def test_training_is_missing_done_outdated_or_overdue():
    yearly = RegisterEntry("t", Register.TRAINING, COURSE.values | {"renew_months": "12"}, 1)
    assert standing(COURSE) is Standing.MISSING
    assert standing(COURSE, said(COURSE)) is Standing.DONE
    assert standing(yearly, said(COURSE)) is Standing.OUTDATED
    assert standing(yearly, said(yearly), today=date(2027, 3, 30)) is Standing.DONE
    assert standing(yearly, said(yearly), today=date(2027, 3, 31)) is Standing.OVERDUE


def test_others_acknowledgements_do_not_count():
    other = Acknowledgement("t", 1, COURSE.sha256, UserId("bob"), "Bob", NOW)
    assert standing(COURSE, other) is Standing.MISSING


def test_a_training_is_for_everybody_or_for_roles():
    some = RegisterEntry("t", Register.TRAINING, COURSE.values | {"roles": "Agent, IT"})
    assert concerns(COURSE, "billing")
    assert concerns(some, "agent")
    assert not concerns(some, "billing")


def test_the_hash_is_of_the_text():
    assert COURSE.sha256 != RegisterEntry("t", Register.TRAINING, {"title": "Phones"}).sha256
    assert COURSE.title == "Phones"
