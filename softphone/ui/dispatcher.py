"""The one way from other threads into the window: a queued signal that carries a callable."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from typing import TypeVar

import shiboken6
from PySide6.QtCore import QObject, Qt, Signal

from softphone.domain.errors import SoftphoneError

log = logging.getLogger(__name__)
T = TypeVar("T")
OnError = Callable[[Exception], None]


class Dispatcher(QObject):
    """Runs callables on the window's thread, in the order they were posted."""

    failed = Signal(object)
    """An error that nobody took; carries the exception."""
    _posted = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._posted.connect(self._execute, Qt.ConnectionType.QueuedConnection)

    def post(self, work: Callable[[], None]) -> None:
        """Run ``work`` on the window's thread soon; may be called from any thread."""
        if shiboken6.isValid(self):
            self._posted.emit(work)

    def run(
        self,
        future: Future[T],
        on_done: Callable[[T], None],
        on_error: OnError | None = None,
        *,
        owner: QObject | None = None,
    ) -> None:
        """Take a result or an error on the window's thread, unless ``owner`` is gone by then."""

        def take() -> None:
            if owner is not None and not shiboken6.isValid(owner):
                return
            self._take(future, on_done, on_error)

        future.add_done_callback(lambda _future: self.post(take))

    def _take(
        self, future: Future[T], on_done: Callable[[T], None], on_error: OnError | None
    ) -> None:
        try:
            result = future.result()
        except CancelledError:
            return
        except Exception as error:
            if not isinstance(error, SoftphoneError):
                log.error("work failed unexpectedly", exc_info=error)
            (on_error or self.failed.emit)(error)
            return
        on_done(result)

    def _execute(self, work: Callable[[], None]) -> None:
        work()
