"""What a data subject asks for, and the clock that runs (GDPR Art. 12 and 15 to 22)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum

from softphone.domain.errors import InvalidInput
from softphone.domain.ids import ContactId
from softphone.domain.register import add_months

MONTHS, MORE_MONTHS = 1, 2
"""GDPR Art. 12(3): one month, and two further ones where a reason is given in time."""


class RequestKind(StrEnum):
    """Which right is exercised."""

    ACCESS = "access"
    PORTABILITY = "portability"
    RECTIFICATION = "rectification"
    RESTRICTION = "restriction"
    OBJECTION = "objection"
    ERASURE = "erasure"


KIND_WORDS: dict[RequestKind, str] = {
    RequestKind.ACCESS: "Access (Art. 15)",
    RequestKind.PORTABILITY: "Portability (Art. 20)",
    RequestKind.RECTIFICATION: "Rectification (Art. 16)",
    RequestKind.RESTRICTION: "Restriction (Art. 18)",
    RequestKind.OBJECTION: "Objection (Art. 21)",
    RequestKind.ERASURE: "Erasure (Art. 17)",
}


class RequestState(StrEnum):
    """Where a request stands."""

    OPEN = "open"
    DONE = "done"
    REFUSED = "refused"


class NextStep(StrEnum):
    """What is to be done next with an open request."""

    FIND_PERSON = "find_person"
    CHECK_IDENTITY = "check_identity"
    ANSWER = "answer"
    CLOSED = "closed"


class RequestEventKind(StrEnum):
    """What happened to a request."""

    RECEIVED = "received"
    PERSON_FOUND = "person_found"
    PERSON_UNKNOWN = "person_unknown"
    IDENTITY_CHECKED = "identity_checked"
    EXTENDED = "extended"
    ANSWERED = "answered"
    CLOSED = "closed"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class RequestEvent:
    """One line of a request's history. ``at`` is UTC; ``text`` is free and may be personal."""

    kind: RequestEventKind
    at: datetime
    by: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class HandedOut:
    """A document that answered a request: its name and hash, never its content."""

    name: str
    sha256: str
    at: datetime


@dataclass(frozen=True, slots=True)
class DataRequest:
    """One request. ``name`` is as the person gave it; times are UTC."""

    id: str
    kind: RequestKind
    name: str
    channel: str
    """How it came: letter, e-mail, call..."""
    received_at: datetime
    due_at: datetime
    state: RequestState = RequestState.OPEN
    contact: ContactId | None = None
    unknown: bool = False
    """Nobody like that is in the system, and somebody has looked."""
    identity: str = ""
    """How the identity was checked."""
    extended_because: str = ""
    outcome: str = ""
    documents: tuple[HandedOut, ...] = ()
    history: tuple[RequestEvent, ...] = ()
    closed_at: datetime | None = None

    @property
    def next_step(self) -> NextStep:
        """What is to be done next."""
        if self.state is not RequestState.OPEN:
            return NextStep.CLOSED
        if self.contact is None and not self.unknown:
            return NextStep.FIND_PERSON
        # Nothing about anybody is told to somebody who is not in the system: no check is needed.
        if self.contact is not None and not self.identity:
            return NextStep.CHECK_IDENTITY
        return NextStep.ANSWER


def due(received_at: datetime, months: int = MONTHS) -> datetime:
    """Return the end (UTC) of the day on which the period ends."""
    day = add_months(received_at.astimezone(UTC).date(), months)
    return datetime.combine(day, time(), UTC) + timedelta(days=1)


def days_left(request: DataRequest, now: datetime) -> int:
    """Return whole days until the request is due; negative when it is overdue."""
    return (request.due_at - now) // timedelta(days=1)


def received(
    request_id: str, kind: RequestKind, name: str, channel: str, at: datetime, by: str
) -> DataRequest:
    """Return a new request with its clock running. Raises InvalidInput."""
    if not name.strip():
        raise InvalidInput("The request was not saved.", "It names nobody.", "Type who asks.")
    made = DataRequest(request_id, kind, name.strip(), channel.strip(), at, due(at))
    return noted(made, RequestEventKind.RECEIVED, at, by, channel.strip())


def noted(
    request: DataRequest, kind: RequestEventKind, at: datetime, by: str, text: str = ""
) -> DataRequest:
    """Return the request with one more line of history."""
    return replace(request, history=(*request.history, RequestEvent(kind, at, by, text)))


def extended(request: DataRequest, because: str, at: datetime, by: str) -> DataRequest:
    """Return the request with two more months, once, in time, and with a reason.

    GDPR Art. 12(3). Raises InvalidInput.
    """
    why = ""
    if request.extended_because:
        why = "It was extended before; the law allows it once."
    elif not because.strip():
        why = "The law asks for a reason, and the person must be told."
    elif at >= request.due_at:
        why = "The month is over."
    if why:
        raise InvalidInput("The request was not extended.", why)
    longer = due(request.received_at, MONTHS + MORE_MONTHS)
    changed = replace(request, due_at=longer, extended_because=because.strip())
    return noted(changed, RequestEventKind.EXTENDED, at, by, because.strip())


def closed(
    request: DataRequest, outcome: str, at: datetime, by: str, *, refused: bool = False
) -> DataRequest:
    """Return the request closed with its outcome. Raises InvalidInput."""
    if request.state is not RequestState.OPEN:
        raise InvalidInput("The request was not closed.", "It is closed already.")
    if not outcome.strip():
        why = "A refusal needs its reason." if refused else "The outcome is missing."
        raise InvalidInput("The request was not closed.", why, "Say what came of it.")
    state = RequestState.REFUSED if refused else RequestState.DONE
    kind = RequestEventKind.REFUSED if refused else RequestEventKind.CLOSED
    changed = replace(request, state=state, outcome=outcome.strip(), closed_at=at)
    return noted(changed, kind, at, by, outcome.strip())


def without_person(request: DataRequest) -> DataRequest:
    """Return what may be kept after the person was erased: kind, clock, outcome of the case.

    That a request was answered in time has to be provable (GDPR Art. 5(2)); who asked has not.
    """
    return replace(
        request,
        name="",
        contact=None,
        identity="",
        extended_because="",
        outcome="",
        documents=(),
        history=tuple(replace(event, text="") for event in request.history),
    )
