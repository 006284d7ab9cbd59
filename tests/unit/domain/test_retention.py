from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from softphone.domain.errors import InvalidInput
from softphone.domain.retention import (
    CHOICES,
    DATA_WORDS,
    LONGEST_DAYS,
    DataClass,
    RetentionRule,
    RetentionRun,
    check_rules,
    run_is_due,
)

NOW = datetime(2026, 3, 31, 9, tzinfo=UTC)


def test_a_rule_ends_some_days_ago():
    assert RetentionRule(DataClass.CALLS, 30).before(NOW) == NOW - timedelta(days=30)


@pytest.mark.parametrize(
    "rules",
    [
        (RetentionRule(DataClass.CALLS, 0),),
        (RetentionRule(DataClass.CALLS, LONGEST_DAYS + 1),),
        (RetentionRule(DataClass.CALLS, 1), RetentionRule(DataClass.CALLS, 2)),
    ],
)
def test_what_cannot_be_meant_is_refused(rules: tuple[RetentionRule, ...]):
    with pytest.raises(InvalidInput):
        check_rules(rules)


def test_every_choice_may_be_taken():
    assert set(CHOICES) == set(DATA_WORDS) == set(DataClass)
    for data, choices in CHOICES.items():
        assert choices[-1].keep_days is None
        for choice in choices:
            if choice.keep_days is not None:
                check_rules((RetentionRule(data, choice.keep_days, choice.why),))


def test_a_run_is_due_once_a_day_and_when_the_clock_went_back():
    assert run_is_due(None, NOW)
    assert not run_is_due(NOW - timedelta(hours=23), NOW)
    assert run_is_due(NOW - timedelta(hours=24), NOW)
    assert run_is_due(NOW + timedelta(hours=1), NOW)


def test_a_report_adds_up():
    run = RetentionRun(NOW, "", ((DataClass.CALLS, 2), (DataClass.NOTES, 3)))
    assert run.total == 5
