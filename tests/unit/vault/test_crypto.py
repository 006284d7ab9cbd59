from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from softphone.domain.errors import Damaged
from softphone.vault.crypto import (
    derive,
    keyed_hash,
    new_key,
    open_sealed,
    public_key,
    seal,
    signer,
    verifies,
)

KEY = b"k" * 32


@given(st.binary(max_size=100), st.binary(max_size=10))
def test_what_is_sealed_opens_only_where_it_is_bound_to(plain: bytes, bound: bytes):
    sealed = seal(KEY, plain, bound)
    assert open_sealed(KEY, sealed, bound) == plain
    for key, value, to in (
        (b"x" * 32, sealed, bound),
        (KEY, sealed, bound + b"x"),
        (KEY, sealed[:-1], bound),
        (KEY, sealed[:20], bound),
        (KEY, b"", bound),
    ):
        with pytest.raises(Damaged):
            open_sealed(key, value, to)


def test_uses_of_a_key_are_apart():
    assert derive(KEY, "one") != derive(KEY, "two") != derive(KEY, "two", salt=b"s")
    assert len(new_key()) == 32
    assert new_key() != new_key()
    assert keyed_hash(KEY, "a") != keyed_hash(KEY, "b")


def test_signatures_hold_for_their_message_and_key():
    seed = b"s" * 32
    signature = signer(seed)(b"message")
    assert verifies(public_key(seed), signature, b"message")
    assert not verifies(public_key(seed), signature, b"another")
    assert not verifies(b"short", signature, b"message")
    assert not verifies(public_key(seed), b"short", b"message")
