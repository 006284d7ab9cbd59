from __future__ import annotations

import threading

import pytest

from softphone.compose import heavy
from softphone.compose.late import LateAdapters


class Made:
    count = 0

    def __init__(self) -> None:
        Made.count += 1
        self.value = 7


@pytest.fixture(autouse=True)
def anew():
    Made.count = 0


def test_nothing_is_made_before_it_is_used_and_then_once():
    late = LateAdapters().late(Made)
    assert Made.count == 0
    assert late.value == 7
    late.value  # noqa: B018 - used again
    assert Made.count == 1


def test_two_threads_get_the_same():
    gate = threading.Barrier(2)
    late = LateAdapters().late(Made)

    def use() -> None:
        gate.wait(5)
        assert late.value == 7

    threads = [threading.Thread(target=use) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(5)
    assert Made.count == 1


def test_all_are_loaded_beside_though_one_cannot_be(caplog: pytest.LogCaptureFixture):
    adapters = LateAdapters()
    done = threading.Event()

    def broken() -> Made:
        raise ImportError("no such library")

    def last() -> Made:
        made = Made()
        done.set()
        return made

    late = adapters.late(broken)
    adapters.late(last)
    adapters.load_beside()
    assert done.wait(5)
    assert "cannot be loaded" in caplog.text
    with pytest.raises(ImportError, match="no such library"):
        late.value  # noqa: B018 - whoever uses it is told


def test_each_heavy_adapter_can_be_made(tmp_path):
    for make in (
        heavy.workbooks, heavy.contact_files, heavy.audit_files, heavy.documents,
        heavy.sound_exporter, heavy.sound_meter, heavy.age_exporter, heavy.delivery,
    ):  # fmt: skip
        assert make() is not None
    heavy.player(tmp_path / "sound.json")
