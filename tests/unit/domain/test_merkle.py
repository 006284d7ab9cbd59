from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from softphone.domain.errors import ProofInvalid
from softphone.domain.merkle import (
    EMPTY_ROOT,
    Frontier,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    root,
    verify_consistency,
    verify_inclusion,
)

leaves = st.lists(st.binary(max_size=8), max_size=40).map(lambda d: [leaf_hash(x) for x in d])


def definition(hashes: list[bytes]) -> bytes:
    """MTH of RFC 6962 section 2.1, literally."""
    if not hashes:
        return hashlib.sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    split = 1
    while split * 2 < len(hashes):
        split *= 2
    return node_hash(definition(hashes[:split]), definition(hashes[split:]))


@given(leaves)
def test_root_is_that_of_the_definition(hashes: list[bytes]):
    assert root(hashes) == definition(hashes)


def test_empty_root_and_known_leaf():
    assert root([]) == EMPTY_ROOT
    assert leaf_hash(b"").hex() == (
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    )


# The reference tree of RFC 6962 implementations: inputs, and the root after each.
REFERENCE = (
    ("", "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"),
    ("00", "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"),
    ("10", "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"),
    ("2021", "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"),
    ("3031", "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4"),
    ("40414243", "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef"),
    ("5051525354555657", "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c"),
    (
        "606162636465666768696a6b6c6d6e6f",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ),
)


def test_the_reference_tree():
    hashes: list[bytes] = []
    for data, expected in REFERENCE:
        hashes.append(leaf_hash(bytes.fromhex(data)))
        assert root(hashes).hex() == expected
    assert verify_inclusion(0, 8, hashes[0], inclusion_proof(hashes, 0), root(hashes)) is None
    assert len(inclusion_proof(hashes, 0)) == 3


@given(leaves)
def test_frontier_survives_its_serial_form(hashes: list[bytes]):
    frontier = Frontier()
    for hashed in hashes:
        frontier = Frontier(frontier.size, tuple(frontier.hashes)).append(hashed)
    assert frontier.root() == definition(hashes)


@pytest.mark.parametrize(("size", "hashes"), [(3, (b"x",)), (-1, ()), (0, (b"x",))])
def test_frontier_refuses_a_wrong_number_of_hashes(size: int, hashes: tuple[bytes, ...]):
    with pytest.raises(ValueError, match="frontier"):
        Frontier(size, hashes)


@given(leaves.filter(bool), st.data())
def test_inclusion_holds_for_the_leaf_and_for_no_other(hashes: list[bytes], data: st.DataObject):
    index = data.draw(st.integers(0, len(hashes) - 1))
    proof = inclusion_proof(hashes, index)
    verify_inclusion(index, len(hashes), hashes[index], proof, root(hashes))
    with pytest.raises(ProofInvalid):
        verify_inclusion(index, len(hashes), leaf_hash(b"another leaf"), proof, root(hashes))
    with pytest.raises(ProofInvalid):
        verify_inclusion(index, len(hashes), hashes[index], (*proof, b"\0" * 32), root(hashes))


@given(leaves.filter(bool), st.data())
def test_consistency_holds_for_prefixes_only(hashes: list[bytes], data: st.DataObject):
    old = data.draw(st.integers(1, len(hashes)))
    proof = consistency_proof(hashes, old)
    verify_consistency(old, len(hashes), proof, root(hashes[:old]), root(hashes))
    with pytest.raises(ProofInvalid):
        verify_consistency(old, len(hashes), proof, leaf_hash(b"other"), root(hashes))


def test_consistency_refuses_shrinking_and_missing_proofs():
    hashes = [leaf_hash(bytes([n])) for n in range(5)]
    for old, new, proof in [(5, 4, ()), (0, 3, ()), (2, 5, ()), (4, 4, (b"x",))]:
        with pytest.raises(ProofInvalid):
            verify_consistency(old, new, proof, root(hashes[:old]), root(hashes[:new]))
    verify_consistency(0, 0, (), EMPTY_ROOT, EMPTY_ROOT)
    assert consistency_proof(hashes, 0) == ()


def test_proofs_of_what_is_not_there_are_not_made():
    with pytest.raises(ValueError, match="not in the tree"):
        inclusion_proof([], 0)
    with pytest.raises(ValueError, match="larger"):
        consistency_proof([], 1)


@pytest.mark.parametrize("change", ["index", "short", "long", "leaf", "root"])
def test_each_flaw_of_an_inclusion_proof_is_refused(change: str):
    hashes = [leaf_hash(bytes([n])) for n in range(6)]
    proof, top = inclusion_proof(hashes, 3), root(hashes)
    verify_inclusion(3, 6, hashes[3], proof, top)
    arguments = {
        "index": (6, 6, hashes[3], proof, top),
        "short": (3, 6, hashes[3], proof[:-1], top),
        "long": (3, 6, hashes[3], (*proof, top), top),
        "leaf": (3, 6, b"short", proof, top),
        "root": (3, 6, hashes[3], proof, b"r" * 32),
    }
    with pytest.raises(ProofInvalid):
        verify_inclusion(*arguments[change])


@pytest.mark.parametrize("change", ["short", "long", "root"])
def test_each_flaw_of_a_consistency_proof_is_refused(change: str):
    hashes = [leaf_hash(bytes([n])) for n in range(7)]
    proof = consistency_proof(hashes, 3)
    old, new = root(hashes[:3]), root(hashes)
    verify_consistency(3, 7, proof, old, new)
    arguments = {
        "short": (3, 7, proof[:-1], old, new),
        "long": (3, 7, (*proof, new), old, new),
        "root": (3, 7, proof, old, b"r" * 32),
    }
    with pytest.raises(ProofInvalid):
        verify_consistency(*arguments[change])
