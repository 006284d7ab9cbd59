from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from softphone.domain.errors import InvalidInput
from softphone.domain.ids import ErasureId
from softphone.domain.privacy import ErasureReason, ErasureReceipt
from softphone.domain.receipt import parse_receipt, receipt_json

RECEIPT = ErasureReceipt(
    ErasureId("0c7d"),
    datetime(2026, 3, 31, 9, tzinfo=UTC),
    ErasureReason.SUBJECT_REQUEST,
    (("calls", 3), ("recordings", 1)),
    0,
    17,
    "softphone/x\n18\nroot\n",
)


def test_a_receipt_comes_back_as_it_was():
    read = parse_receipt(receipt_json(RECEIPT, "softphone/x+1+key"))
    assert read.receipt == RECEIPT
    assert read.log_key == "softphone/x+1+key"


@pytest.mark.parametrize(
    "change",
    [
        {"format": "another/1"},
        {"executed_at": "yesterday"},
        {"reason": "whim"},
        {"entry": "x"},
        {"counts": [1]},
    ],
)
def test_a_changed_one_is_refused(change: dict[str, object]):
    value = json.loads(receipt_json(RECEIPT, "key")) | change
    with pytest.raises(InvalidInput):
        parse_receipt(json.dumps(value))


@given(st.text() | st.recursive(st.none() | st.integers(), st.lists).map(json.dumps))
def test_anything_else_is_refused_in_words(text: str):
    with pytest.raises(InvalidInput):
        parse_receipt(text)
