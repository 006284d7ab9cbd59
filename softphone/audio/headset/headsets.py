"""All headsets with buttons: finds them, starts a reader for each, and lets them go.

One thread decides here; readers have one each. None of them is the media's or the SIP stack's.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from softphone.audio.headset.devices import HidFound, HidSystem, HidUnusable
from softphone.audio.headset.memory import HeadsetMemory
from softphone.audio.headset.reader import NO_LAMPS, HeadsetReader
from softphone.audio.headset.telephony import ControlChange
from softphone.domain.events import HeadsetsListed
from softphone.domain.headset import (
    ButtonReport,
    Headset,
    HeadsetProblem,
    HeadsetsOff,
    Lamp,
)
from softphone.domain.ids import HeadsetId

log = logging.getLogger(__name__)

LOOK_EVERY_S = 2.0
MOST = 16
TRIES = 10
"""How often a headset that cannot be opened is tried, for udev and drivers take their time."""
GONE_WITHIN_S = 1.0


class _Entry:
    """A headset that was found."""

    def __init__(self, id_: HeadsetId, found: HidFound) -> None:
        self.id = id_
        self.found = found
        self.reader: HeadsetReader | None = None
        self.ready = False
        self.problem = HeadsetProblem.NONE
        self.plugged = 0
        self.tries = 0


class HidHeadsets:
    """Headsets over a HID system; implements ``Headsets``."""

    def __init__(
        self, system: HidSystem, preference: Path | None = None, look_every_s: float = LOOK_EVERY_S
    ) -> None:
        """``preference`` is the file of :class:`HeadsetMemory`."""
        self._system = system
        self._memory = HeadsetMemory(preference)
        self._every_s = look_every_s
        self._permitted = True
        self._entries: dict[str, _Entry] = {}
        self._lamps: dict[HeadsetId, frozenset[Lamp]] = {}
        self._opens = 0
        self._lost_one = False
        self._told: HeadsetsListed | None = None
        self._listed: Callable[[HeadsetsListed], None] = lambda _listed: None
        self._pressed: Callable[[ButtonReport], None] = lambda _report: None
        self._work: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="headsets", daemon=True)

    # --- Headsets, from any thread --------------------------------------------------------------

    def start(
        self, listed: Callable[[HeadsetsListed], None], pressed: Callable[[ButtonReport], None]
    ) -> None:
        """Begin to look."""
        self._listed, self._pressed = listed, pressed
        self._work.put(lambda: self._look(forced=True))
        self._thread.start()

    def show(self, headset: HeadsetId, lit: frozenset[Lamp], *, again: bool = False) -> None:
        """Let a headset show these lamps, now and when it comes back."""
        self._work.put(lambda: self._show(headset, lit, again))

    def prefer(self, on: bool) -> None:
        """Use the buttons or do not; remembered."""
        self._work.put(lambda: self._prefer(on))

    def permit(self, on: bool) -> None:
        """Use the buttons or do not, as the policy says."""

        def permit() -> None:
            self._permitted = on
            self._look(forced=True)

        self._work.put(permit)

    def rescan(self) -> None:
        """Look again soon; what could not be opened is tried anew."""

        def rescan() -> None:
            for entry in self._entries.values():
                entry.tries = 0
            self._look(forced=True)

        self._work.put(rescan)

    def close(self) -> None:
        """Put out all lamps and end. A headset that hangs is left behind."""
        self._work.put(None)
        if self._thread.is_alive():
            self._thread.join(timeout=3)

    # --- the deciding thread --------------------------------------------------------------------

    def _run(self) -> None:
        while True:
            try:
                work = self._work.get(timeout=self._every_s)
            except queue.Empty:
                work = self._look
            if work is None:
                break
            try:
                work()
            except Exception:
                log.exception("looking for headsets failed")
        using = [e for e in self._entries.values() if e.reader is not None]
        for entry in using:
            if entry.reader is not None:
                entry.reader.stop()
        for entry in using:
            if entry.reader is not None and not entry.reader.wait(GONE_WITHIN_S):
                log.warning("a headset hangs and is left behind")
            self._memory.worked(entry.id)  # an end in good order is nobody's crash

    @property
    def _off(self) -> HeadsetsOff:
        if not self._permitted:
            return HeadsetsOff.POLICY
        return HeadsetsOff.NO if self._memory.wished else HeadsetsOff.SWITCHED_OFF

    def _look(self, *, forced: bool = False) -> None:
        if self._off is not HeadsetsOff.NO:
            self._drop_all()
        elif forced or self._lost_one or self._system.may_have_changed():
            self._lost_one = False
            try:
                self._compare(self._system.found())
            except HidUnusable as error:
                log.warning("headsets cannot be looked for: %s", error)
        for entry in tuple(self._entries.values()):
            self._try(entry)
        self._tell()

    def _compare(self, found: Sequence[HidFound]) -> None:
        there = {one.path: one for one in found[:MOST]}
        for path, entry in tuple(self._entries.items()):
            if there.get(path) != entry.found:
                self._drop(path)
        for path, one in there.items():
            if path not in self._entries:
                self._entries[path] = _Entry(self._id_for(one), one)

    def _id_for(self, found: HidFound) -> HeadsetId:
        """Return what survives unplugging; two of a kind without serial numbers are counted."""
        plain = f"{found.vendor:04x}:{found.product:04x}:{found.serial}"
        taken = {entry.id for entry in self._entries.values()}
        names = [plain, *(f"{plain}#{number}" for number in range(2, MOST + 2))]
        return next(HeadsetId(name) for name in names if name not in taken)

    def _try(self, entry: _Entry) -> None:
        again = entry.problem in (HeadsetProblem.NO_PERMISSION, HeadsetProblem.UNUSABLE)
        fresh = entry.problem is HeadsetProblem.NONE
        if entry.reader is not None or not (fresh or (again and entry.tries < TRIES)):
            return
        if self._memory.suspects(entry.id):
            log.warning("a headset that ended the phone the last time is left alone")
            entry.problem = HeadsetProblem.CRASHED
            return
        entry.tries += 1
        self._memory.opening(entry.id)
        entry.reader = HeadsetReader(
            self._system,
            entry.found,
            lambda reader: self._work.put(lambda: self._opened(reader)),
            # By the same queue: a report never comes before the list that names its headset.
            lambda change, at: self._work.put(lambda: self._pressed(_report(entry.id, change, at))),
            lambda reader, problem: self._work.put(lambda: self._ended(reader, problem)),
        )
        entry.reader.show(self._lamps.get(entry.id, NO_LAMPS), again=True)

    def _entry_of(self, reader: HeadsetReader) -> _Entry | None:
        return next((e for e in self._entries.values() if e.reader is reader), None)

    def _opened(self, reader: HeadsetReader) -> None:
        entry = self._entry_of(reader)
        if entry is None:
            return
        self._opens += 1
        entry.ready, entry.plugged, entry.problem = True, self._opens, HeadsetProblem.NONE
        self._memory.worked(entry.id)
        self._tell()

    def _ended(self, reader: HeadsetReader, problem: HeadsetProblem) -> None:
        entry = self._entry_of(reader)
        if entry is None:
            return
        self._memory.worked(entry.id)
        lost = entry.ready and problem is HeadsetProblem.UNUSABLE
        entry.reader, entry.ready, entry.problem = None, False, problem
        if lost:
            # Most likely pulled out. Not looked for at once: it may be one that fails every time.
            del self._entries[entry.found.path]
            self._lost_one = True
        self._tell()

    def _show(self, headset: HeadsetId, lit: frozenset[Lamp], again: bool) -> None:
        self._lamps[headset] = lit
        for entry in self._entries.values():
            if entry.id == headset and entry.reader is not None:
                entry.reader.show(lit, again=again)

    def _prefer(self, on: bool) -> None:
        self._memory.wish(on)
        self._look(forced=True)

    def _drop_all(self) -> None:
        for path in tuple(self._entries):
            self._drop(path)

    def _drop(self, path: str) -> None:
        entry = self._entries.pop(path)
        if entry.reader is not None:
            entry.reader.stop()
            self._memory.worked(entry.id)

    def _tell(self) -> None:
        shown = tuple(
            _shown(entry)
            for entry in self._entries.values()
            if entry.ready or entry.problem is not HeadsetProblem.NONE
        )
        now = HeadsetsListed(shown, self._off)
        if now != self._told:
            self._told = now
            self._listed(now)


def _report(headset: HeadsetId, change: ControlChange, at: float) -> ButtonReport:
    return ButtonReport(headset, change.button, change.kind, change.value, at, change.digit)


def _shown(entry: _Entry) -> Headset:
    name = entry.found.name or f"USB {entry.found.vendor:04x}:{entry.found.product:04x}"
    telephony = entry.reader.telephony if entry.ready and entry.reader is not None else None
    if telephony is None:
        return Headset(entry.id, name, problem=entry.problem)
    return Headset(entry.id, name, telephony.buttons, telephony.lamps, plugged=entry.plugged)
