from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from softphone.domain.errors import InvalidInput
from softphone.domain.ids import DeviceId
from softphone.domain.privacy import ErasureReason, Tombstone
from softphone.domain.tombstone import (
    from_dict,
    parse_time,
    sign_tombstone,
    signed_bytes,
    to_dict,
    tombstone_verifies,
)
from tests.unit.domain.test_note import PUBLIC, signer, verifier

ids = st.uuids(version=4).map(str)
tombstones = st.builds(
    Tombstone,
    ids,
    ids,
    st.sampled_from([r for r in ErasureReason if r is not ErasureReason.DEVICE_GIVEN_UP]),
    st.datetimes(min_value=datetime(2000, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    st.lists(ids, max_size=3).map(tuple),
    st.lists(st.binary(min_size=32, max_size=32).map(bytes.hex), max_size=2).map(tuple),
    st.dictionaries(st.sampled_from(["calls", "notes"]), st.integers(0, 99)).map(
        lambda counts: tuple(sorted(counts.items()))
    ),
)


orders = st.builds(
    lambda order, target: replace(
        order, reason=ErasureReason.DEVICE_GIVEN_UP, target=DeviceId(target)
    ),
    tombstones,
    ids,
)


@given(tombstones | orders)
def test_tombstones_survive_json(tombstone: Tombstone):
    assert from_dict(json.loads(json.dumps(to_dict(tombstone)))) == tombstone


@given(tombstones)
def test_a_signature_covers_every_field(tombstone: Tombstone):
    signed = sign_tombstone(tombstone, signer)
    assert signed_bytes(signed) == signed_bytes(tombstone)
    assert tombstone_verifies(signed, PUBLIC, verifier)
    changed = replace(signed, counts=(("calls", 100),))
    assert not tombstone_verifies(changed, PUBLIC, verifier)
    assert not tombstone_verifies(replace(signed, signature="ä"), PUBLIC, verifier)
    assert not tombstone_verifies(tombstone, PUBLIC, verifier)


GOOD = to_dict(
    Tombstone(
        "11111111-1111-4111-8111-111111111111",
        "22222222-2222-4222-8222-222222222222",
        ErasureReason.SUBJECT_REQUEST,
        datetime(2026, 1, 2, tzinfo=UTC),
    )
)


@pytest.mark.parametrize(
    "change",
    [
        {"name": "Ada"},
        {"reason": "because Ada asked"},
        {"erasure": "Ada"},
        {"erasure": "11111111111141118111111111111111"},
        {"subjects": ["+493012345678"]},
        {"recordings": "all"},
        {"recordings": [1]},
        {"counts": {"Ada Lovelace": 1}},
        {"counts": {"calls": -1}},
        {"counts": {"calls": True}},
        {"counts": []},
        {"executed_at": "yesterday"},
        {"executed_at": "2026-02-30T00:00:00.000000Z"},
        {"executed_at": 5},
    ],
)
def test_content_and_nonsense_are_refused(change: dict):
    with pytest.raises(InvalidInput):
        from_dict({**GOOD, **change})


def test_times_are_read_as_written():
    assert parse_time("2026-01-02T03:04:05.000006Z") == datetime(2026, 1, 2, 3, 4, 5, 6, UTC)
