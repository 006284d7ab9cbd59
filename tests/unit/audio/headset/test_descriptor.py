from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from softphone.audio.headset.descriptor import (
    MOST_BYTES,
    DescriptorInvalid,
    Flag,
    ReportKind,
    parse_descriptor,
    read_bits,
    write_bits,
)
from tests.fakes.headset_models import (
    COUNT,
    END,
    HOOK,
    ID,
    INPUT,
    LOGICAL_MAX,
    LOGICAL_MIN,
    MODELS,
    OUTPUT,
    PAGE,
    POP,
    PUSH,
    SIZE,
    SWITCH,
    TELEPHONY,
    USAGE,
    USAGE_MAX,
    USAGE_MIN,
    begin,
    bits,
    item,
    items,
    padding,
)

PHONE = begin(TELEPHONY, 1) + items((LOGICAL_MIN, 0), (LOGICAL_MAX, 1))
DELIMITER = 0xA8


def test_fields_stand_where_the_items_before_them_end():
    told = PHONE + padding(INPUT, 3) + bits(INPUT, SWITCH, HOOK) + padding(OUTPUT, 5) + END
    gap, hook, out = parse_descriptor(told).fields
    assert (gap.at, hook.at, out.at) == (0, 3, 0)
    assert gap.flags & Flag.CONSTANT
    assert hook.flags & Flag.NO_PREFERRED
    assert out.kind is ReportKind.OUTPUT
    assert hook.within == (TELEPHONY << 16 | 1,)
    assert hook.position(TELEPHONY << 16 | HOOK) == 0


def test_an_array_takes_the_room_of_all_its_slots():
    keys = items((USAGE_MIN, 0xB0), (USAGE_MAX, 0xBB), (SIZE, 4), (COUNT, 3), (INPUT, 0))
    keys, after = parse_descriptor(PHONE + keys + bits(INPUT, SWITCH, HOOK) + END).fields
    assert after.at == 12
    assert keys.position(TELEPHONY << 16 | 0xB3) == 3
    assert keys.position(TELEPHONY << 16 | 0xBC) is None


def test_each_report_has_positions_of_its_own():
    one = items((ID, 1)) + bits(INPUT, SWITCH, HOOK)
    two = items((ID, 2)) + padding(INPUT, 7) + bits(INPUT, SWITCH, HOOK)
    reports = parse_descriptor(PHONE + one + two + END)
    assert reports.numbered
    assert [(f.report, f.at) for f in reports.fields] == [(1, 0), (2, 0), (2, 7)]
    assert reports.report_bytes(ReportKind.INPUT, 2) == 1
    assert reports.report_bytes(ReportKind.OUTPUT, 2) == 0


def test_what_is_pushed_comes_back():
    told = PHONE + PUSH + items((LOGICAL_MAX, 7), (SIZE, 3), (COUNT, 1), (INPUT, 2))
    told += POP + bits(INPUT, SWITCH, HOOK) + END
    first, second = parse_descriptor(told).fields
    assert (first.logical_max, second.logical_max) == (7, 1)


def test_the_page_in_force_at_the_main_item_counts_and_a_long_usage_has_its_own():
    late = items((USAGE, HOOK)) + items((PAGE, 0x08), (SIZE, 1), (COUNT, 1), (OUTPUT, 2))
    long = bytes([USAGE | 3]) + (TELEPHONY << 16 | HOOK).to_bytes(4, "little")
    late_field, long_field = parse_descriptor(PHONE + late + long + items((INPUT, 2)) + END).fields
    assert late_field.usages[0].first == 0x08 << 16 | HOOK
    assert long_field.usages[0].first == TELEPHONY << 16 | HOOK


def test_of_alternatives_the_preferred_one_counts():
    told = items((DELIMITER, 1), (USAGE, HOOK), (USAGE, 0x70), (DELIMITER, 0), (USAGE, 0x2F))
    [field] = parse_descriptor(PHONE + told + items((SIZE, 1), (COUNT, 2), (INPUT, 2)) + END).fields
    assert [u.first & 0xFFFF for u in field.usages] == [HOOK, 0x2F]


def test_a_maximum_written_without_a_sign_is_understood():
    told = begin(TELEPHONY, 1) + bytes([LOGICAL_MIN | 1, 0, LOGICAL_MAX | 1, 0xFF])
    [field] = parse_descriptor(told + items((SIZE, 8), (COUNT, 1), (INPUT, 2)) + END).fields
    assert field.logical_max == 255


def test_long_and_unknown_items_are_passed_over():
    long, reserved = bytes([0xFE, 3, 0x10, 1, 2, 3]), bytes([0x0C])
    units = items((0x64, 1), (0x54, 2)) + items((0x38, 1), (0x78, 2))
    told = PHONE + long + reserved + units + bits(INPUT, SWITCH, HOOK) + END
    assert len(parse_descriptor(told).fields) == 1


@pytest.mark.parametrize(
    ("told", "why"),
    [
        (bytes(MOST_BYTES + 1), "too long"),
        (b"\x05", "ends within an item"),
        (b"\xfe\x09\x00", "ends within an item"),
        (PHONE, "does not end"),
        (END, "never began"),
        (POP, "never pushed"),
        (PUSH * 40, "too much is pushed"),
        (begin(TELEPHONY, 1) * 40, "too deep"),
        (PHONE + items((ID, 0)), "between 1 and 255"),
        (PHONE + items((ID, 300)), "between 1 and 255"),
        (PHONE + items((USAGE_MIN, 5), (USAGE_MAX, 4)), "ends before it begins"),
        (PHONE + items((USAGE_MAX, 4)), "has no beginning"),
        (PHONE + items((DELIMITER, 0)), "opened or closed twice"),
        (PHONE + items((DELIMITER, 1), (DELIMITER, 1)), "opened or closed twice"),
        (PHONE + items((SIZE, 32), (COUNT, 0xFFFFFFFF), (INPUT, 2)), "report is too long"),
        (PHONE + items((USAGE, 1)) * 1100, "too many usages"),
        (
            begin(TELEPHONY, 1) + items((SIZE, 1), (COUNT, 1)) + items((INPUT, 2)) * 1100,
            "too many fields",
        ),
        (
            PHONE + items((LOGICAL_MIN, 5), (LOGICAL_MAX, 1), (SIZE, 1), (COUNT, 1), (INPUT, 2)),
            "below its minimum",
        ),
        (
            PHONE + bits(INPUT, SWITCH, HOOK) + items((ID, 1)) + bits(INPUT, SWITCH, HOOK) + END,
            "some reports have a number",
        ),
    ],
)
def test_what_breaks_the_rules_is_refused_and_says_how(told: bytes, why: str):
    with pytest.raises(DescriptorInvalid, match=why):
        parse_descriptor(told)


@given(st.binary(max_size=400))
@example(item(SIZE, 1) + item(COUNT, 0x7FFFFFFF) + item(INPUT, 2))
def test_any_bytes_are_read_or_refused(data: bytes):
    try:
        reports = parse_descriptor(data)
    except DescriptorInvalid:
        return
    for field in reports.fields:
        assert field.at + field.size * field.count <= 8 * 4096


@given(st.sampled_from(MODELS), st.data())
def test_a_descriptor_with_a_few_wrong_bytes_is_read_or_refused(model, data):
    told = bytearray(model.descriptor)
    for _ in range(data.draw(st.integers(1, 4))):
        told[data.draw(st.integers(0, len(told) - 1))] = data.draw(st.integers(0, 255))
    try:
        parse_descriptor(bytes(told))
    except DescriptorInvalid:
        return


@given(st.binary(min_size=1, max_size=16), st.data())
def test_bits_written_are_read_again_and_no_other_changes(report, data):
    size = data.draw(st.integers(1, min(32, len(report) * 8)))
    at = data.draw(st.integers(0, len(report) * 8 - size))
    value = data.draw(st.integers(0, (1 << size) - 1))
    changed = bytearray(report)
    write_bits(changed, at, size, value)
    assert read_bits(bytes(changed), at, size) == value
    mask = ((1 << size) - 1) << at
    before, after = int.from_bytes(report, "little"), int.from_bytes(changed, "little")
    assert before & ~mask == after & ~mask
    assert len(changed) == len(report)


def test_what_lies_beyond_the_report_is_not_there():
    assert read_bits(b"\xff", 7, 2) is None
