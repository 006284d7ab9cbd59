from __future__ import annotations

from pathlib import Path

import pytest

from softphone.app.ports import Vault
from softphone.vault.search import match, number_words
from tests.unit.vault.rig import SUPERVISOR, Rig

NUMBER = "+493012345678"


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    made = Rig(tmp_path)
    made.create(SUPERVISOR)
    return made


def test_words_and_numbers_become_prefixes():
    assert match("  ") is None
    assert match("ada lo") == '"ada"* AND "lo"*'
    assert match("+49 30") == '("4930"*) OR ("49"* AND "30"*)'
    assert number_words(NUMBER) == "493012345678 +49 30 12345678"
    assert number_words("ada@example.org") == "ada@example.org"


@pytest.mark.parametrize("text", ['"', "*", "a OR", "NEAR(", "(", "--", "a:b", "'; DROP", "\0"])
def test_no_search_text_breaks_anything(vault: Vault, text: str):
    assert isinstance(vault.history_count(text), int)
    assert list(vault.contacts(text, 9, 0)) == []
    assert list(vault.history(text, 9, 0)) == []
