"""Other programs that are told of calls: started directly, never through a shell."""

from __future__ import annotations

import logging
import subprocess
import threading
import webbrowser

log = logging.getLogger(__name__)


IN_TURN_S = 5.0
"""How long a program may take before the next one is started beside it."""


class ProgramRunner:
    """Implements ``call_hooks.HookRunner``; nothing of a call is written to the log."""

    def __init__(self) -> None:
        self._before = threading.Event()
        self._before.set()

    def open(self, url: str) -> None:
        """Show an address in the person's browser."""
        threading.Thread(target=self._open, args=(url,), name="browser", daemon=True).start()

    def start(self, arguments: tuple[str, ...]) -> None:
        """Start a program when the one before has ended: an end must not be told before an answer.

        Returns at once; what is under way is started even if this program ends meanwhile.
        """
        before, self._before = self._before, threading.Event()
        threading.Thread(
            target=self._start_after, args=(before, self._before, arguments), name="hook"
        ).start()

    def _start_after(
        self, before: threading.Event, ended: threading.Event, arguments: tuple[str, ...]
    ) -> None:
        before.wait(IN_TURN_S)
        process = self._started(arguments)
        if process is not None:
            try:
                process.wait(IN_TURN_S)
            except subprocess.TimeoutExpired:
                threading.Thread(target=process.wait, name="hook", daemon=True).start()
        ended.set()

    def _started(self, arguments: tuple[str, ...]) -> subprocess.Popen[bytes] | None:
        try:
            return subprocess.Popen(
                list(arguments),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            log.error("the program that is told of calls did not start: %s", type(error).__name__)
            return None

    @staticmethod
    def _open(url: str) -> None:
        if not webbrowser.open(url):
            log.error("no browser was found for the address that calls open")
