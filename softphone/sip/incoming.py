"""What is done with an incoming call before anybody is asked."""

from __future__ import annotations

import re
from dataclasses import dataclass

from softphone.domain.call import Availability
from softphone.sip.message import MalformedMessage, Message, parse_head

_IPV4 = re.compile(r" \d{1,3}(\.\d{1,3}){3} ")


@dataclass(frozen=True, slots=True)
class Ring:
    """Let it ring; forward to ``then`` after ``after_s`` seconds, if a target is given."""

    then: str = ""
    after_s: int = 0


@dataclass(frozen=True, slots=True)
class AnswerNow:
    """Answer at once; the agent is warned by a sound."""


@dataclass(frozen=True, slots=True)
class Refuse:
    """Refuse with a status."""

    status: int


@dataclass(frozen=True, slots=True)
class Forward:
    """Send the caller elsewhere (302)."""

    target: str


Treatment = Ring | AnswerNow | Refuse | Forward


def treat(
    availability: Availability, invite: Message | None, live_calls: int, most_calls: int
) -> Treatment:
    """Decide what happens to a call; ``invite`` is the request, None when it was unreadable."""
    if availability.forward_always:
        return Forward(availability.forward_always)
    if availability.do_not_disturb or live_calls >= most_calls:
        if availability.forward_busy:
            return Forward(availability.forward_busy)
        return Refuse(486)
    if live_calls == 0 and (
        availability.auto_answer
        or (availability.auto_answer_by_header and invite is not None and asks_to_answer(invite))
    ):
        return AnswerNow()
    if availability.forward_no_answer:
        return Ring(availability.forward_no_answer, availability.no_answer_s)
    return Ring()


def asks_to_answer(invite: Message) -> bool:
    """Whether the caller asks for auto-answer: Call-Info answer-after, or Alert-Info."""
    for value in invite.values("Call-Info"):
        parameters = {p.strip().lower() for p in value.split(";")[1:]}
        if "answer-after=0" in parameters:
            return True
    return any(
        word in value.lower()
        for value in invite.values("Alert-Info")
        for word in ("auto answer", "alert-autoanswer", "info=alert-autoanswer", "ring-answer")
    )


def ipv6_sound_only(text: str) -> bool:
    """Whether a message's session has sound at IPv6 addresses alone (RFC 4566 section 5.7).

    Candidates of ICE count: with one over IPv4 there is a way.
    """
    lines = text.replace("\r\n", "\n").partition("\n\n")[2].splitlines()
    places = [line for line in lines if line.startswith(("c=IN IP", "a=candidate:"))]
    over_ipv4 = [line for line in places if "IN IP4" in line or _IPV4.search(line)]
    return bool(places) and not over_ipv4


def read_invite(text: str) -> Message | None:
    """Return the head of a received request, or None when it cannot be read."""
    head = text.replace("\r\n", "\n").partition("\n\n")[0].replace("\n", "\r\n")
    try:
        return parse_head(head.encode("utf-8", "surrogateescape"))
    except MalformedMessage:
        return None
