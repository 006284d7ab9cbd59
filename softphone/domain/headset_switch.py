"""One control of a headset: which changes of its value are presses, and which are echoes.

A headset answers a lamp that the phone lights by setting its own switch (the acknowledgement of the
vendors' call-control guides). Taken for a press, that would hang up the call just answered in the
window: the classic loop. What a control declares decides first; what it was seen to do corrects it,
for descriptors are often wrong about push buttons and switches.
"""

from __future__ import annotations

from enum import StrEnum

from softphone.domain.headset import ButtonKind

ECHO_S = 5.0
"""How long a change to what the lamp shows counts as its echo. Wireless bases take seconds."""
PULSE_S = 0.7
"""Nobody answers and hangs up within this time: 1 for less is a push button."""
LONG_S = 1.0
"""Held that long, a push button declines."""
STAYS_S = 3.0
"""Nobody holds a button that long: 1 for more is a switch."""
AGAIN_AFTER_S = 2.5
"""How long a switch may differ from its lamp before the lamp is told once more."""
LONG_AGO = float("-inf")


class Press(StrEnum):
    """What a person did."""

    SHORT = "short"
    LONG = "long"


class Switch:
    """Follows one control. Times are monotonic seconds that never go back."""

    def __init__(self, *, learns: bool = True) -> None:
        """``learns``: a declared switch that falls right back is taken for a push button.

        Not for mute: there a person may well switch on and off within that time, and a mute that
        the phone missed would be heard.
        """
        self._learns = learns
        self._value = self._lit = False
        self._lit_at = self._changed_at = LONG_AGO
        self._kind: ButtonKind | None = None
        self._proven: ButtonKind | None = None
        self._acted = False
        self._told_again = False

    def light(self, on: bool, at: float) -> None:
        """Take note of what its lamp shows from now on, changed or told once more.

        A headset that is told its lamps sets all its switches by them, not only what changed.
        """
        self._lit, self._lit_at, self._told_again = on, at, False

    def feed(
        self, kind: ButtonKind, value: int, at: float, *, long_counts: bool = False
    ) -> Press | None:
        """Take a new value; return the press it means, if any.

        ``long_counts``: a long press means something else now, so a push button that is known to
        be one is judged when it is let go.
        """
        self._kind = kind
        if kind is ButtonKind.ONE_SHOT:
            return Press.SHORT if value else None
        if kind is ButtonKind.ON_OFF:
            return Press.SHORT if value and (value > 0) != self._lit else None
        on = bool(value)
        if on == self._value:
            return None
        since, self._changed_at = self._changed_at, at
        self._value, self._told_again = on, False
        echo = on == self._lit and at - self._lit_at <= ECHO_S
        if on:
            return self._rose(kind, echo, long_counts)
        return self._fell(kind, echo, at - since)

    def differs(self, at: float) -> bool:
        """Whether the lamp should be told again: a switch stands otherwise for too long. Once."""
        settled = at - max(self._lit_at, self._changed_at) > AGAIN_AFTER_S
        is_switch = self._behaves is ButtonKind.SWITCH
        if not is_switch or self._value == self._lit or not settled or self._told_again:
            return False
        self._lit_at, self._told_again = at, True
        return True

    @property
    def _behaves(self) -> ButtonKind | None:
        return self._proven or self._kind

    def _rose(self, kind: ButtonKind, echo: bool, long_counts: bool) -> Press | None:
        button = self._proven is ButtonKind.MOMENTARY
        waits = button and long_counts and kind is ButtonKind.MOMENTARY
        self._acted = not waits and (button or not echo)
        return Press.SHORT if self._acted else None

    def _fell(self, kind: ButtonKind, echo: bool, held_s: float) -> Press | None:
        may_learn = self._learns or kind is ButtonKind.MOMENTARY
        button = self._behaves is ButtonKind.MOMENTARY
        if may_learn and held_s < PULSE_S and (button or not echo):
            # Also what was taken for an echo when it rose: an echo does not fall right back.
            self._proven = ButtonKind.MOMENTARY
            return None if self._acted else Press.SHORT
        if button and self._proven is ButtonKind.MOMENTARY and not self._acted:
            return Press.LONG if held_s >= LONG_S else Press.SHORT
        if button and held_s < STAYS_S:
            return None
        if button:
            self._proven = ButtonKind.SWITCH
        return None if echo else Press.SHORT
