"""The SIP agent: owns every pjsua2 object, on one thread; commands in, frozen events out."""

from __future__ import annotations

import gc
import logging
import queue
import time
from collections.abc import Callable

import pjsua2 as pj

from softphone.app.media import Beat, FrameSink, FrameSource
from softphone.domain.call_policy import CallPolicy
from softphone.domain.events import EngineEvent
from softphone.sip.call_desk import CallDesk
from softphone.sip.edge_thread import EdgeThread
from softphone.sip.endpoint import open_udp, start_endpoint, stop_endpoint, use_codecs
from softphone.sip.graveyard import Graveyard
from softphone.sip.library import read_build
from softphone.sip.lines import Lines
from softphone.sip.media_clock import start_media_clock
from softphone.sip.media_ports import MUTE, ports
from softphone.sip.taps import Taps

log = logging.getLogger(__name__)

POLL_MS = 250
"""SIP and :meth:`SipAgent.post` wake the loop at once; this is only its slowest beat."""
DEAF_POLL_MS = 20
"""While nothing can wake it, what is posted waits for this."""
EVERY_S = 1.0
COLLECT_EVERY_S = 30.0
END_CALLS_WITHIN_S = 3.0
UNREGISTER_WITHIN_S = 1.0


class SipAgent:
    """Runs PJSIP. Construct, call :meth:`run` on the same thread, and post work from others.

    ``calls``, ``lines`` and ``taps`` are for that thread only: wrap commands in :meth:`post`.
    """

    def __init__(
        self,
        source: FrameSource,
        sink: FrameSink,
        emit: Callable[[EngineEvent], None],
        jitter_buffer_ms: int = 200,
        hold_tone: FrameSource = MUTE,
    ) -> None:
        """``hold_tone`` is what people on hold hear where the policy gives them a tone."""
        self._work: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._running = True
        self._due_ms = POLL_MS
        self._edges = EdgeThread()
        self._udp: dict[str, int] = {}
        self._graveyard = Graveyard()
        self._endpoint = start_endpoint(jitter_buffer_ms)
        self.build = read_build(self._endpoint)
        self._clock = start_media_clock(self._endpoint)
        made = ports()
        self._microphone = made.giving("microphone", source).port
        self._speaker = made.taking("speaker", sink)
        self._hold_tone = made.giving("hold", hold_tone).port
        self.calls = CallDesk(
            self._microphone,
            self._speaker,
            self._hold_tone,
            self._graveyard,
            self.build,
            emit,
            self.post,
        )
        self.taps = Taps(self.calls.find, made)
        self.calls.over = self.taps.free
        if self._clock is not None:
            self.calls.straddled = self._clock.step_aside
        self.lines = Lines(
            self._edges,
            self._graveyard,
            emit,
            self.post,
            self.calls.incoming,
            self.calls.hang_up_all,
            self.calls.came_back,
            self,
            lambda: not self.calls.live,
        )
        self.calls.lines = self.lines
        self._edges.start()

    # --- from any thread ------------------------------------------------------------------------

    def post(self, work: Callable[[], None]) -> None:
        """Run ``work`` on the PJ thread."""
        self._work.put(work)
        self._edges.wake()

    @property
    def beat(self) -> Callable[[], Beat] | None:
        """How a microphone leads the media (see ``MediaClock.beat``); None where it cannot."""
        return self._clock.beat if self._clock is not None else None

    def stop(self) -> None:
        """Ask the loop to end."""
        self.post(self._stop_running)

    def set_policy(self, policy: CallPolicy) -> None:
        """Use these rules for all lines and calls (PJ thread)."""
        use_codecs(self._endpoint, policy.codecs)
        self.calls.set_policy(policy)
        self.lines.set_policy(policy)

    def use_stun(self, server: str) -> None:
        """Learn our outside address from this server (PJ thread)."""
        servers = pj.StringVector()
        servers.append(server)
        self._endpoint.natUpdateStunServers(servers, False)

    def udp_transport(self, local_ip: str) -> int:
        """Return the identifier of a UDP transport at an address of ours (PJ thread)."""
        if local_ip not in self._udp:
            self._udp[local_ip] = open_udp(self._endpoint, local_ip)
        return self._udp[local_ip]

    # --- the loop -------------------------------------------------------------------------------

    def run(self) -> None:
        """Handle SIP and commands until stopped, then end in order."""
        # Only this thread may collect: elsewhere a collected call would hang up (pjproject 3856).
        gc.collect()
        gc.freeze()
        gc.disable()
        next_second = next_collect = time.monotonic()
        while self._running:
            self._turn()
            now = time.monotonic()
            if self._clock is not None:
                self._clock.busy(bool(self.calls.live))
            self._due_ms = self.calls.run_due(now)
            if now >= next_second:
                next_second = now + EVERY_S
                self.calls.every_second(now)
                self._graveyard.clear_old(now, self.calls.numbers)
            if now >= next_collect and not self.calls.live:
                next_collect = now + COLLECT_EVERY_S
                gc.collect()
        self._shut_down()

    def _turn(self) -> None:
        slowest = POLL_MS if self._edges.wakes else DEAF_POLL_MS
        self._endpoint.libHandleEvents(min(slowest, self._due_ms))
        while True:
            try:
                work = self._work.get_nowait()
            except queue.Empty:
                return
            try:
                work()
            except pj.Error as error:
                log.error("PJSIP refused: %s", error.status)
            except Exception:  # one command must not end the phone
                log.exception("a command failed")

    def _stop_running(self) -> None:
        self._running = False

    def _turn_while(self, waiting: Callable[[], bool], at_most_s: float) -> None:
        deadline = time.monotonic() + at_most_s
        while waiting() and time.monotonic() < deadline:
            self._turn()

    def _shut_down(self) -> None:
        """Hang up, unregister, drop calls, ports and accounts, collect, destroy: in this order."""
        self.calls.hang_up_all()
        self._turn_while(lambda: bool(self.calls.live), END_CALLS_WITHIN_S)
        self.lines.unregister()
        self._turn_while(lambda: self.lines.registered, UNREGISTER_WITHIN_S)
        self.lines.clear()
        if self._clock is not None:
            self._clock.stop()
        self._edges.stop()
        self.calls.clear()
        self.calls.over = lambda _call: None
        self.taps.clear()
        self._graveyard.clear()
        del self._microphone, self._speaker, self._hold_tone, self.calls, self.lines, self.taps
        stop_endpoint(self._endpoint)
        del self._endpoint
