from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from softphone.domain.errors import PolicyInvalid, Refused
from softphone.domain.ids import GroupId, UserId
from softphone.domain.note import SignedNote, format_note, sign
from softphone.domain.permissions import BUILT_IN_ROLES, ListenerGroup, Member, Policy
from softphone.vault.crypto import public_key, signer
from softphone.vault.database import open_database
from softphone.vault.migrate import migrate
from softphone.vault.policy import (
    anchor_key,
    check_in_force,
    load_note,
    save_note,
    sign_policy,
    verify_policy,
)
from tests.fakes.clock import START
from tests.unit.vault.rig import ADMIN, AGENT, Rig, draft

SEED = b"p" * 32
ANCHOR = public_key(SEED)
POLICY = Policy(
    3,
    START,
    START + timedelta(days=1),
    "Ida Ü. Root",
    BUILT_IN_ROLES,
    (Member(UserId("u1"), "Ida Ü. Root", "administrator", "office", "age1pq1x"),),
    (ListenerGroup(GroupId("listen/sales/1"), "sales listeners", "age1pq1y", (UserId("u1"),)),),
)


def test_a_signed_policy_comes_back_as_it_was():
    assert verify_policy(sign_policy(POLICY, SEED), ANCHOR) == POLICY


def signed(text: str) -> str:
    made = sign(text, anchor_key(ANCHOR), signer(SEED))
    return format_note(SignedNote(text, (made,)))


def test_what_the_anchor_did_not_sign_or_signed_as_something_else_is_refused():
    good = sign_policy(POLICY, SEED)
    body = good.split("\n")[1]
    for bad in (
        "",
        good.replace("office", "sales"),
        sign_policy(POLICY, b"q" * 32),
        signed(f"softphone policy v2\n{body}\n"),
        signed("softphone policy v1\n{}\n"),
        signed(f"softphone policy v1\n {body}\n"),
        signed(f"softphone policy v1\n{body}\nmore\n"),
        signed(f'softphone policy v1\n{body[:-1]},"extra":1}}\n'),
    ):
        with pytest.raises(PolicyInvalid):
            verify_policy(bad, ANCHOR)


def test_version_and_expiry():
    check_in_force(POLICY, START, 3)
    with pytest.raises(PolicyInvalid, match="older"):
        check_in_force(POLICY, START, 4)
    with pytest.raises(PolicyInvalid, match="expired"):
        check_in_force(POLICY, POLICY.not_after, 3)


def test_the_newest_policy_counts_and_none_is_replaced(tmp_path: Path):
    connection = open_database(tmp_path / "x.db", b"k" * 32)
    migrate(connection)
    with pytest.raises(PolicyInvalid, match="missing"):
        load_note(connection)
    save_note(connection, POLICY, "three")
    save_note(connection, replace(POLICY, version=2), "two")
    assert load_note(connection) == "three"
    with pytest.raises(Exception, match="UNIQUE"):
        save_note(connection, POLICY, "again")
    connection.close()


def test_whoever_has_no_policy_key_publishes_nothing(tmp_path: Path):
    rig = Rig(tmp_path)
    rig.create(AGENT)
    vault = rig.open(AGENT)
    version = vault.policy.version
    new = replace(AGENT, name="Another")
    with pytest.raises(Refused, match="policy key"):
        vault.add_member(new, draft(vault))
    vault.close()
    vault = rig.open(ADMIN)
    assert vault.policy.version == version
    # The slot was taken back: the name is free.
    vault.add_member(new, draft(vault))
    vault.close()
    rig.open(new).close()
