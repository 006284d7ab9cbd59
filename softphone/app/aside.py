"""Long work beside the vault's lane: it asks the lane for each step, and others get in between.

An export of a hundred thousand calls takes a minute. On the lane it would keep every page, every
finished call and every colleague's command waiting. Here only reading a page of rows is on the
lane; making the file is not. The vault, its keys and its connection stay on their thread.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any, Generic, TypeVar, cast, overload

from softphone.app.office import Lane
from softphone.app.ports import Vault
from softphone.domain.contact import ContactFile
from softphone.domain.errors import Cancelled

T = TypeVar("T")
ROWS = 500
"""Rows that one step brings over; a step holds the lane for a few milliseconds."""
TOPICS = frozenset(
    {
        *("directory", "consents", "informing", "do_not_call"),
        *("registers", "requests", "restrictions", "retention"),
    }
)
"""Parts of a vault that have methods of their own."""


class Steps:
    """Runs one step after another on a lane, until the vault it is for is closed."""

    def __init__(self, lane: Lane, still_open: Callable[[], bool]) -> None:
        self._lane = lane
        self._still_open = still_open

    def take(self, step: Callable[[], T]) -> T:
        """Run a step on the lane and wait for it. Raises Cancelled when its vault is closed."""

        def guarded() -> T:
            if not self._still_open():
                raise Cancelled("It was stopped.", "The vault was closed.", "Sign in, and repeat.")
            return step()

        return self._lane.submit(guarded).result()


class VaultAside:
    """An unlocked vault for use beside its lane; never on the lane, which would wait for itself.

    Values are frozen and pass as they are; long lists are fetched as they are looked at.
    """

    def __init__(self, target: object, steps: Steps) -> None:
        self._target = target
        self._steps = steps

    def __getattr__(self, name: str) -> Any:
        found = self._steps.take(lambda: getattr(self._target, name))
        if name in TOPICS:
            return VaultAside(found, self._steps)
        if not callable(found):
            return found

        def call(*values: Any, **named: Any) -> Any:
            return self._brought(self._steps.take(lambda: found(*values, **named)))

        return call

    def _brought(self, value: Any) -> Any:
        if isinstance(value, ContactFile):
            return replace(
                value,
                calls=self._brought(value.calls),
                recordings=self._brought(value.recordings),
                notes=self._brought(value.notes),
                accesses=self._brought(value.accesses),
            )
        if isinstance(value, Iterator):
            return self._iterated(value)
        if isinstance(value, Sequence) and not isinstance(value, (tuple, list, str, bytes)):
            return RowsAside(value, self._steps)
        return value

    def _iterated(self, rows: Iterator[T]) -> Iterator[T]:
        while some := self._steps.take(lambda: list(islice(rows, ROWS))):
            yield from some


class RowsAside(Sequence[T], Generic[T]):
    """A long list of the vault, fetched step by step."""

    def __init__(self, rows: Sequence[T], steps: Steps) -> None:
        self._rows = rows
        self._steps = steps

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[T]:
        for start in range(0, len(self._rows), ROWS):
            yield from self[start : start + ROWS]

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[T]: ...
    def __getitem__(self, index: int | slice) -> T | Sequence[T]:
        if isinstance(index, slice):
            return self._steps.take(lambda: list(self._rows[index]))
        return self._steps.take(lambda: self._rows[index])


def vault_aside(vault: Vault, steps: Steps) -> Vault:
    """Return the vault as it is used beside its lane."""
    return cast(Vault, VaultAside(vault, steps))
