"""Commands about tags of recordings, and about deleting them."""

from __future__ import annotations

from softphone.app.command_arguments import Answer, Run, options, take, whole_path
from softphone.app.desk import Desk
from softphone.app.sending import HandOver
from softphone.domain.errors import Damaged, InvalidInput, NotFound, Refused
from softphone.domain.ids import RecordingId
from softphone.domain.relay import REFUSAL_WORDS, Correspondent

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


def _address(desk: Desk, arguments: list[str]) -> Answer:
    given, arguments = options(arguments)
    if "server" in given:
        desk.handing_over.address(None, "".join(take(arguments, "a team other than yours", 0, 1)))
        return {"until": max(one.ends_at for one in desk.sending.own_addresses()).isoformat()}
    (file, *team) = take(arguments, "the file to write, and a team other than yours", 1, 2)
    desk.handing_over.address(whole_path(file), "".join(team))
    return {"file": file}


def _hand_over(desk: Desk, arguments: list[str]) -> Answer:
    given, arguments = options(arguments)
    if "to" in given:
        recording, reason = take(arguments, "a recording and a reason", 2)
        to = desk.sending.workstation(given["to"])
        _done(desk.sending.begin_giving(RecordingId(recording), to, reason))
        return {"device": to.device, "team": to.team}
    wanted = "a recording, the address file, the file to write, and a reason"
    recording, address, file, reason = take(arguments, wanted, 4)
    made = whole_path(file)
    desk.handing_over.give(RecordingId(recording), whole_path(address), made, reason)
    return {"file": file}


def _receive(desk: Desk, arguments: list[str]) -> Answer:
    given, arguments = options(arguments)
    if "waiting" in given:
        take(arguments, "no file with --waiting", 0)
        return _take_in_waiting(desk)
    (file,) = take(arguments, "the package", 1)
    return {"recording": desk.handing_over.receive(whole_path(file))}


def _take_in_waiting(desk: Desk) -> Answer:
    """Take in what waits, one after the other; one that is refused keeps none of the others."""
    taken, problems = 0, []
    for one in desk.sending.waiting():
        work = desk.sending.begin_taking_in(one.package)
        try:
            _done(work)
            taken += 1
        except (InvalidInput, Damaged, NotFound, Refused) as error:
            problems.append(str(error))
    return {"taken_in": taken, "problems": problems}


def _handed_over(desk: Desk, arguments: list[str]) -> Answer:
    """Say which workstations can be sent to, what waits here, and what became of what was sent."""
    take(arguments, "nothing", 0)
    return {
        "workstations": [_correspondent(one) for one in desk.sending.workstations()],
        "own": [_correspondent(one) for one in desk.sending.own_addresses()],
        "sent": [
            {
                "recording": one.recording,
                "device": one.device,
                "state": one.state.value,
                "why": REFUSAL_WORDS[one.why],
                "made_at": one.made_at.isoformat(),
            }
            for one in desk.sending.sent()
        ],
        "waiting": [
            {"device": one.device, "bytes": one.size, "until": one.ends_at.isoformat()}
            for one in desk.sending.waiting()
        ],
    }


def _correspondent(one: Correspondent) -> Answer:
    return {
        "device": one.device,
        "label": one.label,
        "team": one.team,
        "until": one.ends_at.isoformat(),
    }


def _done(work: HandOver) -> None:
    while not work.step():
        continue


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


RECORDING_SLOW = frozenset({"delete-recordings", "hand-over", "receive"})
RECORDING_OPTIONS: dict[str, dict[str, str]] = {
    "handover-address": {"server": ""},
    "hand-over": {"to": "the workstation, by its name or identifier, or NAME/TEAM"},
    "receive": {"waiting": ""},
}
RECORDING_COMMANDS: dict[str, tuple[Run, str]] = {
    "tag-recording": (_tag, "replace the tags of a recording: its id and the tags"),
    "score": (_score, "show score cards: a recording; or fill yours in: the points in order"),
    "handover-address": (
        _address,
        "make the address that other workstations seal recordings for: a file, a team; "
        "with --server no file",
    ),
    "hand-over": (
        _hand_over,
        "seal a recording for another workstation: id, its address file, the package, a reason; "
        "with --to through the server: id, a reason",
    ),
    "receive": (
        _receive,
        "take in a recording that another workstation sealed: the package, or --waiting",
    ),
    "handed-over": (
        _handed_over,
        "list workstations to send recordings to, what was sent, and what waits to be taken in",
    ),
    "delete-recordings": (
        _delete,
        "say what deleting these recordings would destroy; with yes at the end, destroy it",
    ),
}
