from __future__ import annotations

import pytest

from softphone.app.people_commands import PEOPLE_COMMANDS
from softphone.domain.audit import Action
from softphone.domain.errors import InvalidInput, Refused
from softphone.domain.workplace import Question, WorkplaceRules
from tests.unit.app.rig import ADMIN, AGENT, DeskRig, log_of

run = PEOPLE_COMMANDS["workplace-rules"][0]


def test_the_rules_are_part_of_the_signed_policy(office: DeskRig):
    desk = office.sign_in(ADMIN)
    version = desk.session.vault.policy.version
    said = run(desk, ['{"lock_after_min": 5, "questions": [{"text": "Solved?", "most": 1}]}'])
    wanted = WorkplaceRules(5, (Question("Solved?", 1),))
    assert said == {
        "rules": {
            "lock_after_min": 5,
            "questions": ({"text": "Solved?", "most": 1},),
            "backup_keys_days": 35,
        }
    }
    assert desk.session.vault.policy.version == version + 1
    assert log_of(desk, Action.WORKPLACE_CHANGED)[0].detail == {
        "lock_after_min": "5",
        "questions": "1",
        "backup_keys_days": "35",
    }
    again = office.sign_in(AGENT)
    assert again.workplace.now() == wanted
    assert "policy" in office.kinds()


def test_who_may_not_manage_the_policy_changes_nothing(office: DeskRig):
    desk = office.sign_in(AGENT)
    with pytest.raises(Refused):
        desk.workplace.change(WorkplaceRules(0))
    assert desk.workplace.now() == WorkplaceRules()


@pytest.mark.parametrize(
    "text",
    [
        "5",
        "nonsense",
        '{"lock_after_min": "5"}',
        '{"lock_after_min": true}',
        '{"other": 1}',
        '{"questions": [{"text": 1}]}',
        '{"questions": ["Solved?"]}',
        '{"lock_after_min": 9999}',
        '{"backup_keys_days": 0}',
        '{"backup_keys_days": 401}',
        '{"backup_keys_days": "35"}',
    ],
)
def test_what_cannot_be_read_changes_nothing(office: DeskRig, text: str):
    desk = office.sign_in(ADMIN)
    with pytest.raises(InvalidInput, match="not changed"):
        run(desk, [text])
    assert desk.workplace.now() == WorkplaceRules()
