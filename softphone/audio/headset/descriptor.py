"""Reads HID report descriptors (Device Class Definition for HID 1.11, section 6.2.2).

A descriptor comes from whatever was plugged in: nothing in it is trusted. Usages stay ranges and
fields stay counted, so that the work is bounded by the descriptor's length, never by the numbers
written in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from enum import IntEnum, IntFlag
from typing import NamedTuple

MOST_BYTES = 4096
"""What Linux takes, too (HID_MAX_DESCRIPTOR_SIZE)."""
MOST_FIELDS = 1024
MOST_USAGES = 1024
MOST_REPORT_BITS = 8 * 4096
DEEPEST = 32


class DescriptorInvalid(Exception):  # never leaves softphone.audio
    """A report descriptor breaks the rules; says how, without anything of its content."""


class ReportKind(IntEnum):
    """What a report is for; the tags of its main items."""

    INPUT = 8
    OUTPUT = 9
    FEATURE = 11


class Flag(IntFlag):
    """Bits of a main item (section 6.2.2.5)."""

    CONSTANT = 1
    VARIABLE = 2
    RELATIVE = 4
    NO_PREFERRED = 32


class UsageRange(NamedTuple):
    """Usages from first to last, both included; page in the upper 16 bits."""

    first: int
    last: int

    def __len__(self) -> int:
        return self.last - self.first + 1


@dataclass(frozen=True, slots=True)
class Field:
    """One main item: ``count`` controls of ``size`` bits each, from bit ``at`` of a report on.

    ``at`` does not count the byte of the report's id. ``within`` are the usages of the collections
    around it, outermost first.
    """

    kind: ReportKind
    report: int
    at: int
    size: int
    count: int
    flags: Flag
    logical_min: int
    logical_max: int
    usages: tuple[UsageRange, ...]
    within: tuple[int, ...]

    def position(self, usage: int) -> int | None:
        """Return the place of a usage among those declared, from 0; None where it is not."""
        before = 0
        for known in self.usages:
            if known.first <= usage <= known.last:
                return before + usage - known.first
            before += len(known)
        return None


@dataclass(frozen=True, slots=True)
class ReportMap:
    """All fields, in order. ``numbered``: whether reports begin with a byte that says which."""

    fields: tuple[Field, ...]
    numbered: bool

    def report_bytes(self, kind: ReportKind, report: int) -> int:
        """Return the length of a report in bytes, without its id."""
        ends = [
            known.at + known.size * known.count
            for known in self.fields
            if known.kind is kind and known.report == report
        ]
        return (max(ends, default=0) + 7) // 8


@dataclass(frozen=True, slots=True)
class _Globals:
    """What holds until it is said otherwise."""

    page: int = 0
    logical_min: int = 0
    logical_max: int = 0
    logical_max_unsigned: int = 0
    size: int = 0
    count: int = 0
    report: int = 0


class _Item(NamedTuple):
    """One short item."""

    type: int
    tag: int
    size: int
    unsigned: int
    signed: int


@dataclass(slots=True)
class _Locals:
    """What holds for the next main item only. Usages of up to 2 bytes get their page there."""

    ranges: list[tuple[int, int, bool]] = field(default_factory=list)
    minimum: tuple[int, bool] | None = None
    in_set: bool = False
    set_used: bool = False

    def add(self, first: int, last: int, whole: bool) -> None:
        """Take usages. Of a set of alternatives only the first, the preferred one, is used."""
        if self.in_set and self.set_used:
            return
        self.set_used = self.in_set
        if last < first:
            raise DescriptorInvalid("a range of usages ends before it begins")
        if len(self.ranges) >= MOST_USAGES:
            raise DescriptorInvalid("too many usages")
        self.ranges.append((first, last, whole))


class _Parser:
    """Takes items one after the other."""

    def __init__(self) -> None:
        self._globals = _Globals()
        self._stack: list[_Globals] = []
        self._locals = _Locals()
        self._within: list[int] = []
        self._ends: dict[tuple[ReportKind, int], int] = {}
        self.fields: list[Field] = []

    def take(self, item: _Item) -> None:
        """Take one item; unknown ones are passed over, as the definition wants."""
        if item.type == 0:
            self._main(item)
        elif item.type == 1:
            self._global(item)
        elif item.type == 2:
            self._local(item)

    def finish(self) -> ReportMap:
        """Return what was read."""
        if self._within:
            raise DescriptorInvalid("a collection does not end")
        numbers = {known.report for known in self.fields}
        if 0 in numbers and len(numbers) > 1:
            raise DescriptorInvalid("some reports have a number and some have none")
        return ReportMap(tuple(self.fields), numbered=bool(numbers) and 0 not in numbers)

    def _main(self, item: _Item) -> None:
        if item.tag == 10:
            if len(self._within) >= DEEPEST:
                raise DescriptorInvalid("collections nest too deep")
            usages = self._usages()
            self._within.append(usages[0].first if usages else 0)
        elif item.tag == 12:
            if not self._within:
                raise DescriptorInvalid("a collection ends that never began")
            self._within.pop()
        elif item.tag in (8, 9, 11):
            self._field(ReportKind(item.tag), Flag(item.unsigned & 0xFF))
        self._locals = _Locals()

    def _field(self, kind: ReportKind, flags: Flag) -> None:
        now = self._globals
        at = self._ends.get((kind, now.report), 0)
        end = at + now.size * now.count
        if end > MOST_REPORT_BITS:
            raise DescriptorInvalid("a report is too long")
        self._ends[(kind, now.report)] = end
        if end == at:
            return
        if len(self.fields) >= MOST_FIELDS:
            raise DescriptorInvalid("too many fields")
        # A maximum below the minimum was meant without a sign (255 in one byte, for one).
        top = now.logical_max if now.logical_max >= now.logical_min else now.logical_max_unsigned
        if top < now.logical_min and not flags & Flag.CONSTANT:
            raise DescriptorInvalid("a logical maximum lies below its minimum")
        self.fields.append(
            Field(
                kind, now.report, at, now.size, now.count, flags, now.logical_min, top,
                self._usages(), tuple(self._within),
            )
        )  # fmt: skip

    def _usages(self) -> tuple[UsageRange, ...]:
        page = self._globals.page << 16
        return tuple(
            UsageRange(first, last) if whole else UsageRange(page | first, page | last)
            for first, last, whole in self._locals.ranges
        )

    def _global(self, item: _Item) -> None:
        now, value = self._globals, item.unsigned
        match item.tag:
            case 0:
                self._globals = replace(now, page=value & 0xFFFF)
            case 1:
                self._globals = replace(now, logical_min=item.signed)
            case 2:
                self._globals = replace(now, logical_max=item.signed, logical_max_unsigned=value)
            case 7:
                self._globals = replace(now, size=value)
            case 8:
                if not 1 <= value <= 255:
                    raise DescriptorInvalid("a report's number is not between 1 and 255")
                self._globals = replace(now, report=value)
            case 9:
                self._globals = replace(now, count=value)
            case 10 | 11:
                self._push_or_pop(push=item.tag == 10)
            case _:
                return  # units and physical sizes: nothing that a button has

    def _push_or_pop(self, *, push: bool) -> None:
        if push:
            if len(self._stack) >= DEEPEST:
                raise DescriptorInvalid("too much is pushed")
            self._stack.append(self._globals)
            return
        if not self._stack:
            raise DescriptorInvalid("something is popped that was never pushed")
        self._globals = self._stack.pop()

    def _local(self, item: _Item) -> None:
        here, whole = self._locals, item.size == 4
        match item.tag:
            case 0:
                here.add(item.unsigned, item.unsigned, whole)
            case 1:
                here.minimum = (item.unsigned, whole)
            case 2:
                if here.minimum is None or here.minimum[1] != whole:
                    raise DescriptorInvalid("a range of usages has no beginning")
                here.add(here.minimum[0], item.unsigned, whole)
                here.minimum = None
            case 10:
                opens = item.unsigned == 1
                if opens == here.in_set:
                    raise DescriptorInvalid("a set of usages is opened or closed twice")
                here.in_set, here.set_used = opens, False
            case _:
                return  # designators and strings


def parse_descriptor(data: bytes) -> ReportMap:
    """Return the fields that a report descriptor declares. Raises DescriptorInvalid."""
    if len(data) > MOST_BYTES:
        raise DescriptorInvalid("it is too long")
    parser = _Parser()
    for item in _items(data):
        parser.take(item)
    return parser.finish()


def _items(data: bytes) -> Iterator[_Item]:
    """Cut into items (section 6.2.2.2); long ones (6.2.2.3) are passed over: none is defined."""
    at = 0
    while at < len(data):
        prefix = data[at]
        at += 1
        if prefix == 0xFE:
            if at + 2 > len(data) or at + 2 + data[at] > len(data):
                raise DescriptorInvalid("it ends within an item")
            at += 2 + data[at]
            continue
        size = (0, 1, 2, 4)[prefix & 3]
        if at + size > len(data):
            raise DescriptorInvalid("it ends within an item")
        raw = data[at : at + size]
        at += size
        yield _Item(
            prefix >> 2 & 3, prefix >> 4, size,
            int.from_bytes(raw, "little"), int.from_bytes(raw, "little", signed=True),
        )  # fmt: skip


def read_bits(report: bytes, at: int, size: int) -> int | None:
    """Return ``size`` bits from bit ``at`` on, little endian; None where the report is shorter."""
    if at + size > len(report) * 8:
        return None
    first, last = at // 8, (at + size + 7) // 8
    whole = int.from_bytes(report[first:last], "little")
    return whole >> (at % 8) & ((1 << size) - 1)


def write_bits(report: bytearray, at: int, size: int, value: int) -> None:
    """Set ``size`` bits from bit ``at`` on and leave all others as they are."""
    mask = ((1 << size) - 1) << (at % 8)
    first, last = at // 8, (at + size + 7) // 8
    whole = int.from_bytes(report[first:last], "little")
    whole = whole & ~mask | value << (at % 8) & mask
    report[first:last] = whole.to_bytes(last - first, "little")
