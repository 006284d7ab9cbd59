"""One PJSIP call: each callback copies, posts, and is done."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from enum import Enum, auto

import pjsua2 as pj

from softphone.domain.call import (
    IPV6_SOUND,
    TRANSFER_FAILED,
    Call,
    CallState,
    Direction,
    disposition_for,
    sentence_for,
)
from softphone.domain.call_policy import CallPolicy
from softphone.domain.ids import AccountId, CallId
from softphone.sip.graveyard import attempt
from softphone.sip.incoming import ipv6_sound_only
from softphone.sip.media_ports import Giving, Tap
from softphone.sip.quality import QualityMeter
from softphone.sip.redirects import may_follow, takes_a_place

_HOLD_STATES = {pj.PJSUA_CALL_MEDIA_LOCAL_HOLD, pj.PJSUA_CALL_MEDIA_REMOTE_HOLD}


DECLINED = 603
ASKED_WHO = (401, 407)
"""Challenges, which the library answers by itself."""


class Change(Enum):
    """A change of the session by re-INVITE."""

    HOLD = auto()
    UNHOLD = auto()
    REFRESH = auto()


class SipCall(pj.Call):
    """Wraps ``pj.Call`` and keeps the snapshot that the rest of the program sees."""

    def __init__(
        self,
        account: pj.Account,
        account_id: AccountId,
        call_id: CallId,
        direction: Direction,
        number: str,
        mic: pj.AudioMedia,
        speaker: pj.AudioMedia,
        changed: Callable[[SipCall], None],
        pj_id: int = pj.PJSUA_INVALID_ID,
        successor: Callable[[SipCall, int, str], SipCall] | None = None,
        domain: str = "",
        policy: Callable[[], CallPolicy] = CallPolicy,
        collided: Callable[[SipCall], None] = lambda _call: None,
        *,
        hold_tone: pj.AudioMedia,
        secured: bool = True,
        sound_over_ipv6: bool = False,
    ) -> None:
        """``collided``: both sides changed the session at once (491, RFC 3261 section 14.1), or
        the far side did not take our present address.

        ``secured`` says whether the keys of the sound travel encrypted.
        """
        super().__init__(account, pj_id)
        self._mic = mic
        self._speaker = speaker
        self._changed = changed
        self._successor = successor
        self._domain = domain
        self._policy = policy
        self._collided = collided
        self._secured = secured
        self._sound_over_ipv6 = sound_over_ipv6
        self._hold_tone = hold_tone
        self._hears_tone: pj.AudioMedia | None = None
        self._notice: Giving | None = None
        self.hold_wanted = False
        """What was last asked for; the far side may not have agreed yet."""
        self.put_off = False
        """Whether a change was asked for before the call was established: it comes right after."""
        self.redo: Change | None = None
        """What last changed the session: done again if it met another change of it."""
        self.talked = False
        """Whether it was established, and known to be."""
        self.refused = 0
        """How often the far side did not take our present address."""
        self.pj_number = pj_id
        self.joined: set[SipCall] = set()
        self._meter = QualityMeter()
        self.straddles = False
        """Whether the far side's packets and our media tick come at the same moments."""
        self.media: pj.AudioMedia | None = None
        self.taps: tuple[Tap, Tap] | None = None
        state = CallState.DIALLING if direction is Direction.OUTGOING else CallState.INCOMING
        self.snapshot = Call(
            call_id, account_id, direction, state, number, started_at=datetime.now(UTC)
        )

    # --- callbacks ------------------------------------------------------------------------------

    def onCallState(self, prm: pj.OnCallStateParam) -> None:
        """The dialog moved."""
        info = self.getInfo()
        self.pj_number = self.getId()
        now = datetime.now(UTC)
        if info.state == pj.PJSIP_INV_STATE_DISCONNECTED:
            self._ended(info, now)
        elif info.state == pj.PJSIP_INV_STATE_CONFIRMED:
            established = self.snapshot.established_at or now
            state = CallState.HELD if self.snapshot.held_by_us else CallState.ESTABLISHED
            self.snapshot = replace(
                self.snapshot, state=state, established_at=established, early_media=False
            )
        elif info.state == pj.PJSIP_INV_STATE_EARLY and (
            self.snapshot.direction is Direction.OUTGOING
        ):
            self.snapshot = replace(self.snapshot, state=CallState.RINGING)
        self._changed(self)

    def onCallMediaState(self, prm: pj.OnCallMediaStateParam) -> None:
        """Media was negotiated, held or resumed."""
        info = self.getInfo()
        audio = next((m for m in info.media if m.type == pj.PJMEDIA_TYPE_AUDIO), None)
        if audio is None:
            return
        active = audio.status in (
            pj.PJSUA_CALL_MEDIA_ACTIVE,
            pj.PJSUA_CALL_MEDIA_REMOTE_HOLD,
        )
        encrypted = "SRTP status: Active" in self.dump(True, "") if active else False
        if active and not encrypted:
            # Mandatory SRTP was negotiated away: end it rather than speak in the clear.
            self.end(488, "The other side offers no encryption.")
            return
        if self._hears_tone is not None:
            _stop(self._hold_tone, self._hears_tone)
            self._hears_tone = None
        held_by_them = audio.status == pj.PJSUA_CALL_MEDIA_REMOTE_HOLD
        held_by_us = audio.status == pj.PJSUA_CALL_MEDIA_LOCAL_HOLD
        codec = ""
        if active:
            self.media = self.getAudioMedia(audio.index)
            codec = self.getStreamInfo(audio.index).codecName
            self._meter.codec = codec
            self._connect()
        else:
            self.media = None
            if held_by_us and self._policy().hold_tone:
                self._hears_tone = self.getAudioMedia(audio.index)
                self._hold_tone.startTransmit(self._hears_tone)
        state = self.snapshot.state
        if state in (CallState.ESTABLISHED, CallState.HELD):
            state = CallState.HELD if held_by_us else CallState.ESTABLISHED
        self.snapshot = replace(
            self.snapshot,
            state=state,
            held_by_us=held_by_us,
            held_by_them=held_by_them,
            early_media=active
            and self.snapshot.established_at is None
            and self.snapshot.direction is Direction.OUTGOING,
            encrypted=(encrypted and self._secured) or self.snapshot.encrypted,
            codec=codec or self.snapshot.codec,
        )
        self._changed(self)

    def onCallRedirected(self, prm: pj.OnCallRedirectedParam) -> int:
        """The far side sends us elsewhere (3xx): followed as the policy says."""
        if may_follow(str(prm.targetUri), self._domain, self._policy().redirects):
            return pj.PJSIP_REDIRECT_ACCEPT
        return pj.PJSIP_REDIRECT_REJECT

    def onCallTsxState(self, prm: pj.OnCallTsxStateParam) -> None:
        """A request within the call moved on: one met another (glare), or nothing can be heard."""
        state = prm.e.body.tsxState
        if state.tsx.role != pj.PJSIP_ROLE_UAC or state.tsx.method != "INVITE":
            return
        if state.tsx.statusCode == 491:
            self._collided(self)
        elif (
            self.redo is Change.REFRESH
            and state.tsx.state == pj.PJSIP_TSX_STATE_COMPLETED
            and state.tsx.statusCode >= 300
            and state.tsx.statusCode not in ASKED_WHO
        ):
            self.refused += 1
            self._collided(self)
        elif (
            state.tsx.statusCode == 200
            and not self._sound_over_ipv6
            and ipv6_sound_only(str(state.src.rdata.wholeMsg))
        ):
            # The library ends the call by itself, with 488 and no word.
            self.snapshot = replace(self.snapshot, reason=IPV6_SOUND)

    def onCallTransferStatus(self, prm: pj.OnCallTransferStatusParam) -> None:
        """The far side told how the transfer goes (RFC 3515 section 2.4.4)."""
        status = int(prm.statusCode)
        if status // 100 == 2 and prm.finalNotify:
            self._tell_transfer("transferred")
            prm.cont = False
            self.end()
        elif status >= 300 and prm.finalNotify:
            prm.cont = False
            self._tell_transfer(f"{TRANSFER_FAILED}{sentence_for(status)}")
        else:
            self._tell_transfer("ringing" if status == 180 else "under way")

    def onCallTransferRequest(self, prm: pj.OnCallTransferRequestParam) -> None:
        """The far side sends us elsewhere: the new call is ours to keep (RFC 3515).

        The rule for redirections holds: it is a call that somebody else has us place.
        """
        target = str(prm.dstUri)
        allowed = may_follow(target, self._domain, self._policy().redirects)
        if not allowed and not takes_a_place(target):
            prm.statusCode = DECLINED
        elif self._successor is not None:
            prm.newCall = self._successor(self, pj.PJSUA_INVALID_ID, target)

    def onCallReplaced(self, prm: pj.OnCallReplacedParam) -> None:
        """A new dialog took this one's place (RFC 3891): nobody has to answer again."""
        if self._successor is not None:
            prm.newCall = self._successor(self, int(prm.newCallId), "")

    # --- commands (on the PJ thread) ------------------------------------------------------------

    def end(self, status: int = 0, reason: str = "") -> None:
        """Hang up, cancel, or reject with a status; ``reason`` is what the agent is told."""
        if reason:
            self.snapshot = replace(self.snapshot, reason=reason)
        parameters = pj.CallOpParam()
        if status:
            parameters.statusCode = status
        self.hangup(parameters)

    def set_muted(self, on: bool) -> None:
        """Stop or resume sending the microphone, to the call and to the recording."""
        self.snapshot = replace(self.snapshot, muted=on)
        if self.media is not None:
            if on:
                self._mic.stopTransmit(self.media)
                if self.taps:
                    self._mic.stopTransmit(self.taps[0].port)
            else:
                self._connect()
        self._changed(self)

    def attach_taps(self, agent: Tap, customer: Tap) -> None:
        """Let the recording hear both sides."""
        self.taps = (agent, customer)
        self._connect()

    def detach_taps(self) -> tuple[Tap, Tap] | None:
        """Stop the recording's taps and return them."""
        taps, self.taps = self.taps, None
        if taps is not None:
            _stop(self._mic, taps[0].port)
            if self.media is not None:
                _stop(self.media, taps[1].port)
            if self._notice is not None:
                _stop(self._notice.port, taps[0].port)
        return taps

    def play_notice(self, notice: Giving) -> None:
        """Let both sides and the recording hear what tells of the recording."""
        self._notice = notice
        self._connect()

    def drop_notice(self) -> Giving | None:
        """Stop the notice and return its port."""
        notice, self._notice = self._notice, None
        if notice is not None:
            _stop(notice.port, self._speaker)
            if self.media is not None:
                _stop(notice.port, self.media)
            if self.taps is not None:
                _stop(notice.port, self.taps[0].port)
        return notice

    def change(self, what: Change) -> None:
        """Hold, resume, or tell the far side our present address, in an established call. Raises
        pj.Error while another change is under way.
        """
        parameters = pj.CallOpParam(True)
        parameters.opt.audioCount = 1
        parameters.opt.videoCount = 0
        if what is Change.REFRESH:
            # Contact and Via: over UDP there is no edge that writes our new address into them.
            parameters.opt.flag = (
                pj.PJSUA_CALL_REINIT_MEDIA | pj.PJSUA_CALL_UPDATE_CONTACT | pj.PJSUA_CALL_UPDATE_VIA
            )
        elif what is Change.UNHOLD:
            parameters.opt.flag = pj.PJSUA_CALL_UNHOLD
        if what is Change.HOLD or (what is Change.REFRESH and self.snapshot.held_by_us):
            self.setHold(parameters)
        else:
            self.reinvite(parameters)

    def transfer_to(self, uri: str) -> None:
        """Blind transfer (REFER)."""
        self.xfer(uri, pj.CallOpParam())
        self._tell_transfer("under way")

    def transfer_to_call(self, other: SipCall) -> None:
        """Attended transfer (REFER with Replaces): the far sides are joined without us."""
        self.xferReplaces(other, pj.CallOpParam())
        self._tell_transfer("under way")

    def join(self, other: SipCall) -> None:
        """Mix two calls here, so that three speak with each other."""
        self.joined.add(other)
        other.joined.add(self)
        for call in (self, other):
            call.snapshot = replace(call.snapshot, conference=True)
            call._connect()
            call._changed(call)

    def part(self) -> None:
        """Leave the conference; the others keep what they have."""
        for other in tuple(self.joined):
            other.joined.discard(self)
            if self.media is not None and other.media is not None:
                self.media.stopTransmit(other.media)
                other.media.stopTransmit(self.media)
            other.snapshot = replace(other.snapshot, conference=bool(other.joined))
            other._changed(other)
        self.joined.clear()
        self.snapshot = replace(self.snapshot, conference=False)

    def measure(self) -> None:
        """Put the quality of the last second into the snapshot."""
        if self.media is None or self.snapshot.state is not CallState.ESTABLISHED:
            return
        measured = self._meter.measure(self.getStreamStat(0), not self.snapshot.held_by_them)
        self.snapshot = replace(self.snapshot, quality=measured)
        self.straddles = self._meter.straddles

    def name(self, number: str, display: str) -> None:
        """Fill in who calls."""
        self.snapshot = replace(self.snapshot, number=number, display_name=display)

    # --- inside ---------------------------------------------------------------------------------

    def _connect(self) -> None:
        if self.media is None:
            return
        self.media.startTransmit(self._speaker)
        if not self.snapshot.muted:
            self._mic.startTransmit(self.media)
        if self.taps is not None:
            if not self.snapshot.muted:
                self._mic.startTransmit(self.taps[0].port)
            self.media.startTransmit(self.taps[1].port)
        if self._notice is not None:
            self._notice.port.startTransmit(self.media)
            self._notice.port.startTransmit(self._speaker)
            if self.taps is not None:
                self._notice.port.startTransmit(self.taps[0].port)
        for other in self.joined:
            if other.media is not None:
                self.media.startTransmit(other.media)
                other.media.startTransmit(self.media)

    def _tell_transfer(self, words: str) -> None:
        self.snapshot = replace(self.snapshot, transfer=words)
        self._changed(self)

    def _ended(self, info: pj.CallInfo, now: datetime) -> None:
        status = info.lastStatusCode
        # Answered, but never heard: to the agent it has failed.
        established = self.snapshot.established_at is not None and not self.snapshot.reason
        self.media = self._hears_tone = None
        self.part()
        self.snapshot = replace(
            self.snapshot,
            state=CallState.ENDED,
            ended_at=now,
            status=status,
            quality=self._meter.summary() or self.snapshot.quality,
            disposition=disposition_for(self.snapshot.direction, status, established=established),
            reason=self.snapshot.reason or ("" if established else sentence_for(status)),
        )


def _stop(source: pj.AudioMedia, sink: pj.AudioMedia) -> None:
    """Disconnect two ports, which may not be connected any more."""
    attempt(functools.partial(source.stopTransmit, sink))
