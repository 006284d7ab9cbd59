"""All headsets with buttons and the calls: who has the call, what each shows, what presses mean.

No thread, no clock: whoever owns one tells it what happens, and when (monotonic seconds).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from softphone.domain.headset import (
    ButtonReport,
    Headset,
    HeadsetButton,
    HeadsetOrder,
    HeadsetProblem,
    Lamp,
)
from softphone.domain.headset_calls import NOTHING, AtHand, lamps, meaning
from softphone.domain.headset_switch import Press, Switch
from softphone.domain.ids import HeadsetId

_LAMP_OF = {
    HeadsetButton.HOOK: Lamp.OFF_HOOK,
    HeadsetButton.MUTE: Lamp.MUTE,
    HeadsetButton.HOLD: Lamp.HOLD,
}
Show = Callable[[HeadsetId, frozenset[Lamp], bool], None]
"""Told what a headset shows, and whether to tell the headset even if nothing changed."""


class _Plugged:
    """One headset while it is plugged in."""

    def __init__(self, headset: Headset) -> None:
        self.headset = headset
        self.shown: frozenset[Lamp] | None = None
        self._switches: dict[tuple[HeadsetButton, str], Switch] = {}

    def feed(self, report: ButtonReport, *, long_counts: bool) -> Press | None:
        """Return the press that a report means."""
        switch = self._switch(report.button, report.digit)
        long_counts = long_counts and report.button is HeadsetButton.HOOK
        return switch.feed(report.kind, report.value, report.at, long_counts=long_counts)

    def show(self, lit: frozenset[Lamp], at: float) -> None:
        """Take note of what it shows from now on."""
        self.shown = lit
        for button, lamp in _LAMP_OF.items():
            self._switch(button).light(lamp in lit, at)

    def differs(self, at: float) -> bool:
        """Whether one of its switches stands otherwise than its lamp for too long."""
        found = [switch.differs(at) for switch in tuple(self._switches.values())]
        return any(found)

    def _switch(self, button: HeadsetButton, digit: str = "") -> Switch:
        made = Switch(learns=button is HeadsetButton.HOOK)
        return self._switches.setdefault((button, digit), made)


class HeadsetLogic:
    """Follows headsets and calls; not thread-safe."""

    def __init__(self, show: Show) -> None:
        self._show = show
        self._plugged: dict[HeadsetId, _Plugged] = {}
        self._calls = NOTHING
        self._owner: HeadsetId | None = None
        """Who has the call, even while it is pulled out."""
        self._stand_in: HeadsetId | None = None
        self._last: HeadsetId | None = None
        self._preferred: HeadsetId | None = None

    @property
    def holder(self) -> HeadsetId | None:
        """The headset that has the call that is on: its owner, or who stands in for it."""
        if not self._calls.any_call:
            return None
        return self._owner if self._owner in self._plugged else self._stand_in

    def plugged(self, headsets: Sequence[Headset], at: float) -> None:
        """Take the headsets that are there now, best first."""
        known = self._plugged
        usable = [h for h in headsets if h.problem is HeadsetProblem.NONE]
        self._plugged = {}
        for headset in usable:
            before = known.get(headset.id)
            same = before is not None and before.headset.plugged == headset.plugged
            self._plugged[headset.id] = before if same and before else _Plugged(headset)
        self._settle(at)

    def preferred(self, headset: HeadsetId | None, at: float) -> None:
        """Take the headset whose sound is in use; it has calls that were answered elsewhere."""
        self._preferred = headset
        self._settle(at)

    def calls(self, calls: AtHand, at: float) -> None:
        """Take the calls as they are now."""
        if not calls.any_call and calls.ringing is None:
            self._owner = self._stand_in = None
        self._calls = calls
        self._settle(at)

    def pressed(self, report: ButtonReport) -> tuple[bool, tuple[HeadsetOrder, ...]]:
        """Return whether a report is a press, and what the phone is to do for it."""
        plugged = self._plugged.get(report.headset)
        if plugged is None:
            return False, ()
        press = plugged.feed(report, long_counts=self._calls.ringing is not None)
        if press is None:
            return False, ()
        hook = report.button is HeadsetButton.HOOK
        if hook and self._calls.any_call and self.holder != report.headset:
            # The call is on another headset: this one takes it over, as lifting a second receiver.
            self._owner = self._last = report.headset
            self._settle(report.at)
            return True, ()
        orders = meaning(report.button, press, self._calls, report.digit)
        if hook and orders and not self._calls.any_call and press is Press.SHORT:
            self._owner = self._last = report.headset
        return True, orders

    def tick(self, at: float) -> None:
        """Tell lamps again where a switch did not follow; about once a second."""
        for headset, plugged in self._plugged.items():
            if plugged.shown is not None and plugged.differs(at):
                self._show(headset, plugged.shown, True)

    def _settle(self, at: float) -> None:
        if self._calls.any_call:
            if self._owner is None:
                self._owner = self._choice()
            if self._owner in self._plugged:
                self._stand_in = None
            elif self._stand_in not in self._plugged:
                self._stand_in = self._choice()
        holder = self.holder
        for headset, plugged in self._plugged.items():
            lit = lamps(self._calls, holder=headset == holder)
            if lit != plugged.shown:
                plugged.show(lit, at)
                self._show(headset, lit, False)

    def _choice(self) -> HeadsetId | None:
        """The headset for a call that no headset has answered."""
        for wanted in (self._preferred, self._last):
            if wanted in self._plugged:
                return wanted
        return next(iter(self._plugged), None)
