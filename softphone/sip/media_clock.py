"""What makes the conference bridge move on: every 20 ms one frame of every port.

PJSIP has a clock of its own for that (the null sound device). Beside a microphone with its own
clock it costs a queue and a wait: the microphone's blocks come at any moment between two ticks.
Where the library shows its C functions (Linux, macOS) the microphone itself leads: the thread that
has just completed a frame takes the bridge a step further. While no microphone leads, a thread of
ours keeps the time.
"""

from __future__ import annotations

import contextlib
import ctypes as c
import logging
import secrets
import threading
import time
from collections.abc import Callable
from typing import Any, Protocol

import pjsua2 as pj

from softphone.app.media import FRAME_BYTES, FRAME_MS, FRAME_SAMPLES, Beat, NativeCall
from softphone.app.urgency import be_prompt
from softphone.sip.library import c_functions, native_sound

log = logging.getLogger(__name__)

FRAME_S = FRAME_MS / 1000
IDLE_S = 0.1
"""Without a call the bridge has nothing to do but what was put off to its next tick."""
LEADER_LATE_S = 0.06
"""A microphone that is later than that does not lead any more; what it missed is made up for."""
ASIDE_EVERY_S, ASIDE_CHANCE = 12.0, 3
"""The jitter buffer needs some seconds to see that it may be shorter; one in so many seconds."""
SUCCESS = 0
AUDIO = 1


class _Frame(c.Structure):
    """``pjmedia_frame``."""

    _fields_ = (
        ("type", c.c_int), ("buf", c.c_void_p), ("size", c.c_size_t),
        ("timestamp", c.c_uint64), ("bit_info", c.c_uint32),
    )  # fmt: skip


class _Bridge:
    """One step of the bridge, by the library's C function. Raises OSError, AttributeError."""

    def __init__(self, endpoint: pj.Endpoint) -> None:
        self._get = c_functions().pjmedia_port_get_frame
        self._get.argtypes, self._get.restype = (c.c_void_p, c.c_void_p), c.c_int
        self._room = c.create_string_buffer(FRAME_BYTES)
        self._frame = _Frame(buf=c.cast(self._room, c.c_void_p))
        self._there = c.byref(self._frame)
        self._port = int(endpoint.audDevManager().setNoDev())
        if not self._port or self.step() != SUCCESS or self._frame.size != FRAME_BYTES:
            raise OSError("the bridge does not answer as expected")

    def step(self) -> int:
        """Mix one frame of everything; what the bridge itself would play is dropped."""
        self._frame.type, self._frame.size = AUDIO, FRAME_BYTES
        self._frame.timestamp += FRAME_SAMPLES
        return int(self._get(self._port, self._there))


class AsideChance:
    """When a tick steps aside: seldom, and by chance, as the far side may do the same."""

    def __init__(self) -> None:
        self._next = 0.0

    def falls(self, now: float) -> bool:
        """Say whether to step aside now (s, any clock); asked each second that it would help."""
        if now < self._next or secrets.randbelow(ASIDE_CHANCE):
            return False
        self._next = now + ASIDE_EVERY_S
        return True


class Clock(Protocol):
    """Keeps the bridge moving. ``beat`` may be called from any one thread, the rest on PJ's."""

    @property
    def beat(self) -> Callable[[], Beat]:
        """How a microphone moves it on by a frame of its own; :class:`Native` where C can."""
        ...

    def start(self) -> None:
        """Keep the time from now on."""
        ...

    def step_aside(self, now: float) -> None:
        """Tick half a frame later for good, by chance; told each second that it would help."""
        ...

    def busy(self, on: bool) -> None:
        """Say whether there are calls."""
        ...

    def stop(self) -> None:
        """End; a beat after this moves nothing."""
        ...


class MediaClock:
    """Keeps the bridge moving. ``beat`` may be called from any one thread, the rest on PJ's."""

    def __init__(
        self,
        step: Callable[[], object],
        register: Callable[[str], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """``step`` moves the bridge; ``register`` makes the calling thread known to PJSIP."""
        self._step, self._register, self._now = step, register, clock
        self._lock = threading.Lock()
        self._known = threading.local()
        self._sleeping = threading.Lock()
        """Let go to end a sleep; an Event would make a lock for each, fifty times a second."""
        self._sleeping.acquire()
        self._ending = self._busy = self._led = self._aside = False
        self._chance = AsideChance()
        self._last = clock()
        self._thread = threading.Thread(target=self._run, name="media-clock", daemon=True)

    def start(self) -> None:
        """Keep the time from now on."""
        self._thread.start()

    def beat(self) -> Beat:
        """Move on by a frame: the caller has one. From a thread with the right to be prompt."""
        with self._lock:
            led, self._led = self._led, True
            if not led and not self._ending:
                # Else the far side's packets would pile up by a frame, which takes long to undo.
                if self._now() - self._last >= FRAME_S / 2:
                    self._move()
                return Beat.LATE
            self._move()
            aside, self._aside = self._aside, False
            return Beat.LATER if aside else Beat.ON

    def step_aside(self, now: float) -> None:
        """Tick half a frame later for good: packets come at the same moments as the ticks.

        Told each second that it would help.
        """
        if self._chance.falls(now):
            self._aside = True

    def busy(self, on: bool) -> None:
        """Say whether there are calls."""
        if on == self._busy:
            return
        with self._lock:
            self._busy = on
            self._last = max(self._last, self._now() - FRAME_S)  # the idle time is not made up for
        self._wake()

    def stop(self) -> None:
        """End; a beat after this moves nothing."""
        with self._lock:
            self._ending = True
        self._wake()
        if self._thread.ident is not None:
            self._thread.join(timeout=2)

    def _run(self) -> None:
        be_prompt()
        while not self._ending:
            self._sleeping.acquire(timeout=max(0.0, self.keep_time()))

    def _wake(self) -> None:
        with contextlib.suppress(RuntimeError):  # it has been told already
            self._sleeping.release()

    def keep_time(self) -> float:
        """Move on as often as is due; return how long nothing is (s)."""
        with self._lock:
            every = FRAME_S if self._busy else IDLE_S
            now = self._now()
            if self._led and now - self._last < LEADER_LATE_S:
                return self._last + LEADER_LATE_S - now
            self._led = False
            if self._aside:
                self._aside = False
                self._last += FRAME_S / 2
            if now - self._last > IDLE_S + LEADER_LATE_S:
                self._last = now - every  # the machine slept: nothing to make up for
            while self._last + every <= now:
                due = self._last + every
                self._move()
                self._last = due
            return self._last + every - self._now()

    def _move(self) -> None:
        if self._ending:
            return
        if not getattr(self._known, "yes", False):
            self._register(threading.current_thread().name)
            self._known.yes = True
        self._last = self._now()
        self._step()


class _NativeBeat:
    """A beat that C knows as well."""

    def __init__(self, library: Any, clock: int) -> None:
        self._beat = library.sound_clock_beat
        self._clock = c.c_void_p(clock)
        self.native = NativeCall(c.cast(self._beat, c.c_void_p).value or 0, clock)

    def __call__(self) -> Beat:
        return _BEATS[int(self._beat(self._clock))]


_BEATS = tuple(Beat)
"""By their number in ``native/sound.h``."""


class NativeClock:
    """The same in C. Raises OSError where the bridge does not answer as expected."""

    def __init__(self, library: Any, bridge: int) -> None:
        """``bridge`` is the address of the bridge's master port. From a thread PJSIP knows."""
        library.sound_clock_new.restype = c.c_void_p
        made = library.sound_clock_new(c.c_void_p(bridge)) if bridge else None
        if made is None:
            raise OSError("the bridge does not answer as expected")
        # Never freed: a microphone may beat until the process ends.
        self._library, self._clock = library, c.c_void_p(made)
        self._chance = AsideChance()
        self.beat = _NativeBeat(library, made)
        self._thread = threading.Thread(target=self._run, name="media-clock", daemon=True)

    def start(self) -> None:
        """Keep the time from now on."""
        self._thread.start()

    def step_aside(self, now: float) -> None:
        """See :meth:`MediaClock.step_aside`."""
        if self._chance.falls(now):
            self._library.sound_clock_step_aside(self._clock)

    def busy(self, on: bool) -> None:
        """Say whether there are calls."""
        self._library.sound_clock_busy(self._clock, on)

    def stop(self) -> None:
        """End; a beat after this moves nothing."""
        self._library.sound_clock_end(self._clock)
        if self._thread.ident is not None:
            self._thread.join(timeout=2)

    def _run(self) -> None:
        be_prompt()
        self._library.sound_clock_run(self._clock)


def start_media_clock(endpoint: pj.Endpoint) -> Clock | None:
    """Take the bridge's time into our hands; None where the library keeps its own clock."""
    clock: Clock
    try:
        native = native_sound()
        if native is not None:
            clock = NativeClock(native, int(endpoint.audDevManager().setNoDev()))
        else:
            clock = MediaClock(_Bridge(endpoint).step, endpoint.libRegisterThread)
    except (OSError, AttributeError) as error:
        log.info("PJSIP keeps the media's time: %s", error)
        endpoint.audDevManager().setNullDev()
        return None
    clock.start()
    return clock
