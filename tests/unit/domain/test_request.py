from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from softphone.domain.errors import InvalidInput
from softphone.domain.ids import ContactId
from softphone.domain.request import (
    KIND_WORDS,
    DataRequest,
    NextStep,
    RequestEventKind,
    RequestKind,
    RequestState,
    closed,
    days_left,
    due,
    extended,
    received,
    without_person,
)

CAME = datetime(2026, 1, 31, 15, tzinfo=UTC)


def a_request(**changes: object) -> DataRequest:
    made = received("r", RequestKind.ACCESS, " Ada Lovelace ", "letter", CAME, "Dora")
    return replace(made, **changes)  # type: ignore[arg-type]


def test_the_month_ends_with_its_last_day():
    assert due(CAME) == datetime(2026, 3, 1, tzinfo=UTC)
    assert days_left(a_request(), datetime(2026, 2, 28, 12, tzinfo=UTC)) == 0
    assert days_left(a_request(), datetime(2026, 3, 1, 1, tzinfo=UTC)) == -1


def test_a_request_names_somebody_and_begins_its_history():
    assert a_request().name == "Ada Lovelace"
    assert [event.kind for event in a_request().history] == [RequestEventKind.RECEIVED]
    with pytest.raises(InvalidInput):
        received("r", RequestKind.ACCESS, "  ", "letter", CAME, "Dora")


def test_the_steps_follow_each_other():
    known = a_request(contact=ContactId("c"))
    assert a_request().next_step is NextStep.FIND_PERSON
    assert known.next_step is NextStep.CHECK_IDENTITY
    assert replace(known, identity="passport").next_step is NextStep.ANSWER
    assert a_request(unknown=True).next_step is NextStep.ANSWER
    assert closed(known, "answered", CAME, "Dora").next_step is NextStep.CLOSED


def test_it_is_extended_once_in_time_and_with_a_reason():
    longer = extended(a_request(), "complex", CAME, "Dora")
    assert longer.due_at == datetime(2026, 5, 1, tzinfo=UTC)
    for request, because, at in (
        (longer, "again", CAME),
        (a_request(), " ", CAME),
        (a_request(), "late", CAME + timedelta(days=40)),
    ):
        with pytest.raises(InvalidInput):
            extended(request, because, at, "Dora")


def test_it_is_closed_once_with_an_outcome():
    done = closed(a_request(), "sent", CAME, "Dora")
    assert (done.state, done.outcome, done.closed_at) == (RequestState.DONE, "sent", CAME)
    refused = closed(a_request(), "excessive", CAME, "Dora", refused=True)
    assert refused.state is RequestState.REFUSED
    for request, outcome in ((done, "sent"), (a_request(), " ")):
        with pytest.raises(InvalidInput):
            closed(request, outcome, CAME, "Dora")


def test_what_stays_after_an_erasure_names_nobody():
    full = closed(
        a_request(contact=ContactId("c"), identity="passport of Ada"), "for Ada", CAME, "Dora"
    )
    kept = without_person(full)
    assert "Ada" not in repr(kept)
    assert kept.contact is None
    assert (kept.kind, kept.received_at, kept.due_at) == (full.kind, full.received_at, full.due_at)
    assert len(kept.history) == len(full.history)


def test_every_kind_has_words():
    assert set(KIND_WORDS) == set(RequestKind)
