from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from softphone.domain.ed25519 import LOW_ORDER, P
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


@pytest.mark.parametrize("y", sorted(LOW_ORDER | {P, P + 1}))
@pytest.mark.parametrize("sign", [0, 1])
def test_under_a_weak_key_nothing_verifies_whatever_the_library_says(y: int, sign: int):
    """With a key of low order, R = A and S = 0 is a signature of one message in eight or more."""
    weak = (y | sign << 255).to_bytes(32, "little")
    for point in (weak, (1).to_bytes(32, "little")):
        for count in range(32):
            assert not verifies(weak, point + bytes(32), b"message %d" % count)


def test_the_library_alone_would_take_a_forgery():
    """Without the check above a witness could be impersonated: this is what it is there for."""
    weak = (1).to_bytes(32, "little")
    Ed25519PublicKey.from_public_bytes(weak).verify(weak + bytes(32), b"anything")
    assert not verifies(weak, weak + bytes(32), b"anything")
