"""Headsets with buttons: what they report, what they can show, and what the phone is to do.

Words of the USB HID Usage Tables 1.12: telephony page 0x0B, LED page 0x08.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from softphone.domain.ids import CallId, HeadsetId


class HeadsetButton(StrEnum):
    """What a person presses."""

    HOOK = "hook"
    """Answer and hang up."""
    MUTE = "mute"
    HOLD = "hold"
    FLASH = "flash"
    """Hold, resume, or answer the call that waits."""
    DROP = "drop"
    """End a call, or decline the one that rings."""
    REJECT = "reject"
    """Decline the call that rings, and nothing else."""
    KEY = "key"
    """A key of the keypad."""


class ButtonKind(StrEnum):
    """How a control behaves, by the flags of its field (HID Usage Tables, section 3.4.1)."""

    SWITCH = "switch"
    """Absolute, no preferred state: 1 as long as the state is on."""
    MOMENTARY = "momentary"
    """Absolute, preferred state: 1 as long as the button is held."""
    ONE_SHOT = "one_shot"
    """Relative, 0 to 1: a change from 0 to 1 is one press."""
    ON_OFF = "on_off"
    """Relative, -1 to 1: 1 asks for on, -1 for off."""


class Lamp(StrEnum):
    """What a headset can show, with light or sound of its own."""

    OFF_HOOK = "off_hook"
    """A call is on; wireless headsets open their link by it."""
    RING = "ring"
    MUTE = "mute"
    HOLD = "hold"


class HeadsetProblem(StrEnum):
    """Why the buttons of a headset that is plugged in do not work."""

    NONE = ""
    NO_PERMISSION = "no_permission"
    UNUSABLE = "unusable"
    BAD_DESCRIPTOR = "bad_descriptor"
    """It describes itself wrongly."""
    MISBEHAVED = "misbehaved"
    """It was let go, for it sent more than anybody can press."""
    CRASHED = "crashed"
    """The phone ended while it was opened the last time."""


class HeadsetsOff(StrEnum):
    """Why no headset's buttons are used."""

    NO = ""
    SWITCHED_OFF = "switched_off"
    POLICY = "policy"
    NOT_STARTED = "not_started"
    """The phone was started without them."""


@dataclass(frozen=True, slots=True)
class Headset:
    """A headset with buttons as it is plugged in now. ``id`` survives unplugging."""

    id: HeadsetId
    name: str
    buttons: tuple[HeadsetButton, ...] = ()
    lamps: tuple[Lamp, ...] = ()
    problem: HeadsetProblem = HeadsetProblem.NONE
    plugged: int = 0
    """Counts how often it was opened: what was known of its switches is void after each."""


@dataclass(frozen=True, slots=True)
class ButtonReport:
    """One control changed its value; ``at`` is monotonic, in seconds."""

    headset: HeadsetId
    button: HeadsetButton
    kind: ButtonKind
    value: int
    at: float
    digit: str = ""
    """Of ``KEY``: one of 0-9 * # A-D."""


class HeadsetDeed(StrEnum):
    """What the phone is to do for a button."""

    ANSWER = "answer"
    DECLINE = "decline"
    HANG_UP = "hang_up"
    MUTE = "mute"
    HOLD = "hold"
    SEND_KEY = "send_key"


@dataclass(frozen=True, slots=True)
class HeadsetOrder:
    """One thing to do with one call."""

    deed: HeadsetDeed
    call: CallId
    on: bool = False
    digit: str = ""


def same_device(headset: str, sound: str) -> bool:
    """Whether a headset and a sound device, by their names, are likely the same thing."""
    one, other = headset.casefold().strip(), sound.casefold().strip()
    return bool(one) and bool(other) and (one in other or other in one)
