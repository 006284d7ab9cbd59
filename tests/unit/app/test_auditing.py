from __future__ import annotations

from collections.abc import Generator
from datetime import UTC
from pathlib import Path

import pytest

from softphone.app.ports.audit_files import TableFormat
from softphone.domain.audit import Action, AuditFilter, DataCategory
from softphone.domain.audit_bundle import AuditBundle
from softphone.domain.errors import Refused, StorageFailed
from tests.unit.app.rig import AGENT, SUPERVISOR, DeskRig, log_of
from tests.unit.vault.rig import call, draft


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


def test_a_check_goes_on_in_steps_and_its_end_is_logged(office: DeskRig):
    desk = office.sign_in(SUPERVISOR)
    check = desk.audit.begin_verify()
    while (verdict := check.step()) is None:
        assert check.done <= check.total
    assert verdict.holds
    assert check.done == check.total == verdict.entries
    assert len(log_of(desk, Action.AUDIT_VERIFIED)) == 1
    desk.audit.begin_verify().cancel()
    assert log_of(desk, Action.AUDIT_VERIFIED)[0].entry.result == "failed"


def test_whoever_may_not_read_it_sees_nothing(office: DeskRig):
    desk = office.sign_in(AGENT)
    assert desk.audit.rows(AuditFilter(), 99, 0) == []
    assert desk.audit.count(AuditFilter()) == 0
    for ask in (desk.audit.open, desk.audit.verify):
        with pytest.raises(Refused):
            ask()


class NotingBundles:
    def __init__(self, trouble: Exception | None = None) -> None:
        self.leaves: list[bytes] = []
        self.trouble = trouble

    def write(self, bundle: AuditBundle, destination: Path) -> None:
        for _ in self.parts(bundle, destination, 2):
            continue

    def parts(
        self, bundle: AuditBundle, destination: Path, lines: int
    ) -> Generator[int, None, None]:
        if self.trouble is not None:
            raise self.trouble
        leaves = list(bundle.leaves)
        yield from range(lines, len(leaves), lines)
        self.leaves = leaves


def test_an_export_holds_the_entry_about_itself(office: DeskRig, tmp_path: Path):
    desk = office.sign_in(SUPERVISOR)
    bundles = NotingBundles()
    assert desk.audit.export(tmp_path / "out", bundles) == tmp_path / "out"
    assert b'"audit.exported"' in bundles.leaves[-1]
    assert log_of(desk, Action.AUDIT_EXPORTED)[0].entry.result == "done"


def test_an_export_that_failed_is_logged_as_failed(office: DeskRig, tmp_path: Path):
    desk = office.sign_in(SUPERVISOR)
    with pytest.raises(StorageFailed):
        desk.audit.export(tmp_path / "out", NotingBundles(StorageFailed("The disk is full.")))
    assert log_of(desk, Action.AUDIT_EXPORTED)[0].entry.result == "failed"


def test_a_proof_that_is_handed_out_is_logged(office: DeskRig):
    desk = office.sign_in(SUPERVISOR)
    assert desk.audit.prove(0).index == 0
    [row] = log_of(desk, Action.AUDIT_EXPORTED)
    assert row.detail == {"entry": "0"}


def test_whoever_may_not_read_the_log_gets_no_part_of_it(office: DeskRig, tmp_path: Path):
    desk = office.sign_in(AGENT)
    bundles = NotingBundles()
    with pytest.raises(Refused):
        desk.audit.export(tmp_path / "out", bundles)
    with pytest.raises(Refused):
        desk.audit.prove(0)
    assert bundles.leaves == []
    assert [r.entry.result for r in log_of(desk, Action.AUDIT_EXPORTED)] == ["refused"] * 2


def test_calls_of_a_pbx_without_an_entry_are_found(office: DeskRig):
    desk = office.sign_in(SUPERVISOR)
    vault = desk.session.vault
    now = office.rig.clock.now()
    kept, erased = call(vault, "+493012345678", now), call(vault, "+442079460000", now)
    for entry in (kept, erased):
        vault.add_call(entry, draft(vault, Action.CALL_ENDED, DataCategory.CALL, entry.call))
    connection = vault._stores.core.connection
    connection.execute("DELETE FROM calls WHERE id = ?", (erased.call,))
    start = now.strftime("%Y-%m-%d %H:%M:%S")
    records = (
        f"calldate;src;dst\n{start};1001;+49 30 12345678\n{start};1001;+442079460000\n"
        f"{start};1001;+48225550147\n"
    )
    found = desk.audit.compare_calls(records, UTC)
    assert found.calls == 3
    assert [one.line for one in found.missing] in ([3], [4])
    (row,) = log_of(desk, Action.AUDIT_COMPARED)
    assert row.detail == {"calls": "3", "missing": "1"}


def test_a_table_comes_in_steps_and_its_failure_is_logged(office: DeskRig, tmp_path: Path):
    desk = office.sign_in(SUPERVISOR)
    job = desk.audit.begin_table(AuditFilter(), tmp_path / "log.csv", TableFormat.CSV, "UTC")
    assert not job.step()
    assert not (tmp_path / "log.csv").exists()
    assert job.step()
    assert job.done == job.total
    lines = (tmp_path / "log.csv").read_text("utf-8-sig").splitlines()
    assert len(lines) == job.total + 1
    job = desk.audit.begin_table(AuditFilter(), tmp_path / "x.json", TableFormat.JSON, "UTC")
    job.step()
    job.cancel()
    assert [p.name for p in tmp_path.glob("*.json")] == []
    assert log_of(desk, Action.AUDIT_EXPORTED)[0].entry.result == "failed"
