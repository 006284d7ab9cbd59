from __future__ import annotations

import pytest

from softphone.domain.errors import InvalidInput
from softphone.domain.workplace import (
    Question,
    WorkplaceRules,
    check_workplace,
    question_lines,
    questions_from,
)


def test_questions_are_written_a_line_each():
    text = "Was the caller greeted? | 1\n\n  Was it solved?  \nWhy | how | 10"
    questions = (
        Question("Was the caller greeted?", 1),
        Question("Was it solved?"),
        Question("Why | how", 10),
    )
    assert questions_from(text) == questions
    assert questions_from(question_lines(questions)) == questions
    assert questions_from(" \n") == ()


@pytest.mark.parametrize(
    ("rules", "why"),
    [
        (WorkplaceRules(-1), "minutes"),
        (WorkplaceRules(481), "minutes"),
        (WorkplaceRules(questions=(Question("a"), Question(" a "))), "twice"),
        (WorkplaceRules(questions=(Question(" "),)), "characters"),
        (WorkplaceRules(questions=(Question("x" * 201),)), "characters"),
        (WorkplaceRules(questions=(Question("a", 0),)), "points"),
        (WorkplaceRules(questions=(Question("a", 11),)), "points"),
        (WorkplaceRules(questions=tuple(Question(str(n)) for n in range(21))), "at most 20"),
    ],
)
def test_what_makes_no_sense_is_refused(rules: WorkplaceRules, why: str):
    with pytest.raises(InvalidInput, match=why):
        check_workplace(rules)


def test_what_is_usual_makes_sense():
    check_workplace(WorkplaceRules())
    check_workplace(WorkplaceRules(0, (Question("a", 1), Question("b", 10))))
