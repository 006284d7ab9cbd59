from __future__ import annotations

from softphone.domain.audit import Action
from tests.audit_table import WHEN, parts, table


def test_the_table_of_actions_in_the_document_is_in_step():
    assert set(WHEN) == set(Action)
    assert parts()[1] == table(), "run python -m tests.audit_table"
