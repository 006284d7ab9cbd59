"""Four headsets that do not exist, written from the HID definition and its usage tables.

They differ in what headsets of different makers differ in: numbers of reports, positions of bits,
switches, push buttons and one-shot buttons, arrays. Positions are written down here once more, by
hand, so that the parser under test is not its own judge.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from softphone.domain.headset import Lamp

DATA_VAR_ABS, DATA_ARRAY, CONSTANT = 0x02, 0x00, 0x03
SWITCH, ONE_SHOT, MOMENTARY = 0x22, 0x06, 0x02
INPUT, OUTPUT, COLLECTION = 0x80, 0x90, 0xA0
PAGE, LOGICAL_MIN, LOGICAL_MAX, SIZE, ID, COUNT = 0x04, 0x14, 0x24, 0x74, 0x84, 0x94
USAGE, USAGE_MIN, USAGE_MAX = 0x08, 0x18, 0x28
CONSUMER, TELEPHONY, LEDS, BUTTONS = 0x0C, 0x0B, 0x08, 0x09
HOOK, FLASH, HOLD, REDIAL, DROP, PHONE_MUTE, LINE_BUSY = 0x20, 0x21, 0x23, 0x24, 0x26, 0x2F, 0x97
END, PUSH, POP = bytes([0xC0]), bytes([0xA4]), bytes([0xB4])


def item(tag: int, value: int) -> bytes:
    """One short item with the fewest bytes that hold the value."""
    for code, size in ((1, 1), (2, 2), (3, 4)):
        signed = tag in (LOGICAL_MIN, LOGICAL_MAX)
        top = 1 << (8 * size - signed)
        if (-top if signed else 0) <= value < top:
            return bytes([tag | code]) + value.to_bytes(size, "little", signed=signed)
    raise ValueError(value)


def items(*pairs: tuple[int, int]) -> bytes:
    return b"".join(item(tag, value) for tag, value in pairs)


def begin(page: int, usage: int, kind: int = 1) -> bytes:
    return items((PAGE, page), (USAGE, usage), (COLLECTION, kind))


def bits(main: int, flags: int, *usages: int) -> bytes:
    """Bits of their own, one for each usage."""
    told = [(USAGE, usage) for usage in usages]
    return items(*told, (SIZE, 1), (COUNT, len(usages)), (main, flags))


def padding(main: int, count: int) -> bytes:
    return items((SIZE, 1), (COUNT, count), (main, CONSTANT))


@dataclass(frozen=True)
class Model:
    """What it says of itself, and where things really are.

    ``report`` makes the bytes of an input report, id included where there are ids; ``lamps`` reads
    an output report, id first, 0 where there are none.
    """

    name: str
    vendor: int
    product: int
    descriptor: bytes
    report: Callable[[Emulated], bytes]
    lamps: Callable[[bytes], frozenset[Lamp]]
    echoes: bool
    """Whether it answers the off-hook lamp with its hook switch, as wireless ones do."""
    hook_stays: bool
    mute_stays: bool = False
    rejects: bool = False
    drops: bool = False


@dataclass
class Emulated:
    """One headset's own state; ``send`` takes its input reports."""

    model: Model
    send: Callable[[bytes], None]
    hook: bool = False
    mute: bool = False
    other: str = ""
    lit: frozenset[Lamp] = frozenset()
    written: list[bytes] = field(default_factory=list)

    def took(self, output: bytes) -> None:
        """An output report arrived."""
        before, self.lit = self.lit, self.model.lamps(output)
        self.written.append(output)
        if self.model.echoes and (Lamp.OFF_HOOK in before) != (Lamp.OFF_HOOK in self.lit):
            wanted = Lamp.OFF_HOOK in self.lit
            if self.hook != wanted:
                self.hook = wanted
                self.tell()
        if self.model.mute_stays and self.mute != (Lamp.MUTE in self.lit):
            self.mute = Lamp.MUTE in self.lit
            self.tell()

    def tell(self) -> None:
        self.send(self.model.report(self))

    def press_hook(self) -> None:
        if self.model.hook_stays:
            self.hook = not self.hook
            self.tell()
            return
        for down in (True, False):
            self.hook = down
            self.tell()

    def press_mute(self) -> None:
        if self.model.mute_stays:
            self.mute = not self.mute
            self.tell()
            return
        for down in (True, False):
            self.mute = down
            self.tell()

    def press(self, other: str) -> None:
        """One of the others: ``flash``, ``hold``, ``drop``, ``reject``, ``volume``, a digit."""
        for now in (other, ""):
            self.other = now
            self.tell()


def _lamps(byte: int, **where: int) -> frozenset[Lamp]:
    return frozenset(Lamp(name) for name, bit in where.items() if byte >> bit & 1)


# --- 1: a switch for the hook, one-shot buttons for the rest, volume in a report of its own ------

_JABRA = (
    begin(CONSUMER, 0x01)
    + items((ID, 1), (LOGICAL_MIN, 0), (LOGICAL_MAX, 1))
    + bits(INPUT, MOMENTARY, 0xE9, 0xEA)
    + padding(INPUT, 6)
    + END
    + begin(TELEPHONY, 0x05)
    + items((ID, 2), (LOGICAL_MIN, 0), (LOGICAL_MAX, 1))
    + bits(INPUT, SWITCH, HOOK, LINE_BUSY)
    + padding(INPUT, 1)
    + bits(INPUT, ONE_SHOT, PHONE_MUTE, FLASH, REDIAL)
    + items((USAGE, 0x07), (COLLECTION, 2), (PAGE, BUTTONS))
    + bits(INPUT, ONE_SHOT, 0x01)
    + END
    + padding(INPUT, 9)
    + items((PAGE, LEDS))
    + bits(OUTPUT, SWITCH, 0x17, 0x1E, 0x09, 0x18, 0x20, 0x21)
    + items((PAGE, TELEPHONY))
    + bits(OUTPUT, SWITCH, 0x9E)
    + padding(OUTPUT, 9)
    + END
)


def _jabra_report(e: Emulated) -> bytes:
    if e.other == "volume":
        return bytes([1, 1])
    byte = e.hook | e.mute << 3 | (e.other == "flash") << 4 | (e.other == "reject") << 6
    return bytes([2, byte, 0])


JABRA = Model(
    "Jabra-like Link 1", 0x1111, 0x0001, _JABRA, _jabra_report,
    lambda out: _lamps(out[1], off_hook=0, mute=2, ring=3, hold=4),
    echoes=True, hook_stays=True, rejects=True,
)  # fmt: skip

# --- 2: levels for hook and mute, a keypad as an array, lamps in another report ------------------

_YEALINK = (
    begin(TELEPHONY, 0x01)
    + items((ID, 6), (LOGICAL_MIN, 0), (LOGICAL_MAX, 1))
    + padding(INPUT, 3)
    + bits(INPUT, SWITCH, HOOK)
    + bits(INPUT, SWITCH, PHONE_MUTE)
    + bits(INPUT, MOMENTARY, HOLD)
    + padding(INPUT, 2)
    + PUSH
    + items((USAGE, 0x06), (COLLECTION, 2))
    + items((USAGE_MIN, 0xB0), (USAGE_MAX, 0xBB), (LOGICAL_MIN, 1), (LOGICAL_MAX, 12))
    + items((SIZE, 4), (COUNT, 1), (INPUT, DATA_ARRAY))
    + END
    + POP
    + padding(INPUT, 4)
    + items((ID, 7), (LOGICAL_MIN, 0), (LOGICAL_MAX, 1), (PAGE, LEDS))
    + padding(OUTPUT, 4)
    + bits(OUTPUT, DATA_VAR_ABS, 0x20, 0x18, 0x09, 0x17)
    + END
)


def _yealink_report(e: Emulated) -> bytes:
    digit = "0123456789*#".index(e.other) + 1 if e.other and e.other in "0123456789*#" else 0
    return bytes([6, e.hook << 3 | e.mute << 4 | (e.other == "hold") << 5, digit])


YEALINK = Model(
    "Yealink-like WH 2", 0x2222, 0x0002, _YEALINK, _yealink_report,
    lambda out: _lamps(out[1], hold=4, ring=5, mute=6, off_hook=7) if out[0] == 7 else frozenset(),
    echoes=True, hook_stays=True, mute_stays=True,
)  # fmt: skip

# --- 3: push buttons, a lone button that declines, sixteen bits each way -------------------------

_GIGASET = (
    begin(TELEPHONY, 0x01)
    + items((ID, 2), (LOGICAL_MIN, 0), (LOGICAL_MAX, 1))
    + bits(INPUT, MOMENTARY, HOOK, LINE_BUSY, 0x2A, PHONE_MUTE, FLASH, REDIAL, 0x50)
    + items((PAGE, BUTTONS))
    + bits(INPUT, MOMENTARY, 0x07)
    + padding(INPUT, 8)
    + items((PAGE, LEDS))
    + bits(OUTPUT, DATA_VAR_ABS, 0x17, 0x09, 0x18, 0x20, 0x21, 0x2A)
    + items((PAGE, TELEPHONY))
    + bits(OUTPUT, DATA_VAR_ABS, 0x9E)
    + padding(OUTPUT, 9)
    + END
)


def _gigaset_report(e: Emulated) -> bytes:
    byte = e.hook | e.mute << 3 | (e.other == "flash") << 4 | (e.other == "reject") << 7
    return bytes([2, byte, 0])


GIGASET = Model(
    "Gigaset-like ION 3", 0x3333, 0x0003, _GIGASET, _gigaset_report,
    lambda out: _lamps(out[1], off_hook=0, mute=1, ring=2, hold=3),
    echoes=False, hook_stays=False, rejects=True,
)  # fmt: skip

# --- 4: no numbers, one array of buttons, two lamps ----------------------------------------------

_PLAIN = (
    begin(TELEPHONY, 0x05)
    + items((LOGICAL_MIN, 1), (LOGICAL_MAX, 4))
    + items((USAGE, HOOK), (USAGE, PHONE_MUTE), (USAGE, DROP), (USAGE, HOLD))
    + items((SIZE, 8), (COUNT, 2), (INPUT, DATA_ARRAY))
    + items((LOGICAL_MIN, 0), (LOGICAL_MAX, 1), (PAGE, LEDS))
    + bits(OUTPUT, DATA_VAR_ABS, 0x18, 0x17)
    + padding(OUTPUT, 6)
    + END
)


def _plain_report(e: Emulated) -> bytes:
    down = [1] * e.hook + [2] * e.mute + [3] * (e.other == "drop") + [4] * (e.other == "hold")
    return bytes([*down, 0, 0][:2])


PLAIN = Model(
    "Plain USB headset", 0x4444, 0x0004, _PLAIN, _plain_report,
    lambda out: _lamps(out[1], ring=0, off_hook=1),
    echoes=False, hook_stays=False, drops=True,
)  # fmt: skip

MODELS = (JABRA, YEALINK, GIGASET, PLAIN)
