"""Long lists that are read page by page, so that memory does not grow with them."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Generic, TypeVar, overload

T = TypeVar("T")
PAGE = 500


class PagedRows(Sequence[T], Generic[T]):
    """Rows of the vault in an order fixed at first; eight bytes a row until it is looked at.

    Used on the vault's thread while it is open. Rows that went meanwhile are left out.
    """

    def __init__(
        self, numbers: Iterable[int], fetch: Callable[[Sequence[int]], Sequence[T]]
    ) -> None:
        self._numbers = array("q", numbers)
        self._fetch = fetch

    def __len__(self) -> int:
        return len(self._numbers)

    def __iter__(self) -> Iterator[T]:
        for start in range(0, len(self._numbers), PAGE):
            yield from self._fetch(self._numbers[start : start + PAGE])

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[T]: ...
    def __getitem__(self, index: int | slice) -> T | Sequence[T]:
        if isinstance(index, slice):
            return PagedRows(self._numbers[index], self._fetch)
        return self._fetch([self._numbers[index]])[0]
