from __future__ import annotations

import pytest

from softphone.domain.audit import Action, AuditFilter
from softphone.domain.errors import Refused
from tests.unit.app.rig import AGENT, SUPERVISOR, DeskRig, log_of


def test_reading_the_log_is_logged(office: DeskRig):
    desk = office.sign_in(SUPERVISOR)
    desk.audit.open()
    rows = desk.audit.rows(AuditFilter(), 99, 0)
    assert rows[0].entry.action == Action.AUDIT_READ
    assert desk.audit.count(AuditFilter()) == len(rows)


def test_checking_the_log_is_logged_with_its_outcome(office: DeskRig):
    desk = office.sign_in(SUPERVISOR)
    assert desk.audit.verify().holds
    assert log_of(desk, Action.AUDIT_VERIFIED)[0].entry.result == "done"
    connection = desk.session.vault._stores.core.connection
    connection.execute("UPDATE audit_leaves SET actor = 'x' WHERE n = 0")
    assert not desk.audit.verify().holds
    assert log_of(desk, Action.AUDIT_VERIFIED)[0].entry.result == "failed"
    assert "audit" in office.kinds()


def test_whoever_may_not_read_it_sees_nothing(office: DeskRig):
    desk = office.sign_in(AGENT)
    assert desk.audit.rows(AuditFilter(), 99, 0) == []
    assert desk.audit.count(AuditFilter()) == 0
    for ask in (desk.audit.open, desk.audit.verify):
        with pytest.raises(Refused):
            ask()
