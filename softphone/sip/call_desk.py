"""All calls of all lines; used on the PJ thread."""

from __future__ import annotations

import functools
import logging
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pjsua2 as pj

from softphone.domain.account import Transport
from softphone.domain.call import (
    IPV6_SOUND,
    Availability,
    Call,
    CallState,
    Direction,
    Disposition,
)
from softphone.domain.call_policy import CallPolicy
from softphone.domain.events import CallChanged, EngineEvent
from softphone.domain.ids import AccountId, CallId, new_id
from softphone.domain.phone_build import PhoneBuild
from softphone.sip.account import SipAccount
from softphone.sip.call import Change, SipCall
from softphone.sip.graveyard import Graveyard, attempt
from softphone.sip.identity import caller
from softphone.sip.incoming import (
    AnswerNow,
    Forward,
    Refuse,
    Ring,
    Treatment,
    ipv6_sound_only,
    read_invite,
    treat,
)
from softphone.sip.lines import Lines
from softphone.sip.session_changes import SessionChanges
from softphone.sip.uri import presented_number, uri_of

log = logging.getLogger(__name__)


class CallDesk:
    """Places, takes and connects calls. Strong references live here until a call has ended."""

    def __init__(
        self,
        microphone: pj.AudioMedia,
        speaker: pj.AudioMedia,
        hold_tone: pj.AudioMedia,
        graveyard: Graveyard,
        build: PhoneBuild,
        emit: Callable[[EngineEvent], None],
        post: Callable[[Callable[[], None]], None],
    ) -> None:
        self._microphone = microphone
        self._speaker = speaker
        self._hold_tone = hold_tone
        self._graveyard = graveyard
        self._build = build
        self._emit = emit
        self._post = post
        self._calls: dict[CallId, SipCall] = {}
        self._availability = Availability()
        self._policy = CallPolicy()
        self._later: list[tuple[float, Callable[[], None]]] = []
        self._changes = SessionChanges(self.find, self._run_later)
        self._forwarding: dict[CallId, tuple[float, str]] = {}
        self.lines: Lines | None = None
        self.over: Callable[[SipCall], None] = lambda _call: None
        """Takes back what a call used, when it has ended."""
        self.straddled: Callable[[float], None] = lambda _now: None
        """Told each second in which the only call's packets come just when the media ticks."""

    @property
    def live(self) -> int:
        """How many calls there are."""
        return len(self._calls)

    @property
    def numbers(self) -> set[int]:
        """PJSIP's numbers of the calls that go on."""
        return {call.pj_number for call in self._calls.values()}

    def find(self, call: CallId) -> SipCall | None:
        """Return a call that goes on."""
        return self._calls.get(call)

    # --- beginning ------------------------------------------------------------------------------

    def dial(self, account: AccountId, call_id: CallId, target: str) -> None:
        """Place a call; ``target`` is E.164, an extension or ``user@host``. Others are held."""
        line = self.lines.get(account) if self.lines else None
        if line is None or line.sip is None or not line.connected or self.lines is None:
            why = (line.last.why if line else "") or "The phone is not registered."
            self._never_began(account, call_id, target, why)
            return
        if len(self._calls) >= self._build.lines:
            self._never_began(account, call_id, target, "All lines are in use.")
            return
        self.lines.fresh_keys(line)
        self._hold_others(None)
        call = self._new_call(line.sip, call_id, Direction.OUTGOING, target)
        self._emit(CallChanged(call.snapshot))
        if not attempt(
            functools.partial(call.makeCall, uri_of(target, line.account.domain), _audio_only())
        ):
            self._calls.pop(call_id, None)
            self._graveyard.bury(call, call.pj_number)
            self._never_began(account, call_id, target, "The number cannot be dialled.")

    def incoming(self, sip: SipAccount, pj_id: int, source: str, request: str) -> None:
        """Take an INVITE: only through the edge, and as the agent's availability says."""
        live = len(self._calls)
        call = self._new_call(sip, CallId(new_id()), Direction.INCOMING, "", pj_id)
        if not sip.trusts(source):
            log.warning("an INVITE that came another way than through the edge was refused")
            self._calls.pop(call.snapshot.id)
            self._graveyard.bury(call, call.pj_number)
            attempt(functools.partial(call.end, 403))
            return
        invite = read_invite(request)
        asserted = self._policy.trust_asserted_identity
        call.name(*caller(str(call.getInfo().remoteUri), invite, trust_asserted=asserted))
        if not sip.sound_over_ipv6 and ipv6_sound_only(request):
            # It would ring, and end as soon as it is answered: here is no such sound.
            attempt(functools.partial(call.end, 488, IPV6_SOUND))
            return
        wished = self._availability
        if self._policy.auto_answer_by_header:
            wished = replace(wished, auto_answer_by_header=True)
        self._treat(call, treat(wished, invite, live, self._build.lines))
        line = self.lines.get(sip.account.id) if self.lines else None
        if line is not None and self.lines is not None:
            self._post(functools.partial(self.lines.fresh_keys, line))

    def _treat(self, call: SipCall, treatment: Treatment) -> None:
        match treatment:
            case Refuse(status):
                attempt(functools.partial(call.end, status))
            case Forward(target):
                self._forward(call, target)
            case AnswerNow():
                call.snapshot = replace(call.snapshot, auto_answered=True)
                self._emit(CallChanged(call.snapshot))
                self.answer(call.snapshot.id)
            case Ring(then, after_s):
                parameters = pj.CallOpParam()
                parameters.statusCode = 180
                call.answer(parameters)
                if then:
                    self._forwarding[call.snapshot.id] = (time.monotonic() + after_s, then)
                self._emit(CallChanged(call.snapshot))

    def _forward(self, call: SipCall, target: str) -> None:
        """Send the caller elsewhere by 302 with a Contact (RFC 3261 section 21.3.3)."""
        line = self.lines.get(call.snapshot.account) if self.lines else None
        domain = line.account.domain if line else ""
        parameters = pj.CallOpParam()
        parameters.statusCode = 302
        header = pj.SipHeader()
        header.hName = "Contact"
        header.hValue = f"<{uri_of(target, domain)}>"
        parameters.txOption.headers.append(header)
        attempt(functools.partial(call.answer, parameters))

    def _never_began(self, account: AccountId, call: CallId, target: str, why: str) -> None:
        now = datetime.now(UTC)
        ended = Call(
            call,
            account,
            Direction.OUTGOING,
            CallState.ENDED,
            target,
            started_at=now,
            ended_at=now,
            disposition=Disposition.FAILED,
            reason=why,
        )
        self._emit(CallChanged(ended))

    def _new_call(
        self, sip: SipAccount, call: CallId, direction: Direction, number: str, pj_id: int = -1
    ) -> SipCall:
        made = SipCall(
            sip,
            sip.account.id,
            call,
            direction,
            number,
            self._microphone,
            self._speaker,
            self._changed,
            pj_id,
            functools.partial(self._successor, sip),
            sip.account.domain,
            lambda: self._policy,
            self._changes.collided,
            hold_tone=self._hold_tone,
            secured=sip.account.transport is Transport.TLS,
            sound_over_ipv6=sip.sound_over_ipv6,
        )
        self._calls[call] = made
        return made

    def _successor(self, sip: SipAccount, before: SipCall, pj_id: int, target: str) -> SipCall:
        """Return the call that takes another one's place: we are sent to ``target`` (RFC 3515), or
        somebody's new call has taken the place (RFC 3891), which nobody has to answer.
        """
        direction = Direction.OUTGOING if target else Direction.INCOMING
        made = self._new_call(sip, CallId(new_id()), direction, "", pj_id)
        # Another person is there now: it is their number that is shown, kept and found again.
        made.name(*presented_number(target or str(made.getInfo().remoteUri)))
        made.snapshot = replace(
            made.snapshot, state=CallState.DIALLING, replaces=before.snapshot.id
        )
        return made

    # --- during a call --------------------------------------------------------------------------

    def answer(self, call: CallId) -> None:
        """Answer; other calls are held."""
        found = self._calls.get(call)
        if found is None:
            return
        self._forwarding.pop(call, None)
        self._hold_others(found)
        parameters = _audio_only()
        parameters.statusCode = 200
        attempt(functools.partial(found.answer, parameters))

    def hang_up(self, call: CallId, status: int = 0) -> None:
        """End, cancel or decline (603, or a status that says why)."""
        found = self._calls.get(call)
        if found is not None:
            ringing = found.snapshot.state is CallState.INCOMING
            attempt(functools.partial(found.end, (status or 603) if ringing else 0))

    def hang_up_all(self, account: AccountId | None = None) -> None:
        """End all calls, or those of one account."""
        for call in tuple(self._calls.values()):
            if account in (None, call.snapshot.account):
                attempt(call.end)

    def hold(self, call: CallId, on: bool) -> None:
        """Hold, or resume and hold the others."""
        found = self._calls.get(call)
        if found is None or found.hold_wanted is on:
            return
        found.hold_wanted = on
        if not on:
            self._hold_others(found)
        self._changes.make(found, Change.HOLD if on else Change.UNHOLD)

    def came_back(self, account: AccountId) -> None:
        """Tell the far sides of an account's calls our new address."""
        for call in tuple(self._calls.values()):
            if call.snapshot.account == account:
                call.refused = 0
                self._changes.make(call, Change.REFRESH)

    def _talk_alone(self, call: CallId) -> None:
        """Hold the others: of two that were dialled both may be answered."""
        kept = self._calls.get(call)
        if kept is not None and not kept.hold_wanted:
            self._hold_others(kept)

    def _hold_others(self, kept: SipCall | None) -> None:
        for other in self._calls.values():
            together = kept is not None and (other is kept or other in kept.joined)
            if not together and other.snapshot.state is CallState.ESTABLISHED:
                other.hold_wanted = True
                self._changes.make(other, Change.HOLD)

    def mute(self, call: CallId, on: bool) -> None:
        """Mute or unmute, for everybody in a conference."""
        found = self._calls.get(call)
        if found is not None:
            for one in (found, *found.joined):
                one.set_muted(on)

    def send_dtmf(self, call: CallId, digits: str, *, by_info: bool = False) -> None:
        """Send digits by RFC 4733, or by INFO."""
        found = self._calls.get(call)
        if found is None or found.snapshot.state is not CallState.ESTABLISHED:
            return
        parameters = pj.CallSendDtmfParam()
        parameters.digits = digits
        parameters.method = (
            pj.PJSUA_DTMF_METHOD_SIP_INFO if by_info else pj.PJSUA_DTMF_METHOD_RFC2833
        )
        attempt(functools.partial(found.sendDtmf, parameters))

    def transfer(self, call: CallId, target: str) -> None:
        """Blind transfer to a number or address."""
        found = self._calls.get(call)
        line = self.lines.get(found.snapshot.account) if found and self.lines else None
        if found is not None and line is not None:
            attempt(functools.partial(found.transfer_to, uri_of(target, line.account.domain)))

    def transfer_to_call(self, call: CallId, other: CallId) -> None:
        """Attended transfer: connect two of our calls with each other and leave."""
        first, second = self._calls.get(call), self._calls.get(other)
        if first is not None and second is not None and first is not second:
            attempt(functools.partial(first.transfer_to_call, second))

    def conference(self, call: CallId, other: CallId) -> None:
        """Mix two of our calls: resume what is held, then connect."""
        first, second = self._calls.get(call), self._calls.get(other)
        if first is None or second is None or first is second:
            return
        first.join(second)
        if first.snapshot.muted or second.snapshot.muted:
            self.mute(call, True)
        for one in (first, second):
            if one.hold_wanted:
                one.hold_wanted = False
                self._changes.make(one, Change.UNHOLD)

    def set_availability(self, availability: Availability) -> None:
        """Set what happens to incoming calls."""
        self._availability = availability

    def set_policy(self, policy: CallPolicy) -> None:
        """Use these rules from now on."""
        self._policy = policy

    # --- upkeep ---------------------------------------------------------------------------------

    def _run_later(self, after_s: float, work: Callable[[], None]) -> None:
        self._later.append((time.monotonic() + after_s, work))

    def run_due(self, now: float) -> int:
        """Try again what could not be done at once (``now`` is monotonic); return in how many ms
        the next is due, a day where nothing is."""
        due_now = [work for due, work in self._later if now >= due]
        self._later = [(due, work) for due, work in self._later if now < due]
        for work in due_now:
            work()
        soonest = min((due for due, _ in self._later), default=now + 86_400)
        return max(0, round((soonest - now) * 1000))

    def every_second(self, now: float) -> None:
        """Measure quality; forward what nobody answered."""
        for call in tuple(self._calls.values()):
            if call.snapshot.state is CallState.ESTABLISHED and attempt(call.measure):
                self._emit(CallChanged(call.snapshot))
                if call.straddles and self.live == 1:
                    self.straddled(now)
        for call_id, (due, target) in tuple(self._forwarding.items()):
            if now >= due:
                del self._forwarding[call_id]
                found = self._calls.get(call_id)
                if found is not None:
                    self._forward(found, target)

    def clear(self) -> None:
        """Drop all references (only after every call has ended)."""
        self._calls.clear()

    def _changed(self, call: SipCall) -> None:
        snapshot = call.snapshot
        if snapshot.established_at and not call.talked and snapshot.replaces is None:
            call.talked = True
            self._run_later(0.0, functools.partial(self._talk_alone, snapshot.id))
        if not snapshot.live:
            # The object must outlive its own callback: kept a second longer.
            self._calls.pop(snapshot.id, None)
            self._forwarding.pop(snapshot.id, None)
            self.over(call)
            self._graveyard.bury(call, call.pj_number)
        elif snapshot.established_at is not None:
            self._changes.make_put_off(call)
        self._emit(CallChanged(snapshot))


def _audio_only() -> pj.CallOpParam:
    parameters = pj.CallOpParam(True)
    parameters.opt.audioCount = 1
    parameters.opt.videoCount = 0
    return parameters
