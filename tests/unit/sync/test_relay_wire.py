"""What a server says of sealed recordings is decoded strictly."""

from __future__ import annotations

import pytest

from softphone.domain.errors import ServerMisbehaved
from softphone.domain.ids import new_id
from softphone.domain.relay import CHUNK, chunk_size, chunks_of
from softphone.sync import relay_wire as w

ENDS = "2026-05-04T12:00:00.000000Z"


def package(**changes) -> w.PackageOut:
    values = {
        "package": new_id(), "sender": new_id(), "receiver": new_id(), "size": CHUNK + 1,
        "sha256": "a" * 64, "received": 2, "ends_at": ENDS,
    } | changes  # fmt: skip
    return w.PackageOut(**values)


def test_a_package_is_read():
    [one] = w.packages(w.PackagesOut([package(receipt="signed")]))
    assert (one.chunks, one.received, one.receipt) == (2, 2, "signed")
    assert [chunk_size(one.size, n) for n in range(2)] == [CHUNK, 1]
    assert chunks_of(CHUNK) == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"package": "../x"},
        {"package": "A" * 36},
        {"sender": ""},
        {"receiver": "x"},
        {"size": 0},
        {"size": -1},
        {"sha256": "A" * 64},
        {"received": 3},
        {"received": -1},
        {"ends_at": "tomorrow"},
    ],
)
def test_what_is_malformed_is_refused(changes: dict):
    with pytest.raises(ServerMisbehaved):
        w.packages(w.PackagesOut([package(**changes)]))


def test_addresses_are_in_order_and_end():
    ones = [w.Address(new_id(), letter * 64, ENDS) for letter in "ab"]
    assert [o.digest[0] for o in w.address_offers(w.AddressPage(ones, True), "")] == ["a", "b"]
    for page, after in (
        (w.AddressPage(ones[::-1], False), ""),
        (w.AddressPage(ones, False), "a" * 64),
        (w.AddressPage([], True), ""),
        (w.AddressPage([w.Address("x", "a" * 64, ENDS)], False), ""),
        (w.AddressPage([w.Address(new_id(), "a" * 64, "")], False), ""),
    ):
        with pytest.raises(ServerMisbehaved):
            w.address_offers(page, after)
