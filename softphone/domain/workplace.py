"""What the policy says of the workplace: locking, the score card, how long keys of backups hold."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from softphone.domain.errors import InvalidInput

LONGEST_LOCK_MIN = 480
LONGEST_BACKUP_KEYS_DAYS = 400
MOST_QUESTIONS = 20
LONGEST_QUESTION = 200
MOST_POINTS = 10


class LockReason(StrEnum):
    """Why the window was locked."""

    PERSON = "person"
    IDLE = "idle"
    WORKSTATION = "workstation"


@dataclass(frozen=True, slots=True)
class Question:
    """One line of the score card, answered by 0 to ``most`` points; 1 is a plain yes or no."""

    text: str
    most: int = 5


@dataclass(frozen=True, slots=True)
class WorkplaceRules:
    """Rules for every window of an organisation."""

    lock_after_min: int = 15
    """Minutes without keyboard and mouse after which the window locks; 0 for never."""
    questions: tuple[Question, ...] = ()
    """The score card of recordings; without any there is none."""
    backup_keys_days: int = 35
    """How long a restore takes a backup's keys of recordings, which lie in a file of their own."""


USUAL_WORKPLACE = WorkplaceRules()
"""What holds where a policy says nothing of it."""


def check_workplace(rules: WorkplaceRules) -> None:
    """Check what is to be published. Raises InvalidInput."""
    why = ""
    texts = [question.text.strip() for question in rules.questions]
    if not 0 <= rules.lock_after_min <= LONGEST_LOCK_MIN:
        why = f"The window locks after 1 to {LONGEST_LOCK_MIN} minutes, or never (0)."
    elif not 1 <= rules.backup_keys_days <= LONGEST_BACKUP_KEYS_DAYS:
        why = f"Keys of backups hold for 1 to {LONGEST_BACKUP_KEYS_DAYS} days."
    elif len(texts) > MOST_QUESTIONS:
        why = f"A score card has at most {MOST_QUESTIONS} questions."
    elif any(not text or len(text) > LONGEST_QUESTION for text in texts):
        why = f"A question has 1 to {LONGEST_QUESTION} characters."
    elif len(set(texts)) < len(texts):
        why = "A question is there twice."
    elif any(not 1 <= question.most <= MOST_POINTS for question in rules.questions):
        why = f"A question is worth 1 to {MOST_POINTS} points."
    if why:
        raise InvalidInput("The rules were not changed.", why, "Correct it and try again.")


def questions_from(text: str) -> tuple[Question, ...]:
    """Read a question a line; ``| 3`` at its end gives the points. Raises InvalidInput."""
    found = []
    for line in filter(str.strip, text.splitlines()):
        words, bar, points = line.rpartition("|")
        if bar and points.strip().isdecimal():
            found.append(Question(words.strip(), int(points)))
        else:
            found.append(Question(line.strip()))
    questions = tuple(found)
    check_workplace(WorkplaceRules(questions=questions))
    return questions


def question_lines(questions: tuple[Question, ...]) -> str:
    """Write questions as :func:`questions_from` reads them."""
    return "\n".join(f"{q.text} | {q.most}" for q in questions)
