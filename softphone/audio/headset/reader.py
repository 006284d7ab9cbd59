"""One headset's own thread: whatever hangs, fails or floods there stays there."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from softphone.audio.headset.descriptor import DescriptorInvalid, parse_descriptor
from softphone.audio.headset.devices import HidDevice, HidFound, HidRefused, HidSystem, HidUnusable
from softphone.audio.headset.telephony import ControlChange, TelephonyMap
from softphone.domain.headset import HeadsetProblem, Lamp

log = logging.getLogger(__name__)

LOOK_MS = 50
"""How long a lamp may wait for a read to end."""
MOST_A_SECOND = 300
"""Input reports; a person makes a handful."""
MOST_REFUSALS = 3
"""Of lamps, one after the other; then they are left alone."""
NO_LAMPS: frozenset[Lamp] = frozenset()


class Misbehaved(Exception):  # never leaves this module
    """The device sends more than anybody can press."""


class HeadsetReader:
    """Opens one device, reports its controls and shows its lamps until stopped or lost."""

    def __init__(
        self,
        system: HidSystem,
        found: HidFound,
        opened: Callable[[HeadsetReader], None],
        changed: Callable[[ControlChange, float], None],
        ended: Callable[[HeadsetReader, HeadsetProblem], None],
    ) -> None:
        """All three are called from the reader's thread: ``opened`` once the device was understood,
        written to and read; ``changed`` with monotonic seconds, never before ``opened``; ``ended``
        once, and with a problem unless it was stopped."""
        self.found = found
        self.telephony: TelephonyMap | None = None
        self._system = system
        self._opened, self._changed, self._ended = opened, changed, ended
        self._stopping = threading.Event()
        self._wanted = NO_LAMPS
        self._again = True
        self._second, self._count = 0.0, 0
        self._refusals = 0
        self._thread = threading.Thread(target=self._run, name="headset", daemon=True)
        self._thread.start()

    def show(self, lit: frozenset[Lamp], *, again: bool) -> None:
        """Show these lamps soon; from any thread."""
        self._wanted = lit
        if again:
            self._again = True

    def stop(self) -> None:
        """Put the lamps out and let the device go; from any thread."""
        self._stopping.set()

    def wait(self, within_s: float) -> bool:
        """Wait until the device is let go; False where it hangs. It is left alone then."""
        self._thread.join(within_s)
        return not self._thread.is_alive()

    # --- the thread -----------------------------------------------------------------------------

    def _run(self) -> None:
        problem = HeadsetProblem.NONE
        try:
            device = self._system.open(self.found.path)
            try:
                self._serve(device)
            finally:
                device.close()
        except HidRefused:
            problem = HeadsetProblem.NO_PERMISSION
        except HidUnusable as error:
            log.info("a headset was let go: %s", error)
            problem = HeadsetProblem.UNUSABLE
        except DescriptorInvalid as error:
            log.warning("a headset describes itself wrongly: %s", error)
            problem = HeadsetProblem.BAD_DESCRIPTOR
        except Misbehaved:
            log.warning("a headset sent too much and was let go")
            problem = HeadsetProblem.MISBEHAVED
        except Exception:
            log.exception("the buttons of a headset failed")
            problem = HeadsetProblem.MISBEHAVED
        self._ended(self, problem)

    def _serve(self, device: HidDevice) -> None:
        telephony = TelephonyMap(parse_descriptor(device.descriptor()))
        self.telephony = telephony
        shown, opened = NO_LAMPS, False
        while not self._stopping.is_set():
            # The flag goes before the wish is read: what is wished meanwhile is told the next time.
            again, self._again = self._again, False
            wanted = self._wanted
            if again or wanted != shown:
                shown = wanted
                self._light(device, telephony, wanted)
            report = device.read(LOOK_MS if opened else 1)
            if not opened:
                opened = True
                self._opened(self)
            if report:
                self._take(telephony, report)
        if shown:
            self._light(device, telephony, NO_LAMPS)

    def _take(self, telephony: TelephonyMap, report: bytes) -> None:
        now = time.monotonic()
        if now - self._second >= 1.0:
            self._second, self._count = now, 0
        self._count += 1
        if self._count > MOST_A_SECOND:
            raise Misbehaved
        for change in telephony.read(report):
            self._changed(change, now)

    def _light(self, device: HidDevice, telephony: TelephonyMap, lit: frozenset[Lamp]) -> None:
        """Show lamps. One that takes none keeps its buttons; one that is gone fails to be read."""
        if self._refusals >= MOST_REFUSALS:
            return
        try:
            for report in telephony.show(lit):
                device.write(report)
        except HidUnusable:
            self._refusals += 1
            self._again = True
            if self._refusals >= MOST_REFUSALS:
                log.info("a headset does not take what its lamps are to show")
            return
        self._refusals = 0
