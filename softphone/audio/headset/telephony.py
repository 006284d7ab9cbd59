"""What of a headset's reports is about calls (HID Usage Tables 1.12: pages 0x08, 0x09, 0x0B).

Positions, sizes and kinds come from the descriptor alone; no vendor and no model is known here.
Volume (consumer page 0x0C) is the system's business and left alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from softphone.audio.headset.descriptor import (
    Field,
    Flag,
    ReportKind,
    ReportMap,
    read_bits,
    write_bits,
)
from softphone.domain.headset import ButtonKind, HeadsetButton, Lamp

LED, BUTTON, TELEPHONY = 0x08, 0x09, 0x0B
_PHONE = TELEPHONY << 16
_BUTTONS: dict[int, tuple[HeadsetButton, str]] = {
    _PHONE | 0x20: (HeadsetButton.HOOK, ""),
    _PHONE | 0x21: (HeadsetButton.FLASH, ""),
    _PHONE | 0x23: (HeadsetButton.HOLD, ""),
    _PHONE | 0x26: (HeadsetButton.DROP, ""),
    _PHONE | 0x2F: (HeadsetButton.MUTE, ""),
    **{
        _PHONE | 0xB0 + place: (HeadsetButton.KEY, digit)
        for place, digit in enumerate("0123456789*#ABCD")
    },
}
_LAMPS: tuple[tuple[Lamp, tuple[int, ...]], ...] = (
    # Where the first is missing some headsets have the second for the same thing.
    (Lamp.OFF_HOOK, (LED << 16 | 0x17, LED << 16 | 0x2A)),
    (Lamp.RING, (LED << 16 | 0x18, _PHONE | 0x9E)),
    (Lamp.MUTE, (LED << 16 | 0x09, LED << 16 | 0x21)),
    (Lamp.HOLD, (LED << 16 | 0x20,)),
)
MOST_SLOTS = 64
"""Of an array: nobody presses more at once."""
WIDEST = 32
"""Bits of one control; nothing that a person presses is wider."""


@dataclass(frozen=True, slots=True)
class ControlChange:
    """One control has another value than before."""

    button: HeadsetButton
    kind: ButtonKind
    value: int
    digit: str = ""


@dataclass(frozen=True, slots=True)
class _Control:
    """Where a button is: a bit or number of its own, or one of those an array may name."""

    button: HeadsetButton
    digit: str
    field: Field
    place: int

    @property
    def kind(self) -> ButtonKind:
        """What the field's flags say (section 3.4.1)."""
        flags = self.field.flags
        if not flags & Flag.VARIABLE:
            return ButtonKind.MOMENTARY
        if flags & Flag.RELATIVE:
            return ButtonKind.ON_OFF if self.field.logical_min < 0 else ButtonKind.ONE_SHOT
        return ButtonKind.SWITCH if flags & Flag.NO_PREFERRED else ButtonKind.MOMENTARY

    def value(self, report: bytes) -> int | None:
        """Return its value in a report; None where the report is too short for it."""
        field = self.field
        if field.flags & Flag.VARIABLE:
            raw = read_bits(report, field.at + self.place * field.size, field.size)
            if raw is not None and field.logical_min < 0 and raw >> (field.size - 1):
                raw -= 1 << field.size
            return raw
        slots = range(field.at, field.at + field.size * min(field.count, MOST_SLOTS), field.size)
        named = [read_bits(report, at, field.size) for at in slots]
        if None in named:
            return None
        return int(self.place + field.logical_min in named)


@dataclass(frozen=True, slots=True)
class _Light:
    """Where a lamp is."""

    lamp: Lamp
    field: Field
    place: int


class TelephonyMap:
    """The buttons and lamps of one headset. Keeps the last values; used by one thread."""

    def __init__(self, reports: ReportMap) -> None:
        self._reports = reports
        self._controls = tuple(_controls(reports))
        self._lights = tuple(_lights(reports))
        self._values: dict[tuple[HeadsetButton, str], int] = {}
        self._out: dict[int, bytearray] = {
            light.field.report: bytearray(
                reports.report_bytes(ReportKind.OUTPUT, light.field.report)
            )
            for light in self._lights
        }

    @property
    def buttons(self) -> tuple[HeadsetButton, ...]:
        """The kinds of buttons it has."""
        found = {control.button for control in self._controls}
        return tuple(button for button in HeadsetButton if button in found)

    @property
    def lamps(self) -> tuple[Lamp, ...]:
        """What it can show."""
        found = {light.lamp for light in self._lights}
        return tuple(lamp for lamp in Lamp if lamp in found)

    def read(self, report: bytes) -> list[ControlChange]:
        """Return what changed by an input report as it came from the device, id included.

        Unknown and short reports change nothing.
        """
        number = 0
        if self._reports.numbered:
            number, report = (report[0], report[1:]) if report else (0, b"")
        changes = []
        for control in self._controls:
            value = control.value(report) if control.field.report == number else None
            which = (control.button, control.digit)
            if value is not None and value != self._values.get(which, 0):
                self._values[which] = value
                changes.append(ControlChange(control.button, control.kind, value, control.digit))
        return changes

    def show(self, lit: frozenset[Lamp]) -> list[bytes]:
        """Return the output reports, id first (0 where there are no ids), that show these lamps.

        What else is in the same reports stays as it was.
        """
        for light in self._lights:
            out = self._out[light.field.report]
            if light.field.flags & Flag.VARIABLE:
                at = light.field.at + light.place * light.field.size
                write_bits(out, at, light.field.size, int(light.lamp in lit))
        for field in {light.field for light in self._lights}:
            if not field.flags & Flag.VARIABLE:
                self._fill(field, lit)
        return [bytes([number]) + bytes(out) for number, out in self._out.items()]

    def _fill(self, field: Field, lit: frozenset[Lamp]) -> None:
        """Name the lamps that are lit in an array; the other slots get a value for none."""
        places = [x.place for x in self._lights if x.field is field and x.lamp in lit]
        named = [place + field.logical_min for place in places]
        none = 0 if field.logical_min > 0 else min(field.logical_max + 1, (1 << field.size) - 1)
        for slot in range(min(field.count, MOST_SLOTS)):
            value = named[slot] if slot < len(named) else none
            write_bits(self._out[field.report], field.at + slot * field.size, field.size, value)


def _about_calls(field: Field, kind: ReportKind) -> bool:
    told = not field.flags & Flag.CONSTANT and field.kind is kind and field.size <= WIDEST
    return told and any(usage >> 16 == TELEPHONY for usage in field.within)


def _controls(reports: ReportMap) -> Iterator[_Control]:
    seen: set[tuple[HeadsetButton, str]] = set()
    fields = [f for f in reports.fields if _about_calls(f, ReportKind.INPUT)]
    for field in fields:
        for usage, (button, digit) in _BUTTONS.items():
            place = field.position(usage)
            if _fits(field, place) and place is not None and (button, digit) not in seen:
                seen.add((button, digit))
                yield _Control(button, digit, field, place)
    plain = [(f, usages) for f in fields for usages in f.usages if usages.first >> 16 == BUTTON]
    if len(plain) == 1 and len(plain[0][1]) == 1:
        # A single nameless button of a telephone declines. Of several nobody knows which does.
        [(field, usages)] = plain
        place = field.position(usages.first)
        if _fits(field, place) and place is not None:
            yield _Control(HeadsetButton.REJECT, "", field, place)


def _lights(reports: ReportMap) -> Iterator[_Light]:
    fields = [f for f in reports.fields if _about_calls(f, ReportKind.OUTPUT)]
    for lamp, usages in _LAMPS:
        for usage in usages:
            found = [
                _Light(lamp, field, place)
                for field in fields
                if (place := field.position(usage)) is not None and _fits(field, place)
            ]
            if found:
                yield from found[:1]
                break


def _fits(field: Field, place: int | None) -> bool:
    """Whether a usage has a bit of its own, or can be named."""
    if place is None:
        return False
    if field.flags & Flag.VARIABLE:
        return place < field.count
    return place + field.logical_min <= field.logical_max
