"""Other programs that are told of calls: started directly, never through a shell."""

from __future__ import annotations

import logging
import subprocess
import threading
import webbrowser

log = logging.getLogger(__name__)


class ProgramRunner:
    """Implements ``call_hooks.HookRunner``; nothing of a call is written to the log."""

    def open(self, url: str) -> None:
        """Show an address in the person's browser."""
        threading.Thread(target=self._open, args=(url,), name="browser", daemon=True).start()

    def start(self, arguments: tuple[str, ...]) -> None:
        """Start a program, and reap it when it ends."""
        try:
            process = subprocess.Popen(
                list(arguments),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            log.error("the program that is told of calls did not start: %s", type(error).__name__)
            return
        threading.Thread(target=process.wait, name="hook", daemon=True).start()

    @staticmethod
    def _open(url: str) -> None:
        if not webbrowser.open(url):
            log.error("no browser was found for the address that calls open")
