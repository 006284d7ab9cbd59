from __future__ import annotations

import tempfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from softphone.domain.note import parse_note, verify
from softphone.server import run
from softphone.server.logbook import Conflict, LeavesRefused, Logbook
from softphone.server.witness import Witness, signature_verifies
from tests.fakes.sync_source import MemorySource

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@given(st.lists(st.tuples(st.integers(0, 12), st.integers(1, 12)), max_size=12))
@settings(max_examples=25, deadline=None)
def test_whatever_comes_in_whatever_order_the_log_stays_one(batches: list[tuple[int, int]]):
    """Batches overlap, repeat, come late or too early: what is stored is always a beginning."""
    with tempfile.TemporaryDirectory() as folder:
        run.init(Path(folder))
        store = run.open_store(Path(folder))
        source = MemorySource()
        source.write(24)
        token = store.enrol(store.issue_token(NOW), source.device, source.log_key, NOW)
        device = store.authenticate(token)
        witness = Witness("w", bytes(32))
        book = Logbook(store, witness)
        size = 0
        cosigned: dict[int, str] = {}
        for first, count in batches:
            end = first + count
            leaves, checkpoint = source.leaves[first:end], source.checkpoint(end)
            if first > size or (end < size and end not in cosigned):
                with pytest.raises(LeavesRefused) as caught:
                    book.append(device, first, leaves, checkpoint)
                assert caught.value.size == size
                wanted = Conflict.GAP if first > size else Conflict.ROLLBACK
                assert caught.value.conflict is wanted
                continue
            note = book.append(device, first, leaves, checkpoint)
            verify(parse_note(note), witness.verifier_key, signature_verifies)
            assert cosigned.setdefault(end, note) == note
            size = max(size, end)
        with store.transaction() as connection:
            assert store.leaves(connection, device.id, 0, 100) == source.leaves[:size]
        store.close()


def test_one_size_is_cosigned_for_one_text_only(tmp_path: Path):
    run.init(tmp_path)
    store = run.open_store(tmp_path)
    source = MemorySource()
    source.write(2)
    token = store.enrol(store.issue_token(NOW), source.device, source.log_key, NOW)
    book = Logbook(store, Witness("w", bytes(32)))
    device = store.authenticate(token)
    book.append(device, 0, source.leaves, source.checkpoint(2))
    other = source.checkpoint(2, extensions=("something else",))
    with pytest.raises(LeavesRefused):
        book.append(device, 0, source.leaves, other)
    store.close()
