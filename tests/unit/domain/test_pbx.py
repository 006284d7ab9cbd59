from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from softphone.domain.errors import InvalidInput
from softphone.domain.pbx import OwnCall, PbxCall, compare, parse_records

BERLIN = ZoneInfo("Europe/Berlin")
START = datetime(2026, 3, 31, 7, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "calldate,src,dst,duration,billsec\n2026-03-31 09:00:00,1001,+49 30 1,75,61",
        "Datum;Uhrzeit;Von;Nach;Dauer\n31.03.2026;09:00:00;1001;+49 30 1;00:01:15",
        "Start Time\tCaller\tCallee\tDuration\n2026-03-31T07:00:00Z\t1001\t+49 30 1\t75",
        "timestamp|to\n1774940400|+49 30 1",
        "Date,Destination\n03/31/2026 09:00:00 AM,+49 30 1\n\n",
    ],
    ids=["asterisk", "german", "tabs", "epoch", "american"],
)
def test_columns_are_found_by_what_they_are_called(text: str):
    (call,), unread = parse_records(text, BERLIN)
    assert unread == []
    assert call.started_at == START
    assert "+49 30 1" in call.numbers
    assert call.seconds in (0, 75)


@pytest.mark.parametrize("text", ["", "a,b\n1,2", "start\n2026-03-31", "src,dst\n1,2"])
def test_a_file_without_start_and_number_is_refused(text: str):
    with pytest.raises(InvalidInput):
        parse_records(text, UTC)


def test_lines_that_cannot_be_read_are_named_and_the_rest_counts():
    calls, unread = parse_records("start,dst\nyesterday,1\n2026-03-31 07:00,2\nx\n", UTC)
    assert ([call.line for call in calls], unread) == ([3], [2, 4])


@given(st.text(max_size=200))
def test_no_text_breaks_the_parser(text: str):
    try:
        parse_records("start,dst\n" + text, UTC)
    except InvalidInput:
        return


def pbx(minutes: float, *numbers: str, seconds: float = 60) -> PbxCall:
    return PbxCall(2, START + timedelta(minutes=minutes), numbers, seconds)


def own(minutes: float, number: str) -> OwnCall:
    when = START + timedelta(minutes=minutes)
    return OwnCall(when + timedelta(minutes=1), when, number)


def test_calls_are_found_by_number_and_start_and_each_entry_counts_once():
    records = [pbx(0, "1001", "0301"), pbx(1, "0301"), pbx(30, "0301"), pbx(50, "0302")]
    left = compare(records, [own(0.5, "0301"), own(31, "0301"), own(90, "0302")], str)
    assert left == (records[1], records[3])


def test_numbers_have_one_spelling():
    assert compare([pbx(0, "030 1")], [own(0, "+49301")], lambda n: n[-1]) == ()


def test_an_erased_call_is_found_by_the_time_of_its_entry_once():
    erased = OwnCall(START + timedelta(minutes=1))
    records = [pbx(0, "0301"), pbx(0.2, "0302")]
    assert len(compare(records, [erased], str)) == 1
    assert compare([pbx(9, "0301")], [erased], str) == (pbx(9, "0301"),)
