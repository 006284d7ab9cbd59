"""Commands about tags of recordings, and about deleting them."""

from __future__ import annotations

from softphone.app.command_arguments import Answer, Run, take
from softphone.app.desk import Desk
from softphone.domain.errors import InvalidInput
from softphone.domain.ids import RecordingId

_YES = "yes"


def _tag(desk: Desk, arguments: list[str]) -> Answer:
    recording, *tags = take(arguments, "a recording and its tags", 1, 21)
    return {"tags": list(desk.tagging.put(RecordingId(recording), tags))}


def _score(desk: Desk, arguments: list[str]) -> Answer:
    """``RECORDING`` shows the cards; ``RECORDING POINTS...`` answers in the policy's order."""
    recording, *points = take(arguments, "a recording, then the points of each question", 1, 21)
    questions = desk.scoring.questions()
    if points:
        if len(points) != len(questions) or not all(p.isdecimal() for p in points):
            raise InvalidInput(
                "The score card was not saved.",
                f"The policy asks {len(questions)} questions.",
                "Give a number of points for each.",
            )
        given = {q.text: int(p) for q, p in zip(questions, points, strict=True)}
        desk.scoring.save(RecordingId(recording), given)
    return {
        "questions": [{"text": q.text, "most": q.most} for q in questions],
        "cards": [
            {
                "reviewer": card.reviewer_name,
                "percent": card.percent,
                "points": [answer.points for answer in card.answers],
            }
            for card in desk.scoring.cards(RecordingId(recording))
        ],
    }


def _delete(desk: Desk, arguments: list[str]) -> Answer:
    """``RECORDING...`` says what would go; with a last ``yes`` they are destroyed."""
    sure = bool(arguments) and arguments[-1] == _YES
    wanted = [RecordingId(name) for name in (arguments[:-1] if sure else arguments)]
    if not wanted:
        raise InvalidInput("Nothing was deleted.", "No recording is named.", "Name at least one.")
    plan = desk.deletions.preview(wanted)
    answer: Answer = {
        "recordings": len(plan.recordings),
        "people": plan.people,
        "audio_ms": plan.audio_ms,
        "refused": [{"why": why, "recordings": count} for why, count in plan.refused],
        "deleted": 0,
    }
    if sure:
        job = desk.deletions.begin(plan)
        while not job.step():
            pass
        answer["deleted"] = job.done - len(job.problems)
        answer["problems"] = [str(error) for error in job.problems]
    return answer


RECORDING_SLOW = frozenset({"delete-recordings"})
RECORDING_COMMANDS: dict[str, tuple[Run, str]] = {
    "tag-recording": (_tag, "replace the tags of a recording: its id and the tags"),
    "score": (_score, "show score cards: a recording; or fill yours in: the points in order"),
    "delete-recordings": (
        _delete,
        "say what deleting these recordings would destroy; with yes at the end, destroy it",
    ),
}
