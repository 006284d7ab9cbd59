"""The SIP agent: owns every pjsua2 object, on one thread; commands in, frozen events out."""

from __future__ import annotations

import functools
import gc
import logging
import queue
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pjsua2 as pj

from softphone.app.media import FrameSink, FrameSource
from softphone.domain.account import Account, Registration, RegistrationState
from softphone.domain.call import Call, CallState, Direction, Disposition
from softphone.domain.events import CallChanged, EngineEvent, RegistrationChanged
from softphone.domain.ids import AccountId, CallId, new_id
from softphone.sip.account import SipAccount, account_config, rotate_srtp_keys
from softphone.sip.call import SipCall
from softphone.sip.edge import Change, EdgeDown, EdgeUp
from softphone.sip.edge_thread import EdgeThread
from softphone.sip.endpoint import start_endpoint, stop_endpoint
from softphone.sip.frames import frame_access
from softphone.sip.media_ports import SinkPort, SourcePort
from softphone.sip.registration import registration_after

log = logging.getLogger(__name__)

MAX_LINES = 8
POLL_MS = 50
"""SIP and :meth:`SipAgent.post` wake the loop at once; this is only its slowest beat."""
KEEP_PORT_S = 1.0
QUALITY_EVERY_S = 1.0
COLLECT_EVERY_S = 30.0


class _Line:
    """One account: its settings, its edge, and its PJSIP account once there is an address."""

    def __init__(self, account: Account, password: str) -> None:
        self.account = account
        self.password = password
        self.sip: SipAccount | None = None
        self.config: pj.AccountConfig | None = None
        self.tls = ""
        self.last = Registration(account.id, RegistrationState.UNREGISTERED, datetime.now(UTC))


class SipAgent:
    """Runs PJSIP. Construct, call :meth:`run` on the same thread, and post work from others."""

    def __init__(
        self, source: FrameSource, sink: FrameSink, emit: Callable[[EngineEvent], None]
    ) -> None:
        self._emit = emit
        self._work: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._running = True
        self._edges = EdgeThread()
        self._lines: dict[AccountId, _Line] = {}
        self._calls: dict[CallId, SipCall] = {}
        self._graveyard: list[tuple[float, object]] = []
        self._endpoint = start_endpoint()
        self._read, write, self.fast_frames = frame_access()
        self._mic = SourcePort("microphone", source, write)
        self._speaker = SinkPort("speaker", sink, self._read)
        self._edges.start()

    # --- from any thread ------------------------------------------------------------------------

    def post(self, work: Callable[[], None]) -> None:
        """Run ``work`` on the PJ thread."""
        self._work.put(work)
        self._edges.wake()

    def stop(self) -> None:
        """Ask the loop to end."""
        self.post(self._stop_running)

    # --- the loop -------------------------------------------------------------------------------

    def run(self) -> None:
        """Handle SIP and commands until stopped, then end in order."""
        # Only this thread may collect: elsewhere a collected call would hang up (pjproject 3856).
        gc.collect()
        gc.freeze()
        gc.disable()
        next_quality = next_collect = time.monotonic()
        while self._running:
            self._endpoint.libHandleEvents(POLL_MS)
            self._drain()
            now = time.monotonic()
            if now >= next_quality:
                next_quality = now + QUALITY_EVERY_S
                self._measure()
                self._bury(now)
            if now >= next_collect and not self._calls:
                next_collect = now + COLLECT_EVERY_S
                gc.collect()
        self._shut_down()

    def _drain(self) -> None:
        while True:
            try:
                work = self._work.get_nowait()
            except queue.Empty:
                return
            try:
                work()
            except pj.Error as error:
                log.error("PJSIP refused: %s", error.status)
            except Exception:
                log.exception("a command failed")

    def _stop_running(self) -> None:
        self._running = False

    def _shut_down(self) -> None:
        for call in tuple(self._calls.values()):
            self._try(call.end)
        deadline = time.monotonic() + 3
        while self._calls and time.monotonic() < deadline:
            self._endpoint.libHandleEvents(POLL_MS)
            self._drain()
        for line in self._lines.values():
            if line.sip is not None:
                self._try(functools.partial(line.sip.setRegistration, False))
        deadline = time.monotonic() + 1
        while time.monotonic() < deadline and any(
            line.last.state is RegistrationState.REGISTERED for line in self._lines.values()
        ):
            self._endpoint.libHandleEvents(POLL_MS)
        for line in self._lines.values():
            if line.sip is not None:
                self._try(line.sip.shutdown)
                line.sip = None
                line.config = None
        self._edges.stop()
        self._lines.clear()
        self._calls.clear()
        self._graveyard.clear()
        del self._mic, self._speaker
        stop_endpoint(self._endpoint)
        del self._endpoint

    def _try(self, work: Callable[[], None]) -> None:
        try:
            work()
        except pj.Error as error:
            log.info("PJSIP refused while ending: %s", error.status)

    # --- accounts -------------------------------------------------------------------------------

    def set_account(self, account: Account, password: str) -> None:
        """Register an account (PJ thread); repeating the same settings changes nothing."""
        known = self._lines.get(account.id)
        if known is not None and (known.account, known.password) == (account, password):
            self._emit(RegistrationChanged(known.last))
            return
        if known is not None:
            self.remove_account(account.id)
        self._lines[account.id] = _Line(account, password)
        self._tell(account.id, RegistrationState.REGISTERING)

        def changed(change: Change) -> None:
            self.post(lambda: self._edge_changed(account.id, change))

        self._edges.open_edge(account.id, account.server, account.ca_file, changed)

    def remove_account(self, account: AccountId) -> None:
        """Unregister and forget (PJ thread)."""
        line = self._lines.pop(account, None)
        if line is None:
            return
        for call in tuple(self._calls.values()):
            if call.snapshot.account == account:
                self._try(call.end)
        if line.sip is not None:
            self._try(line.sip.shutdown)
            self._graveyard.append((time.monotonic() + KEEP_PORT_S, line.sip))
        self._edges.close_edge(account)

    def _edge_changed(self, account: AccountId, change: Change) -> None:
        line = self._lines.get(account)
        if line is None:
            return
        if isinstance(change, EdgeDown):
            line.tls = ""
            self._tell(
                account,
                RegistrationState.FAILED,
                what=change.problem.what,
                why=change.problem.why,
                next_try_s=change.retry_s,
            )
            return
        line.tls = change.tls
        self._tell(account, RegistrationState.REGISTERING)
        self._register(line, change)

    def _register(self, line: _Line, up: EdgeUp) -> None:
        if line.sip is not None and line.config is not None:
            if line.config.mediaConfig.transportConfig.boundAddress != up.local_ip:
                line.config.mediaConfig.transportConfig.boundAddress = up.local_ip
                line.sip.modify(line.config)
            line.sip.setRegistration(True)
            return
        line.config = account_config(line.account, line.password, up.edge_port, up.local_ip)
        line.sip = SipAccount(line.account, up.edge_port, self._registered, self._incoming)
        line.sip.create(line.config)

    def _registered(self, sip: SipAccount, code: int, expires_s: int) -> None:
        line = self._lines.get(sip.account.id)
        if line is None or not line.tls:
            return
        line.last = registration_after(line.last, code, expires_s, line.tls, datetime.now(UTC))
        self._emit(RegistrationChanged(line.last))

    def _tell(
        self,
        account: AccountId,
        state: RegistrationState,
        what: str = "",
        why: str = "",
        next_try_s: float = 0.0,
    ) -> None:
        line = self._lines[account]
        # "Since when" survives retries: a failing registrar fails since the first failure.
        same = line.last.state is state and line.last.why == why
        retrying = state is RegistrationState.REGISTERING and line.last.why
        since = line.last.since if same else datetime.now(UTC)
        if retrying:
            return
        line.last = Registration(
            account, state, since, tls=line.tls, what=what, why=why, next_try_s=next_try_s
        )
        self._emit(RegistrationChanged(line.last))

    # --- calls ----------------------------------------------------------------------------------

    def dial(self, account: AccountId, call_id: CallId, target: str) -> None:
        """Place a call (PJ thread). ``target`` is E.164, an extension or ``user@host``."""
        line = self._lines.get(account)
        if line is None or line.sip is None or not line.tls:
            why = (line.last.why if line else "") or "The phone is not registered."
            self._never_began(account, call_id, target, why)
            return
        if len(self._calls) >= MAX_LINES:
            self._never_began(account, call_id, target, f"All {MAX_LINES} lines are in use.")
            return
        self._fresh_keys(line)
        call = self._new_call(line.sip, call_id, Direction.OUTGOING, target)
        uri = f"sip:{target}" if "@" in target else f"sip:{target}@{line.account.domain}"
        parameters = pj.CallOpParam(True)
        parameters.opt.audioCount = 1
        parameters.opt.videoCount = 0
        self._emit(CallChanged(call.snapshot))
        try:
            call.makeCall(uri, parameters)
        except pj.Error:
            self._calls.pop(call_id, None)
            self._bury_later(call)
            self._never_began(account, call_id, target, "The number cannot be dialled.")

    def _never_began(self, account: AccountId, call: CallId, target: str, why: str) -> None:
        now = datetime.now(UTC)
        self._emit(
            CallChanged(
                Call(
                    call, account, Direction.OUTGOING, CallState.ENDED, target, started_at=now,
                    ended_at=now, disposition=Disposition.FAILED, reason=why,
                )
            )
        )  # fmt: skip

    def _incoming(self, sip: SipAccount, pj_id: int, source: str) -> None:
        call_id = CallId(new_id())
        call = self._new_call(sip, call_id, Direction.INCOMING, "", pj_id)
        if source != f"127.0.0.1:{sip.edge_port}":
            log.warning("an INVITE that did not come through the edge was refused")
            self._calls.pop(call_id)
            self._bury_later(call)
            self._try(lambda: call.end(403))
            return
        call.name_from(str(call.getInfo().remoteUri))
        if len(self._calls) > MAX_LINES:
            self._try(lambda: call.end(486))
            return
        parameters = pj.CallOpParam()
        parameters.statusCode = 180
        call.answer(parameters)
        self._emit(CallChanged(call.snapshot))
        line = self._lines[sip.account.id]
        self.post(lambda: self._fresh_keys(line))

    def _new_call(
        self, sip: SipAccount, call: CallId, direction: Direction, number: str, pj_id: int = -1
    ) -> SipCall:
        made = SipCall(
            sip, sip.account.id, call, direction, number, self._mic, self._speaker,
            self._call_changed, pj_id,
        )  # fmt: skip
        self._calls[call] = made
        return made

    def _fresh_keys(self, line: _Line) -> None:
        if line.sip is not None and line.config is not None:
            rotate_srtp_keys(line.config)
            line.sip.modify(line.config)

    def _call_changed(self, call: SipCall) -> None:
        snapshot = call.snapshot
        if not snapshot.live:
            # The object must outlive its own callback: drop it from the loop, a second later.
            self._calls.pop(snapshot.id, None)
            taps = call.taps
            call.taps = None
            self._bury_later(call)
            if taps is not None:
                self._bury_later(taps)
        self._emit(CallChanged(snapshot))

    def answer(self, call: CallId) -> None:
        """Answer (PJ thread)."""
        found = self._calls.get(call)
        if found is not None:
            parameters = pj.CallOpParam(True)
            parameters.statusCode = 200
            parameters.opt.audioCount = 1
            parameters.opt.videoCount = 0
            found.answer(parameters)

    def hang_up(self, call: CallId) -> None:
        """End, cancel or decline (PJ thread)."""
        found = self._calls.get(call)
        if found is not None:
            found.end(603 if found.snapshot.state is CallState.INCOMING else 0)

    def hold(self, call: CallId, on: bool) -> None:
        """Hold or resume (PJ thread)."""
        found = self._calls.get(call)
        if found is None:
            return
        parameters = pj.CallOpParam(True)
        if on:
            found.setHold(parameters)
        else:
            parameters.opt.flag = pj.PJSUA_CALL_UNHOLD
            parameters.opt.audioCount = 1
            parameters.opt.videoCount = 0
            found.reinvite(parameters)

    def mute(self, call: CallId, on: bool) -> None:
        """Mute or unmute (PJ thread)."""
        found = self._calls.get(call)
        if found is not None:
            found.set_muted(on)

    def send_dtmf(self, call: CallId, digits: str) -> None:
        """Send digits by RFC 4733 (PJ thread)."""
        found = self._calls.get(call)
        if found is not None and found.snapshot.state is CallState.ESTABLISHED:
            found.dialDtmf(digits)

    def attach_recording(self, call: CallId, agent: FrameSink, customer: FrameSink) -> None:
        """Let two sinks hear the agent's and the customer's side (PJ thread)."""
        found = self._calls.get(call)
        if found is not None and found.taps is None:
            found.attach_taps(
                SinkPort("tap-agent", agent, self._read),
                SinkPort("tap-customer", customer, self._read),
            )

    def detach_recording(self, call: CallId) -> None:
        """Take the sinks away (PJ thread)."""
        found = self._calls.get(call)
        taps = found.detach_taps() if found is not None else None
        if taps is not None:
            self._bury_later(taps)

    # --- upkeep ---------------------------------------------------------------------------------

    def _measure(self) -> None:
        for call in tuple(self._calls.values()):
            if call.snapshot.state is CallState.ESTABLISHED:
                try:
                    call.measure()
                except pj.Error:
                    continue
                self._emit(CallChanged(replace(call.snapshot)))

    def _bury_later(self, thing: object) -> None:
        self._graveyard.append((time.monotonic() + KEEP_PORT_S, thing))

    def _bury(self, now: float) -> None:
        self._graveyard = [(due, thing) for due, thing in self._graveyard if due > now]
