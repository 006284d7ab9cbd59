from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from softphone.domain.errors import Damaged
from softphone.domain.ids import ErasureId
from softphone.domain.privacy import ErasureReason, ErasureStep
from softphone.vault.erasure_job import CONTACT, Job, Jobs
from tests.unit.vault.rig import ADMIN, Rig

JOB = Job(
    ErasureId("e1"),
    CONTACT,
    ErasureStep.RESTRICTED,
    ErasureReason.SUBJECT_REQUEST,
    "u1",
    5,
    ("c1",),
    ("+442079460000",),
    ("r1",),
    ("Ada Lovelace",),
    (("calls", 2),),
)


@pytest.fixture
def core(tmp_path: Path):
    rig = Rig(tmp_path)
    rig.create()
    vault = rig.open(ADMIN)
    yield vault._stores.core
    vault.close()


def test_a_job_comes_back_and_its_scope_is_not_readable_in_the_row(core):
    jobs = Jobs(core)
    jobs.save(JOB)
    assert jobs.unfinished() == [JOB]
    assert jobs.known(JOB.id)
    assert not jobs.known(ErasureId("e2"))
    row = repr(core.connection.execute("SELECT * FROM erasures").fetchall())
    assert "Lovelace" not in row
    assert "7946" not in row


def test_a_finished_job_forgets_whom_it_was_about(core):
    jobs = Jobs(core)
    jobs.save(JOB)
    jobs.save(replace(JOB, step=ErasureStep.DONE, entry_index=7, checkpoint="note"))
    assert jobs.unfinished() == []
    row = core.connection.execute("SELECT numbers, needles FROM erasures").fetchone()
    assert row == (b"", b"")


def test_a_scope_moved_to_another_job_is_refused(core):
    jobs = Jobs(core)
    jobs.save(JOB)
    core.connection.execute("UPDATE erasures SET id = 'e2'")
    with pytest.raises(Damaged):
        jobs.unfinished()


def test_the_receipt_has_no_scope():
    receipt = replace(JOB, remains=1, entry_index=7, checkpoint="note").receipt()
    assert (receipt.counts, receipt.remains_found, receipt.entry_index) == (JOB.counts, 1, 7)
    assert "Lovelace" not in repr(receipt)
