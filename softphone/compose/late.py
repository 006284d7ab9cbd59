"""Adapters that are made when they are first used, or when there is time.

A window should not wait for what writes workbooks or decodes sound. After it is there, a thread
loads the rest, so that nothing waits for it later either.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Any, TypeVar, cast

log = logging.getLogger(__name__)
T = TypeVar("T")


class _Late:
    """Stands for an object until it is asked for anything; from any thread."""

    def __init__(self, make: Callable[[], object]) -> None:
        self._make = make
        self._once = threading.Lock()
        self._object: Any = None

    def _load(self) -> Any:
        with self._once:
            if self._object is None:
                self._object = self._make()
            return self._object

    def __getattr__(self, name: str) -> Any:
        return getattr(self._object or self._load(), name)


class LateAdapters:
    """All late adapters of one program."""

    def __init__(self) -> None:
        self._waiting: list[_Late] = []

    def late(self, make: Callable[[], T]) -> T:
        """Return what behaves like what ``make`` returns; it is called once."""
        made = _Late(make)
        self._waiting.append(made)
        return cast(T, made)

    def load_beside(self) -> None:
        """Load all on a thread."""
        threading.Thread(target=self._load, name="late-adapters", daemon=True).start()

    def _load(self) -> None:
        for made in self._waiting:
            try:
                made._load()
            except Exception:  # whoever uses it first is told
                log.exception("a part of the program cannot be loaded")
