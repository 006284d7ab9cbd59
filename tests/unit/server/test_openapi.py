from __future__ import annotations

from tests.openapi import DOCUMENT, contract


def test_the_committed_contract_is_in_step():
    assert DOCUMENT.read_text("utf-8") == contract(), "run python -m tests.openapi"
