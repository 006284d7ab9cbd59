"""Score cards: what a reviewer answered about a recording, question by question."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from softphone.domain.errors import InvalidInput
from softphone.domain.ids import RecordingId, UserId
from softphone.domain.workplace import Question


@dataclass(frozen=True, slots=True)
class Answer:
    """Points given to one question; the question stands with it as it was asked."""

    question: str
    points: int
    most: int


@dataclass(frozen=True, slots=True)
class ScoreCard:
    """One reviewer's answers about one recording; ``at`` is UTC."""

    recording: RecordingId
    reviewer: UserId
    reviewer_name: str
    at: datetime
    answers: tuple[Answer, ...]

    @property
    def percent(self) -> int:
        """Points of all questions by the most there could be, 0 to 100."""
        most = sum(answer.most for answer in self.answers)
        return round(100 * sum(answer.points for answer in self.answers) / most) if most else 0


def answers_to(questions: tuple[Question, ...], points: Mapping[str, int]) -> tuple[Answer, ...]:
    """Return the answers in the order of the questions; none is left out. Raises InvalidInput."""
    why = ""
    if not questions:
        why = "The policy asks no questions."
    elif set(points) != {question.text for question in questions}:
        why = "Every question needs an answer, and there are no others."
    elif any(not 0 <= points[q.text] <= q.most for q in questions):
        why = "A number of points is out of its bounds."
    if why:
        raise InvalidInput("The score card was not saved.", why, "Answer every question.")
    return tuple(Answer(q.text, points[q.text], q.most) for q in questions)
