from __future__ import annotations

import base64
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from softphone.app.ports import LeafBatch
from softphone.domain.errors import ServerMisbehaved
from softphone.domain.tombstone import from_dict
from softphone.sync import wire
from tests.fakes.sync_source import MemorySource


@given(st.binary(max_size=100))
@settings(deadline=None)
def test_any_bytes_are_an_answer_or_refused(data: bytes):
    for kind in (wire.Enrolled, wire.Cosigned, wire.Accepted, wire.Acknowledged, wire.Page):
        with suppress(ServerMisbehaved):
            assert isinstance(wire.decode(data, kind), kind)
    assert isinstance(wire.problem_code(data), str)


def test_refusals_have_codes():
    assert wire.problem_code(b'{"error":"fork","message":"x","size":3}') == "fork"
    assert wire.problem_code(b"<html>") == ""


@given(st.lists(st.binary(max_size=20), max_size=5))
@settings(deadline=None)
def test_leaves_travel_as_they_are(leaves: list[bytes]):
    body = wire.entries_body(LeafBatch(7, tuple(leaves), "note"))
    sent = body["leaves"]
    assert isinstance(sent, list)
    assert [base64.b64decode(leaf) for leaf in sent] == leaves


def test_tombstones_travel_as_they_were_signed():
    tombstone = MemorySource().erase()
    body = wire.tombstone_body(tombstone)["tombstone"]
    assert isinstance(body, dict)
    assert from_dict(body) == tombstone
    page = wire.Page([wire.Placed(4, body)], more=True)
    assert wire.placed_tombstones(page, 3) == [(4, tombstone)]
    with pytest.raises(ServerMisbehaved):
        wire.placed_tombstones(page, 4)
