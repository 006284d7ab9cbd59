from __future__ import annotations

from pathlib import Path

import pytest

from softphone.vault.marks import Marks
from tests.unit.vault.rig import ADMIN, Rig, draft


@pytest.fixture
def vault(tmp_path: Path):
    rig = Rig(tmp_path)
    rig.create()
    opened = rig.open(ADMIN)
    yield opened
    opened.close()


def test_signing_moves_the_marks_forward(vault):
    stores = vault._stores
    vault.append_audit(draft(vault))
    head = stores.sign_head()
    assert stores.marks.load() == Marks(vault.policy.version, head.size, head.root, 0)
    assert stores.sign_head() == head


def test_marks_of_a_fork_are_not_overwritten(vault):
    stores = vault._stores
    stores.sign_head()
    ahead = Marks(1, 1000, b"r" * 32, 0)
    stores.marks.save(ahead)
    assert stores.rolled_back(ahead)
    for _ in range(3):
        vault.append_audit(draft(vault))
    stores.sign_head()
    assert stores.marks.load() == ahead


def test_another_root_at_the_same_size_is_a_fork(vault):
    stores = vault._stores
    head = stores.sign_head()
    assert not stores.rolled_back(Marks())
    assert not stores.rolled_back(Marks(1, head.size, head.root))
    assert stores.rolled_back(Marks(1, head.size, b"x" * 32))
    assert stores.rolled_back(Marks(1, head.size, head.root, cosigned_size=1))
