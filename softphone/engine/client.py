"""The window's side of the engine: implements ``ports.Phone`` over the local socket."""

from __future__ import annotations

import contextlib
import itertools
import logging
import queue
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from multiprocessing.connection import Connection

import msgspec

from softphone.app.ports import RecordingPlan
from softphone.domain.account import Account
from softphone.domain.agent import AgentState
from softphone.domain.call import Availability
from softphone.domain.errors import EngineLost, StorageFailed
from softphone.domain.events import EngineEvent
from softphone.domain.ids import AccountId, CallId, RecordingId, new_id
from softphone.domain.recording import GapReason, SealedRecording
from softphone.domain.sound import SoundOrder
from softphone.engine import wire
from softphone.engine.door import knock
from softphone.paths import Profile

log = logging.getLogger(__name__)

ANSWER_WITHIN_S = 15.0


class EngineClient:
    """Commands go out on a queue, events come in on a reader thread."""

    def __init__(self, lost: Callable[[], None] = lambda: None) -> None:
        self._lost = lost
        self._connection: Connection | None = None
        self._outgoing: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._listeners: tuple[Callable[[EngineEvent], None], ...] = ()
        self._requests: dict[int, Future[tuple[SealedRecording, ...]]] = {}
        self._numbers = itertools.count(1)
        self._writer: threading.Thread | None = None
        self.pid = 0

    # --- connection -----------------------------------------------------------------------------

    def attach(self, profile: Profile) -> None:
        """Connect to the engine that runs for this profile. Raises EngineLost."""
        try:
            connection, token = knock(profile)
            connection.send_bytes(wire.encode(wire.Attach(token)))
            if not connection.poll(ANSWER_WITHIN_S):
                raise OSError("no answer")
            first = wire.decode_report(connection.recv_bytes(wire.MAX_FRAME))
        except (OSError, EOFError, ValueError, KeyError, msgspec.MsgspecError) as error:
            raise EngineLost("The phone is not running.", type(error).__name__) from error
        if not isinstance(first, wire.Attached):
            raise EngineLost("The phone is not running.", "It answered out of turn.")
        self.pid = first.pid
        self._connection = connection
        self._outgoing = queue.SimpleQueue()
        self._writer = threading.Thread(
            target=self._write, args=(connection, self._outgoing), name="engine-out", daemon=True
        )
        self._writer.start()
        threading.Thread(
            target=self._read, args=(connection,), name="engine-in", daemon=True
        ).start()

    def detach(self) -> None:
        """Leave the engine running; calls go on."""
        connection, self._connection = self._connection, None
        self._outgoing.put(None)
        if self._writer is not None:
            self._writer.join(timeout=2)  # what was asked for before leaving still goes out
        if connection is not None:
            with contextlib.suppress(OSError):
                connection.close()

    def shut_down(self) -> None:
        """End the engine."""
        self._send(wire.ShutDown())

    @property
    def attached(self) -> bool:
        """Whether the connection stands."""
        return self._connection is not None

    def _write(self, connection: Connection, outgoing: queue.SimpleQueue[bytes | None]) -> None:
        while (data := outgoing.get()) is not None:
            try:
                connection.send_bytes(data)
            except OSError:
                return

    def _read(self, connection: Connection) -> None:
        try:
            while True:
                self._take(wire.decode_report(connection.recv_bytes(wire.MAX_FRAME)))
        except (OSError, EOFError, msgspec.MsgspecError, TypeError):
            # TypeError: the connection object loses its handle when closed by detach().
            log.info("the connection to the engine ended")
        self._fail_requests()
        if self._connection is connection:
            self._connection = None
            self._lost()

    def _take(self, report: wire.AnyReport) -> None:
        if isinstance(report, wire.Happened):
            event = wire.decode_event(report)
            for listener in self._listeners:
                listener(event)
        elif isinstance(report, wire.Sealed):
            future = self._requests.pop(report.request, None)
            if future is None:
                return
            if report.problem:
                future.set_exception(StorageFailed(report.problem))
            else:
                future.set_result(report.recordings)

    def _fail_requests(self) -> None:
        while self._requests:
            _, future = self._requests.popitem()
            future.set_exception(EngineLost("The phone ended."))

    def _send(self, command: wire.AnyCommand) -> None:
        self._outgoing.put(wire.encode(command))

    # --- ports.Phone ----------------------------------------------------------------------------

    def subscribe(self, listener: Callable[[EngineEvent], None]) -> None:
        """Call ``listener`` from the reader thread for each event."""
        self._listeners = (*self._listeners, listener)

    def set_account(self, account: Account, password: str) -> None:
        """Register an account."""
        self._send(wire.SetAccount(account, password))

    def remove_account(self, account: AccountId) -> None:
        """Unregister an account."""
        self._send(wire.RemoveAccount(account))

    def set_recording_plan(self, plan: RecordingPlan, journal_key: bytes) -> None:
        """Tell how to record."""
        self._send(wire.SetRecordingPlan(plan, journal_key))

    def use_language(self, call: CallId, language: str) -> None:
        """Announce in this language in a call."""
        self._send(wire.UseLanguage(call, language))

    def dial(self, account: AccountId, target: str) -> CallId:
        """Start a call."""
        call = CallId(new_id())
        self._send(wire.Dial(account, call, target))
        return call

    def answer(self, call: CallId) -> None:
        """Answer."""
        self._send(wire.Answer(call))

    def hang_up(self, call: CallId, status: int = 0) -> None:
        """End, cancel or decline."""
        self._send(wire.HangUp(call, status))

    def transfer(self, call: CallId, target: str) -> None:
        """Blind transfer."""
        self._send(wire.Transfer(call, target))

    def transfer_to_call(self, call: CallId, other: CallId) -> None:
        """Attended transfer."""
        self._send(wire.TransferToCall(call, other))

    def conference(self, call: CallId, other: CallId) -> None:
        """Mix two calls."""
        self._send(wire.Conference(call, other))

    def set_availability(self, availability: Availability) -> None:
        """Set what happens to incoming calls."""
        self._send(wire.SetAvailability(availability))

    def set_agent_state(self, state: AgentState, reason: str = "") -> None:
        """Let calls through, or not."""
        self._send(wire.SetAgentState(state, reason))

    def hold(self, call: CallId, on: bool) -> None:
        """Hold or resume."""
        self._send(wire.Hold(call, on))

    def mute(self, call: CallId, on: bool) -> None:
        """Mute or unmute."""
        self._send(wire.Mute(call, on))

    def send_dtmf(self, call: CallId, digits: str) -> None:
        """Send digits."""
        self._send(wire.SendDtmf(call, digits))

    def sound(self, order: SoundOrder) -> None:
        """Ask something of the sound devices."""
        self._send(wire.Sound(order))

    def start_recording(self, call: CallId) -> None:
        """Begin capture."""
        self._send(wire.StartRecording(call))

    def pause_recording(self, call: CallId, reason: GapReason) -> None:
        """Pause capture."""
        self._send(wire.PauseRecording(call, reason))

    def resume_recording(self, call: CallId) -> None:
        """Resume capture."""
        self._send(wire.ResumeRecording(call))

    def stop_recording(self, call: CallId) -> None:
        """End the recording of a call for good."""
        self._send(wire.StopRecording(call))

    def permit_recording(self, call: CallId) -> None:
        """Let a call be recorded again."""
        self._send(wire.PermitRecording(call))

    def sealed_recordings(self) -> Sequence[SealedRecording]:
        """Return what waits in the journal. Raises EngineLost, StorageFailed."""
        if not self.attached:
            raise EngineLost("The phone is not running.")
        number = next(self._numbers)
        future: Future[tuple[SealedRecording, ...]] = Future()
        self._requests[number] = future
        self._send(wire.ListSealed(number))
        try:
            return future.result(timeout=ANSWER_WITHIN_S)
        except TimeoutError as error:
            self._requests.pop(number, None)
            raise EngineLost("The phone does not answer.") from error

    def forget_recording(self, recording: RecordingId) -> None:
        """Drop a recording from the journal."""
        self._send(wire.ForgetRecording(recording))

    def forget_call(self, call: CallId) -> None:
        """Drop an ended call."""
        self._send(wire.ForgetCall(call))
