"""The recorder: taps -> encoder -> journal, on a thread of its own.

Both sides are written in step, one frame each a tick, so that the channels never shift against each
other: each side counts its ticks, and a frame is written only beside that of the same tick. While
paused nothing is captured: frames are dropped where they arrive.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from softphone.app.media import FRAME_BYTES, FRAME_MS, Encoder, EncoderFactory
from softphone.app.ports import Journal, RecordingWriter
from softphone.domain.errors import SoftphoneError, StorageFailed
from softphone.domain.events import EngineEvent, RecordingFailed, RecordingStopped
from softphone.domain.ids import CallId, RecordingId
from softphone.domain.recording import Gap, GapReason, RecordingOrder, SealedRecording

log = logging.getLogger(__name__)

FLUSH_EVERY_S = 1.0
"""What a crash may cost; waking up more often costs CPU and saves nothing."""


@dataclass
class Side:
    """One channel's frames on their way from the media tick to the recorder's thread.

    Either each is put by the tick, or they wait at the tap until they are drawn: before anything
    that counts ticks, or changes whether they are captured.
    """

    take: Take
    frames: deque[tuple[int, bytes]] = field(default_factory=deque)
    """Each with the number of its tick."""
    ticks: int = 0
    _drain: Callable[[], bytes] | None = None
    _drawing: threading.RLock = field(default_factory=threading.RLock)

    def put_frame(self, frame: bytes) -> None:
        """Take one frame (media tick: copy and return)."""
        if not self.take.paused:
            self.frames.append((self.ticks, frame))
        self.ticks += 1

    def draw_from(self, drain: Callable[[], bytes] | None) -> None:
        """Draw frames by ``drain`` from now on; with None what is left there, and no more."""
        with self._drawing:
            self.draw()
            self._drain = drain

    def draw(self) -> int:
        """Take what waits at the tap; return how many ticks there were until now."""
        with self._drawing:
            pcm = self._drain() if self._drain is not None else b""
            for begin in range(0, len(pcm), FRAME_BYTES):
                self.put_frame(pcm[begin : begin + FRAME_BYTES])
            return self.ticks


class Take:
    """One recording under way."""

    def __init__(self, order: RecordingOrder) -> None:
        self.order = order
        self.paused = False
        self.agent = Side(self)
        self.customer = Side(self)
        self.writer: RecordingWriter | None = None
        self.encoder: Encoder | None = None
        self.frames_written = 0
        self.failed = False
        self.paused_at = 0.0
        self.pause_reason = GapReason.AGENT_PAUSED
        self.pauses = 0
        self.resumed = 0
        """Which pause was last taken back: its end may still wait for the recorder's thread."""

    def begin_anew(self) -> None:
        """Let both sides count from the same tick: taps were just taken away from them.

        One tap may have been taken away a tick before the other; without this each transfer could
        shift the channels by a frame more.
        """
        while True:  # until no tick came between the two: both have the same ones
            before = self.agent.draw()
            self.customer.draw()
            if self.agent.draw() == before:
                break
        self.agent.ticks = self.customer.ticks = max(self.agent.ticks, self.customer.ticks) + 1

    def realign(self) -> None:
        """Begin anew where a tap missed ticks: within a tick the sides differ by one, no more."""
        before, customer, after = self.agent.draw(), self.customer.draw(), self.agent.draw()
        if not before - 1 <= customer <= after + 1:
            self.begin_anew()

    def draw(self) -> None:
        """Take what waits at the taps."""
        self.agent.draw()
        self.customer.draw()

    def pairs(self) -> tuple[bytes, bytes]:
        """Take out what both sides have of the same ticks; what one alone has is dropped."""
        self.draw()
        left, right = self.agent.frames, self.customer.frames
        both: list[tuple[bytes, bytes]] = []
        while left and right:
            if left[0][0] == right[0][0]:
                both.append((left.popleft()[1], right.popleft()[1]))
            else:
                (left if left[0][0] < right[0][0] else right).popleft()
        self.frames_written += len(both)
        return b"".join(a for a, _ in both), b"".join(c for _, c in both)

    def let_go(self) -> None:
        """Drop what is large: a take and its sides refer to each other, and live a while on."""
        self.writer = None
        self.encoder = None
        self.agent.frames.clear()
        self.customer.frames.clear()

    @property
    def audio_ms(self) -> int:
        """Length captured so far."""
        return self.frames_written * FRAME_MS


class Recorder:
    """Runs takes; commands come from the PJ thread and are queued."""

    def __init__(
        self,
        encoders: EncoderFactory,
        journals: Callable[[bytes], Journal],
        emit: Callable[[EngineEvent], None],
    ) -> None:
        self._encoders = encoders
        self._journals = journals
        self._emit = emit
        self._work: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._takes: dict[RecordingId, Take] = {}
        self._journal: Journal | None = None
        self._journal_key = b""
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)
        self._thread.start()

    # --- from other threads ---------------------------------------------------------------------

    def open_journal(self, key: bytes) -> None:
        """Open the journal with this key, once."""
        self._work.put(lambda: self._open_journal(key))

    def start(self, order: RecordingOrder) -> Take:
        """Begin a take; its sides can be attached at once."""
        take = Take(order)
        self._work.put(lambda: self._begin(take))
        return take

    def pause(self, take: Take, reason: GapReason) -> None:
        """Capture nothing from now on."""
        take.draw()
        take.paused = True
        take.paused_at = time.monotonic()
        take.pause_reason = reason
        take.pauses += 1

    def resume(self, take: Take) -> None:
        """Capture again; the gap is noted once, with its true length."""
        if take.resumed == take.pauses:
            return
        take.resumed = take.pauses
        length_ms = round((time.monotonic() - take.paused_at) * 1000)
        reason, number = take.pause_reason, take.pauses
        self._work.put(lambda: self._end_pause(take, length_ms, reason, number))

    def mark(self, take: Take, reason: GapReason, call: CallId) -> None:
        """Note an event of no length at this moment: a transfer, a leg of a conference."""
        self._work.put(lambda: self._mark(take, reason, call))

    def finish(self, take: Take) -> None:
        """Seal a take; RecordingStopped follows."""
        if take.paused:
            self.resume(take)
        self._work.put(lambda: self._finish(take))

    def list_sealed(self, answer: Callable[[Sequence[SealedRecording], str], None]) -> None:
        """Call ``answer`` with what waits in the journal, or with the problem."""
        self._work.put(lambda: self._list_sealed(answer))

    def forget(self, recording: RecordingId) -> None:
        """Drop a row that the vault has taken."""
        self._work.put(lambda: self._forget(recording))

    def stop(self) -> None:
        """Seal everything and end the thread."""
        for take in tuple(self._takes.values()):
            self.finish(take)
        self._work.put(None)
        self._thread.join(timeout=10)

    # --- the recorder's thread ------------------------------------------------------------------

    def _run(self) -> None:
        next_flush = time.monotonic() + FLUSH_EVERY_S
        while True:
            try:
                work = self._work.get(
                    timeout=max(0.0, next_flush - time.monotonic()) if self._takes else None
                )
            except queue.Empty:
                work = self._nothing
            if work is None:
                break
            try:
                work()
            except Exception:  # one command must not end the recorder
                log.exception("the recorder failed")
            flush = time.monotonic() >= next_flush
            if flush:
                next_flush = time.monotonic() + FLUSH_EVERY_S
            for take in tuple(self._takes.values()):
                self._advance(take, flush=flush)
        if self._journal is not None:
            self._journal.close()

    def _nothing(self) -> None:
        """Woken by time alone."""

    def _open_journal(self, key: bytes) -> None:
        if self._journal is not None and key == self._journal_key:
            return
        if self._journal is not None:
            self._journal.close()
        self._journal = self._journals(key)
        self._journal_key = key

    def _begin(self, take: Take) -> None:
        self._takes[take.order.recording] = take
        try:
            if self._journal is None:
                raise StorageFailed("The call is not recorded.", "Nobody is signed in.")
            take.encoder = self._encoders(take.order.codec)
            take.writer = self._journal.begin(take.order)
        except SoftphoneError as error:
            self._fail(take, error)

    def _advance(self, take: Take, *, flush: bool) -> None:
        if take.failed or take.writer is None or take.encoder is None:
            return
        left, right = take.pairs()
        try:
            if left:
                take.writer.write(take.encoder.encode(left, right))
            if flush:
                take.writer.flush()
        except SoftphoneError as error:
            self._fail(take, error)

    def _mark(self, take: Take, reason: GapReason, call: CallId) -> None:
        self._advance(take, flush=False)
        if take.writer is not None and not take.failed:
            take.writer.add_gap(Gap(take.audio_ms, 0, reason, call))

    def _end_pause(self, take: Take, length_ms: int, reason: GapReason, number: int) -> None:
        self._advance(take, flush=False)
        if take.writer is not None and not take.failed:
            take.writer.add_gap(Gap(take.audio_ms, length_ms, reason))
        if number == take.pauses:  # one pause may follow another for a different reason
            take.realign()
            take.paused = False

    def _finish(self, take: Take) -> None:
        self._advance(take, flush=False)
        self._takes.pop(take.order.recording, None)
        if take.writer is None or take.encoder is None:
            return
        if not take.failed:
            try:
                take.writer.write(take.encoder.finish())
                take.writer.finish(take.audio_ms)
            except SoftphoneError as error:
                self._fail(take, error)
        if take.failed:
            take.writer.close()
        take.let_go()
        self._emit(RecordingStopped(take.order.call, take.order.recording))

    def _fail(self, take: Take, error: SoftphoneError) -> None:
        take.failed = True
        take.paused = True
        take.agent.frames.clear()
        take.customer.frames.clear()
        log.error("recording failed: %s", type(error).__name__)
        self._emit(
            RecordingFailed(
                take.order.call,
                take.order.recording,
                "This call is no longer recorded." if take.writer else "This call is not recorded.",
                error.why or error.what,
                error.do or "What was recorded until now is kept.",
            )
        )

    def _list_sealed(self, answer: Callable[[Sequence[SealedRecording], str], None]) -> None:
        if self._journal is None:
            answer((), "")
            return
        try:
            answer(self._journal.sealed(), "")
        except SoftphoneError as error:
            answer((), str(error))

    def _forget(self, recording: RecordingId) -> None:
        if self._journal is not None:
            self._journal.forget(recording)
