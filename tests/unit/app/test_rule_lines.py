from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from softphone.app.call_rules import changed_rules, rules_as_json
from softphone.app.rule_lines import (
    colleague_lines,
    colleagues_from,
    rule_lines,
    rules_from,
    words_from,
)
from softphone.domain.call import Direction
from softphone.domain.call_policy import CallPolicy, Colleague, Notice, RecordingRule
from softphone.domain.errors import InvalidInput
from softphone.domain.ids import UserId
from softphone.domain.voice import VoiceRule, VoiceRules

word = st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=8)
rules = st.builds(
    RecordingRule,
    st.booleans(),
    st.sampled_from([None, *Direction]),
    st.one_of(st.just(""), word),
    st.one_of(st.just(""), word),
    st.one_of(st.none(), word.map(UserId)),
)


@given(st.lists(rules, max_size=4).map(tuple))
def test_rules_survive_being_written(found: tuple[RecordingRule, ...]):
    assert rules_from(rule_lines(found)) == found


@given(st.lists(st.builds(Colleague, word, word), max_size=4).map(tuple))
def test_colleagues_survive_being_written(found: tuple[Colleague, ...]):
    assert colleagues_from(colleague_lines(found)) == found


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("sometimes", "Line 1"),
        ("always\nnever colour=red", "Line 2"),
        ("never direction=sideways", "incoming or outgoing"),
        ("never number=", "and a value"),
    ],
)
def test_a_bad_rule_is_named(text: str, words: str):
    with pytest.raises(InvalidInput) as caught:
        rules_from(text)
    assert words in caught.value.why


@pytest.mark.parametrize("text", ["nobody", ", 12", "Somebody,"])
def test_a_bad_colleague_is_named(text: str):
    with pytest.raises(InvalidInput):
        colleagues_from(text)


def test_a_program_is_split_without_a_shell():
    assert words_from('crm --say "two words" {number}') == ("crm", "--say", "two words", "{number}")
    with pytest.raises(InvalidInput):
        words_from('crm "open')


def test_rules_change_by_json():
    before = CallPolicy()
    after = changed_rules(
        before,
        '{"notice": "beep", "echo_cancellation": "on", "codecs": ["PCMA"], "after_call_work_s": 9,'
        ' "colleagues": [{"name": "Ann", "address": "12"}],'
        ' "recording_rules": [{"record": false, "direction": "incoming"}]}',
    )
    assert after.notice is Notice.BEEP
    assert after.voice == VoiceRules(echo_cancellation=VoiceRule.ON)
    assert after.codecs == ("PCMA",)
    assert after.colleagues == (Colleague("Ann", "12"),)
    assert after.recording_rules == (RecordingRule(False, Direction.INCOMING),)
    assert after.redirects is before.redirects
    assert rules_as_json(after)["after_call_work_s"] == 9


@pytest.mark.parametrize(
    "text",
    ["", "[]", '{"nothing": 1}', '{"notice": "loud"}', '{"codecs": "PCMA"}',
     '{"plain_signalling": 1}', '{"recording_rules": [{"record": true, "x": 1}]}',
     '{"colleagues": [{"name": "a"}]}'],
)  # fmt: skip
def test_unusable_json_changes_nothing(text: str):
    with pytest.raises(InvalidInput):
        changed_rules(CallPolicy(), text)
