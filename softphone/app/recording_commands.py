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
    "delete-recordings": (
        _delete,
        "say what deleting these recordings would destroy; with yes at the end, destroy it",
    ),
}
