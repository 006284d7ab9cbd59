from __future__ import annotations

from pathlib import Path

from softphone.domain.permissions import Permission
from tests.rights_table import ENFORCED, parts, table

TESTS = Path(__file__).parents[2]


def test_the_table_of_rights_in_the_document_is_in_step():
    assert set(ENFORCED) == set(Permission)
    assert parts()[1] == table(), "run python -m tests.rights_table"


def test_every_named_test_is_there():
    named = {name for _, tests in ENFORCED.values() for name in tests.split(", ")}
    assert [name for name in sorted(named) if not (TESTS / name).is_file()] == []
