from __future__ import annotations

import pytest

from softphone.domain.call import Direction
from softphone.domain.call_policy import CallPolicy, RecordingRule
from softphone.domain.ids import UserId

MINE = (Direction.INCOMING, "sip:a@x", "+493012", UserId("u"))


@pytest.mark.parametrize(
    ("rule", "fits"),
    [
        (RecordingRule(False), True),
        (RecordingRule(False, number="+4930*"), True),
        (RecordingRule(False, number="+493012"), True),
        (RecordingRule(False, number="+4930"), False),
        (RecordingRule(False, number="[!+]*"), False),
        (RecordingRule(False, Direction.OUTGOING), False),
        (RecordingRule(False, Direction.INCOMING, "sip:a@x", "+49*", UserId("u")), True),
        (RecordingRule(False, Direction.INCOMING, "sip:a@x", "+49*", UserId("v")), False),
    ],
)
def test_a_rule_fits_by_all_its_conditions(rule: RecordingRule, fits: bool):
    assert rule.fits(*MINE) is fits


def test_without_a_fitting_rule_calls_are_recorded():
    assert CallPolicy().records(*MINE)
    assert CallPolicy(recording_rules=(RecordingRule(False, number="+1*"),)).records(*MINE)


def test_the_first_fitting_rule_decides():
    rules = (RecordingRule(True, number="+4930*"), RecordingRule(False))
    assert CallPolicy(recording_rules=rules).records(*MINE)
    assert not CallPolicy(recording_rules=rules[::-1]).records(*MINE)
