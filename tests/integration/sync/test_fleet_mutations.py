"""The model of the fleet is worth what it finds: each wrong behaviour here must make it fail.

One behaviour of the program is exchanged for a wrong one; then the same machine that judges the
program (test_fleet_model) looks for a sequence of deeds that shows it.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from softphone.domain.privacy import Tombstone
from softphone.server.logbook import Logbook
from softphone.vault.erasure import Erasures
from softphone.vault.foreign import ForeignTombstones
from softphone.vault.outbox import advance_cursor, cursor_of
from tests.fakes import fleet
from tests.integration.sync.test_fleet_model import Fleet

Patch = pytest.MonkeyPatch


def restored_without_erasures(patch: Patch) -> None:
    """A restored backup opens as it was made."""
    patch.setattr(fleet, "replay_erasures", lambda *_args: None)


def cursor_before_deed(patch: Patch) -> None:
    """The position is noted first; what fails then is never asked for again."""
    receive = ForeignTombstones.receive

    def hasty(self: ForeignTombstones, tombstone: Tombstone, position: int) -> bool:
        with self._core.deeds.transaction() as connection:
            advance_cursor(connection, position)
        return receive(self, tombstone, position)

    patch.setattr(ForeignTombstones, "receive", hasty)


def held_is_acknowledged(patch: Patch) -> None:
    """What waits for an endorsement counts as carried out."""
    patch.setattr(ForeignTombstones, "done_up_to", lambda self: cursor_of(self._core.connection))


def held_is_forgotten(patch: Patch) -> None:
    """What waited is not carried out when its device is endorsed."""

    def forget(self: ForeignTombstones) -> int:
        with self._core.deeds.transaction() as connection:
            connection.execute("DELETE FROM held_tombstones")
        return 0

    patch.setattr(ForeignTombstones, "release", forget)


def witness_believes(patch: Patch) -> None:
    """The witness stores and cosigns whatever bears the device's signature."""

    def extend(self: Logbook, connection, current, fresh, checkpoint) -> None:
        if fresh:
            grown = current.frontier
            for leaf in fresh:
                grown = grown.append(leaf)
            self._store.append_leaves(connection, current, fresh, grown)

    patch.setattr(Logbook, "_compare", lambda *_args: None)
    patch.setattr(Logbook, "_extend", extend)


def erased_may_return(patch: Patch) -> None:
    """A recording that was erased before it came here is taken in."""
    patch.setattr(
        Erasures, "apply", lambda self, tombstone, position: _remember(self, tombstone, position)
    )


def _remember(erasures: Erasures, tombstone: Tombstone, position: int) -> bool:
    with erasures._core.deeds.transaction():
        if erasures.known(tombstone):
            advance_cursor(erasures._core.connection, position)
        else:
            erasures._remember(tombstone, position)
    return False


WRONG: tuple[Callable[[Patch], None], ...] = (
    restored_without_erasures,
    cursor_before_deed,
    held_is_acknowledged,
    held_is_forgotten,
    witness_believes,
    erased_may_return,
)


@pytest.mark.e2e
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("wrong", WRONG, ids=lambda one: one.__name__)
def test_the_model_finds_it(wrong: Callable[[Patch], None], monkeypatch: Patch) -> None:
    wrong(monkeypatch)
    bounded = settings(
        max_examples=60,
        stateful_step_count=40,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    with pytest.raises(Exception) as found:  # noqa: PT011 - which way it shows is not the point
        run_state_machine_as_test(Fleet, settings=bounded)
    assert "Fleet" in "".join(getattr(found.value, "__notes__", []))
