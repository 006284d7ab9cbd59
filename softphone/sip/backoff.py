"""Pauses between tries that grow, with jitter."""

from __future__ import annotations

import asyncio
import contextlib
import secrets

FIRST_RETRY_S = 1.0
LONGEST_RETRY_S = 60.0
_random = secrets.SystemRandom()


class Backoff:
    """How long to wait before the next try (asyncio thread)."""

    def __init__(self) -> None:
        self.next_s = FIRST_RETRY_S
        """The longest that the coming pause takes."""
        self._at_once = asyncio.Event()

    def begin_anew(self) -> None:
        """A try worked: the next pause is a short one again."""
        self.next_s = FIRST_RETRY_S

    def skip(self) -> None:
        """End the pause, or leave the coming one out."""
        self._at_once.set()

    async def pause(self) -> None:
        """Wait; the pause after this one is twice as long."""
        # Half of it is jitter: a thousand phones must not come back in step (RFC 5626, 4.5).
        wait = self.next_s * (0.5 + _random.random() / 2)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._at_once.wait(), wait)
        self._at_once.clear()
        self.next_s = min(self.next_s * 2, LONGEST_RETRY_S)
