"""Headset buttons in the phone itself: they work while the window is closed, busy or gone.

Lives on the SIP stack's thread; what the headsets report arrives there by ``post``.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence

from softphone.app.ports import Headsets
from softphone.domain.call import Call
from softphone.domain.events import EngineEvent, HeadsetPressed, HeadsetsListed
from softphone.domain.headset import (
    ButtonReport,
    Headset,
    HeadsetDeed,
    HeadsetOrder,
    HeadsetProblem,
    HeadsetsOff,
    Lamp,
    same_device,
)
from softphone.domain.headset_calls import at_hand
from softphone.domain.headset_logic import HeadsetLogic
from softphone.domain.ids import HeadsetId
from softphone.domain.sound import SoundDeed, SoundOrder
from softphone.engine import wire


class NoHeadsets:
    """Stands in where the phone was started without headset buttons; implements ``Headsets``."""

    def start(
        self, listed: Callable[[HeadsetsListed], None], pressed: Callable[[ButtonReport], None]
    ) -> None:
        """Say that there are none, and why."""
        listed(HeadsetsListed(off=HeadsetsOff.NOT_STARTED))

    def show(self, headset: HeadsetId, lit: frozenset[Lamp], *, again: bool = False) -> None:
        """Show nothing."""

    def prefer(self, on: bool) -> None:
        """Stay off."""

    def permit(self, on: bool) -> None:
        """Stay off."""

    def rescan(self) -> None:
        """Find nothing."""

    def close(self) -> None:
        """End nothing."""


class HeadsetDesk:
    """Turns presses into commands of the phone, and calls into lamps."""

    def __init__(
        self,
        headsets: Headsets,
        act: Callable[[wire.AnyCommand], None],
        tell: Callable[[EngineEvent], None],
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """``act`` carries out a command at once, ``tell`` informs the window."""
        self._headsets = headsets
        self._act = act
        self._tell = tell
        self._now = now
        self._logic = HeadsetLogic(self._show)
        self._sound: tuple[str, ...] = ()
        self._listed = HeadsetsListed()

    def start(self, post: Callable[[Callable[[], None]], None]) -> None:
        """Begin to look for headsets; ``post`` runs work on the owner's thread."""
        self._headsets.start(
            lambda listed: post(lambda: self._plugged(listed)),
            lambda report: post(lambda: self._pressed(report)),
        )

    def present(self) -> Sequence[EngineEvent]:
        """Return the headsets as events, for a window that attaches."""
        return (self._listed,)

    def follow(self, calls: Collection[Call]) -> None:
        """Take the calls as they are now."""
        self._logic.calls(at_hand(calls), self._now())

    def sound(self, microphone: str, speaker: str) -> None:
        """Take the names of the sound devices in use: their headset has calls answered here."""
        self._sound = (microphone, speaker)
        self._prefer()

    def permit(self, on: bool) -> None:
        """Take what the policy says."""
        self._headsets.permit(on)

    def order(self, order: SoundOrder) -> None:
        """Carry out what the window asks for, as far as it is about headsets."""
        if order.deed is SoundDeed.BUTTONS:
            self._headsets.prefer(order.on)
        elif order.deed is SoundDeed.RESCAN:
            self._headsets.rescan()

    def tick(self) -> None:
        """Look about every second whether headsets followed."""
        self._logic.tick(self._now())

    # --- inside ---------------------------------------------------------------------------------

    def _show(self, headset: HeadsetId, lit: frozenset[Lamp], again: bool) -> None:
        self._headsets.show(headset, lit, again=again)

    def _plugged(self, listed: HeadsetsListed) -> None:
        self._listed = listed
        self._logic.plugged(listed.headsets, self._now())
        self._prefer()
        self._tell(listed)

    def _prefer(self) -> None:
        usable = [h for h in self._listed.headsets if h.problem is HeadsetProblem.NONE]
        match = next(
            (h.id for name in self._sound for h in usable if same_device(h.name, name)), None
        )
        self._logic.preferred(match, self._now())

    def _pressed(self, report: ButtonReport) -> None:
        press, orders = self._logic.pressed(report)
        if not press:
            return
        headset = self._find(report.headset)
        if headset is not None:
            self._tell(HeadsetPressed(headset.name, report.button, report.digit))
        for order in orders:
            self._act(command_for(order))

    def _find(self, headset: HeadsetId) -> Headset | None:
        return next((h for h in self._listed.headsets if h.id == headset), None)


def command_for(order: HeadsetOrder) -> wire.AnyCommand:
    """Return the command that the window would send for the same deed."""
    match order.deed:
        case HeadsetDeed.ANSWER:
            return wire.Answer(order.call)
        case HeadsetDeed.DECLINE | HeadsetDeed.HANG_UP:
            return wire.HangUp(order.call, 0)
        case HeadsetDeed.MUTE:
            return wire.Mute(order.call, order.on)
        case HeadsetDeed.HOLD:
            return wire.Hold(order.call, order.on)
        case HeadsetDeed.SEND_KEY:
            return wire.SendDtmf(order.call, order.digit)
