from __future__ import annotations

from pathlib import Path

import pytest

from softphone.app.leaving import certify
from softphone.domain.audit import Action
from softphone.domain.errors import Refused, StorageFailed
from softphone.export.documents import HtmlDocuments
from softphone.vault.leaving import check_certificate
from tests.unit.app.rig import ADMIN, SUPERVISOR, DeskRig, log_of


def test_the_certificate_comes_first(tmp_path: Path):
    office = DeskRig(tmp_path / "profile")
    with pytest.raises(Refused):
        certify(office.sign_in(SUPERVISOR).session, HtmlDocuments(), tmp_path / "c.txt")
    desk = office.sign_in(ADMIN)
    with pytest.raises(StorageFailed):
        certify(desk.session, HtmlDocuments(), tmp_path / "missing" / "c.txt")
    certify(desk.session, HtmlDocuments(), tmp_path / "c.txt")
    said = check_certificate((tmp_path / "c.txt").read_text("utf-8"), desk.session.vault.log_key)
    assert said["device"] == desk.session.vault.device
    assert {r.entry.result for r in log_of(desk, Action.DEVICE_DECOMMISSIONED)} == {
        "done",
        "refused",
    }
    office.close()
