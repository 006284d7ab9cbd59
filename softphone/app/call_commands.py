"""Commands on calls and on the agent's state."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict

from softphone.app.command_arguments import Answer, options
from softphone.app.command_context import Context
from softphone.app.numbers import normalise
from softphone.domain.agent import AgentState
from softphone.domain.call import Availability, Call, CallState
from softphone.domain.errors import InvalidInput
from softphone.domain.recording import GapReason

DECLINE: dict[str, int] = {"declined": 603, "busy": 486, "unavailable": 480}
"""Reasons a ringing call may be declined with, and their SIP status."""
PAUSE: dict[str, GapReason] = {
    "card": GapReason.CARD_PAYMENT,
    "agent": GapReason.AGENT_PAUSED,
}


def _dial(context: Context, arguments: list[str]) -> Answer:
    wanted, rest = options(arguments)
    desk, target = context.signed_in(), " ".join(rest)
    if "marketing" in wanted:
        return {"call": desk.campaigns.dial(target, wanted.get("reason", ""))}
    return {"call": desk.calls.dial(target)}


def _answer(context: Context, arguments: list[str]) -> Answer:
    call = context.call(CallState.INCOMING, named=arguments)
    context.phone.answer(call.id)
    return {"call": call.id}


def _hang_up(context: Context, arguments: list[str]) -> Answer:
    call = context.call(named=arguments)
    context.phone.hang_up(call.id)
    return {"call": call.id}


def _decline(context: Context, arguments: list[str]) -> Answer:
    reason = arguments[0] if arguments else "declined"
    if reason not in DECLINE:
        raise InvalidInput("Nothing was declined.", f"The reason is one of: {', '.join(DECLINE)}.")
    call = context.call(CallState.INCOMING)
    context.phone.hang_up(call.id, DECLINE[reason])
    return {"call": call.id, "status": DECLINE[reason]}


def _redial(context: Context, _: list[str]) -> Answer:
    return {"call": context.signed_in().calls.redial()}


def _agent(context: Context, arguments: list[str]) -> Answer:
    """``available``, ``after-call-work`` or ``break REASON``."""
    what, *rest = arguments or [""]
    states = {s.value.replace("_", "-"): s for s in AgentState}
    if what not in states:
        raise InvalidInput("Your state was not changed.", f"Say one of: {', '.join(states)}.")
    context.signed_in().duty.enter(states[what], " ".join(rest))
    return {"state": what, "reason": " ".join(rest)}


def _hold(on: bool) -> Callable[[Context, list[str]], Answer]:
    def run(context: Context, arguments: list[str]) -> Answer:
        call = context.call(CallState.ESTABLISHED, CallState.HELD, named=arguments)
        context.phone.hold(call.id, on)
        return {"call": call.id}

    return run


def _mute(on: bool) -> Callable[[Context, list[str]], Answer]:
    def run(context: Context, arguments: list[str]) -> Answer:
        call = context.call(CallState.ESTABLISHED, named=arguments)
        context.phone.mute(call.id, on)
        return {"call": call.id}

    return run


def _dtmf(context: Context, arguments: list[str]) -> Answer:
    digits = "".join(arguments).upper()
    if not digits or any(d not in "0123456789*#ABCD" for d in digits):
        raise InvalidInput("Nothing was sent.", "Only 0 to 9, *, # and A to D are tones.")
    call = context.call(CallState.ESTABLISHED)
    context.phone.send_dtmf(call.id, digits)
    return {"call": call.id}


def _transfer(context: Context, arguments: list[str]) -> Answer:
    call = context.call(CallState.ESTABLISHED, CallState.HELD)
    context.signed_in().calls.transfer(call.id, " ".join(arguments))
    return {"call": call.id}


def _two(context: Context) -> tuple[Call, Call]:
    """Return the held call and the one being spoken on."""
    held = [c for c in context.state.live_calls if c.state is CallState.HELD]
    if not held:
        raise InvalidInput("Nothing was done.", "It takes a held call and another one.")
    return held[-1], context.call(CallState.ESTABLISHED, CallState.RINGING)


def _complete(context: Context, _: list[str]) -> Answer:
    held, other = _two(context)
    context.signed_in().calls.connect(held.id, other.id)
    return {"call": held.id, "to": other.id}


def _conference(context: Context, _: list[str]) -> Answer:
    held, other = _two(context)
    context.phone.conference(held.id, other.id)
    return {"calls": [held.id, other.id]}


def _availability(context: Context, arguments: list[str]) -> Answer:
    """``available``, ``dnd``, ``auto-answer`` or ``forward TARGET``."""
    what, *rest = arguments or ["available"]
    if what == "forward" and rest:
        region = context.signed_in().session.vault.policy.default_region
        wanted = Availability(forward_always=normalise(" ".join(rest), region))
    elif what in ("available", "dnd", "auto-answer") and not rest:
        wanted = Availability(do_not_disturb=what == "dnd", auto_answer=what == "auto-answer")
    else:
        raise InvalidInput(
            "Nothing was changed.",
            "Say available, dnd, auto-answer, or forward and a number.",
        )
    context.signed_in().duty.set_availability(wanted)
    return {"availability": what}


def _pause(context: Context, arguments: list[str]) -> Answer:
    reason = PAUSE.get(arguments[0] if arguments else "agent")
    if reason is None:
        raise InvalidInput("Nothing was paused.", f"The reason is one of: {', '.join(PAUSE)}.")
    call = context.call(CallState.ESTABLISHED)
    context.phone.pause_recording(call.id, reason)
    return {"call": call.id, "reason": reason.value}


def _unpause(context: Context, _: list[str]) -> Answer:
    call = context.call(CallState.ESTABLISHED)
    context.phone.resume_recording(call.id)
    return {"call": call.id}


def _state(context: Context, _: list[str]) -> Answer:
    state = context.state
    return {
        "user": state.user.name if state.user else None,
        "engine_running": state.engine_running,
        "agent": {
            "state": state.agent.state.value,
            "reason": state.agent.reason,
            "since": state.agent.since.isoformat() if state.agent.since else None,
            "until": state.agent.until.isoformat() if state.agent.until else None,
            "wish": asdict(state.agent.wish),
        },
        "lines": {address: line.value for address, line in state.lines.items()},
        "mail": [{"account": m.account, "new": m.new, "old": m.old} for m in state.mail.values()],
        "registrations": [
            {
                "account": r.account,
                "state": r.state.value,
                "tls": r.tls,
                "plain": r.plain,
                "what": r.what,
                "why": r.why,
            }
            for r in state.registrations.values()
        ],
        "calls": [describe(c) for c in state.calls.values()],
        "sync": {
            "confirmed_at": state.sync_confirmed_at.isoformat()
            if state.sync_confirmed_at
            else None,
            "waiting": state.sync_waiting,
            "problem": state.sync_problem,
        },
    }


def describe(call: Call) -> Answer:
    """Return a call as the command line and its events show it."""
    return {
        "id": call.id,
        "account": call.account,
        "state": call.state.value,
        "direction": call.direction.value,
        "number": call.number,
        "name": call.display_name,
        "started_at": call.started_at.isoformat() if call.started_at else None,
        "established_at": call.established_at.isoformat() if call.established_at else None,
        "ended_at": call.ended_at.isoformat() if call.ended_at else None,
        "muted": call.muted,
        "held_by_us": call.held_by_us,
        "held_by_them": call.held_by_them,
        "encrypted": call.encrypted,
        "codec": call.codec,
        "conference": call.conference,
        "transfer": call.transfer,
        "recording": call.recording.value,
        "recording_id": call.recording_id,
        "sealed_for": call.sealed_for,
        "disposition": call.disposition.value if call.disposition else None,
        "status": call.status,
        "reason": call.reason,
        "quality": asdict(call.quality) if call.quality else None,
    }


CALL_COMMANDS: dict[str, tuple[Callable[[Context, list[str]], Answer], str]] = {
    "dial": (_dial, "place a call to a number or SIP address"),
    "redial": (_redial, "call again whom you called last"),
    "answer": (_answer, "answer the incoming call, or the one with this id"),
    "decline": (_decline, "decline the incoming call: declined, busy or unavailable"),
    "hangup": (_hang_up, "end the newest call, or the one with this id"),
    "hold": (_hold(True), "hold the call"),
    "resume": (_hold(False), "resume the held call"),
    "mute": (_mute(True), "mute the microphone"),
    "unmute": (_mute(False), "send the microphone again"),
    "dtmf": (_dtmf, "send tones"),
    "transfer": (_transfer, "send the caller to a number without asking there first"),
    "complete": (_complete, "connect the held call with the other one and leave"),
    "conference": (_conference, "mix the held call and the other one"),
    "availability": (_availability, "available, dnd, auto-answer, or forward TARGET"),
    "agent": (_agent, "available, after-call-work, or break REASON"),
    "pause-recording": (_pause, "capture nothing until resumed: agent or card"),
    "resume-recording": (_unpause, "go on recording"),
    "state": (_state, "show registrations, calls, agent, watched lines and synchronisation"),
}
