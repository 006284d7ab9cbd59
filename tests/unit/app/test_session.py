from __future__ import annotations

from datetime import timedelta

import pytest

from softphone.domain.audit import Action, DataCategory, Result
from softphone.domain.errors import Refused
from softphone.domain.permissions import Permission
from tests.unit.app.rig import ADMIN, AGENT, SUPERVISOR, DeskRig, log_of


def test_a_permitted_deed_gets_a_draft(office: DeskRig):
    session = office.sign_in(SUPERVISOR).session
    draft = session.permit(
        Permission.CONTACTS_ERASE, Action.ERASURE_INTENDED, DataCategory.CONTACT, "c1",
        detail={"a": "b"},
    )  # fmt: skip
    assert (draft.actor, draft.object_id, draft.detail) == (session.user, "c1", {"a": "b"})
    assert draft.result is Result.DONE


def test_a_refusal_is_written_down_and_says_who_can_help(office: DeskRig):
    desk = office.sign_in(AGENT)
    with pytest.raises(Refused, match=f"Export contacts.*{ADMIN.name}"):
        desk.session.permit(
            Permission.CONTACTS_EXPORT, Action.CONTACT_EXPORTED, DataCategory.CONTACT, "c1"
        )
    (row,) = log_of(desk, Action.CONTACT_EXPORTED)
    assert (row.entry.result, row.who) == ("refused", AGENT.name)
    assert row.detail == {"missing": "Export contacts"}


def test_everything_stops_when_the_policy_expires_during_the_day(office: DeskRig):
    desk = office.sign_in(SUPERVISOR)
    assert desk.session.may(Permission.CONTACTS_READ).allowed
    office.rig.clock.advance(timedelta(days=400).total_seconds())
    for permission in Permission:
        assert not desk.session.may(permission).allowed
