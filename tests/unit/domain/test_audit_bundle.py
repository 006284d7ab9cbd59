from __future__ import annotations

import pytest

from softphone.domain.audit_bundle import check_bundle
from softphone.domain.merkle import leaf_hash, root
from softphone.vault.crypto import verifies
from tests.fakes.bundles import ATTACKS, WITNESS, Log, attacks


def test_a_bundle_holds_and_says_how_far_the_witness_saw():
    log = Log(9)
    verdict = check_bundle(log.bundle(), verifies, log_key=str(log.key), witness_key=str(WITNESS))
    assert (verdict.holds, verdict.why) == (True, "")
    assert (verdict.entries, verdict.witnessed_up_to) == (9, 4)
    assert verdict.root_hash == root([leaf_hash(leaf) for leaf in log.leaves]).hex()


@pytest.mark.parametrize("attack", ATTACKS)
def test_what_was_tampered_with_does_not_hold(attack: str):
    verdict = check_bundle(attacks(Log(9))[attack], verifies)
    assert not verdict.holds
    assert verdict.why.endswith(".")


def test_the_first_altered_entry_is_named():
    log = Log(9)
    leaves = [*log.leaves[:5], b"[]", *log.leaves[6:]]
    assert check_bundle(log.bundle(leaves=leaves), verifies).broken_at == 5


def test_without_a_witness_the_log_holds_but_nobody_saw_it():
    log = Log(9)
    verdict = check_bundle(log.bundle(log.note(9), witness_key=""), verifies)
    assert (verdict.holds, verdict.witnessed_up_to) == (True, 0)


@pytest.mark.parametrize("which", ["log_key", "witness_key"])
def test_a_key_known_from_elsewhere_is_compared(which: str):
    log = Log(9)
    assert not check_bundle(log.bundle(), verifies, **{which: str(Log(1, b"z" * 32).key)}).holds


def test_a_known_witness_must_have_seen_something():
    log = Log(9)
    verdict = check_bundle(log.bundle(log.note(9)), verifies, witness_key=str(WITNESS))
    assert not verdict.holds
    assert "witness" in verdict.why
