"""A virtual display (Xvfb)."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from demo.peers.processes import PeerFailed


@contextmanager
def virtual_display() -> Iterator[str]:
    """Run Xvfb; yields its name, such as ``:99``. Raises PeerFailed."""
    reading, writing = os.pipe()
    server = subprocess.Popen(
        # It would begin anew when its last client goes, and refuse who comes in that moment.
        ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1280x832x24", "-nolisten", "tcp",
         "-noreset"],
        pass_fds=[writing],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )  # fmt: skip
    try:
        os.close(writing)
        with os.fdopen(reading) as pipe:
            number = pipe.readline().strip()
        if not number:
            raise PeerFailed("Xvfb did not start")
        yield f":{number}"
    finally:
        server.terminate()
        server.wait(timeout=10)
