from __future__ import annotations

from pathlib import Path

import pytest

from softphone.domain.errors import Damaged
from softphone.vault.marks import MarkKeeper, Marks
from softphone.vault.secret_store import NoSecretStore
from tests.fakes.secrets import MemorySecrets

OLD = Marks(2, 10, b"o" * 32, 5)
NEW = Marks(3, 20, b"n" * 32, 9)
KEY = b"k" * 32


def test_the_larger_of_both_places_counts(tmp_path: Path):
    path, store = tmp_path / "marks", MemorySecrets()
    keeper = MarkKeeper(path, store, KEY)
    assert keeper.load() == Marks()
    keeper.save(OLD)
    old_file, old_entry = path.read_bytes(), dict(store.kept)
    keeper.save(NEW)
    path.write_bytes(old_file)
    assert keeper.load() == NEW
    keeper.save(NEW)
    store.kept = old_entry
    assert keeper.load() == NEW


def test_without_a_key_store_the_file_alone_counts(tmp_path: Path):
    keeper = MarkKeeper(tmp_path / "marks", NoSecretStore(), KEY)
    keeper.save(NEW)
    assert keeper.load() == NEW


def test_marks_made_with_another_key_are_refused(tmp_path: Path):
    MarkKeeper(tmp_path / "marks", NoSecretStore(), b"x" * 32).save(NEW)
    with pytest.raises(Damaged):
        MarkKeeper(tmp_path / "marks", NoSecretStore(), KEY).load()
