"""Ending tasks of asyncio for certain."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from typing import Any

AGAIN_S = 0.2


async def cancel_all(tasks: Collection[asyncio.Task[Any]]) -> None:
    """Cancel tasks until all have ended; their failures are dropped.

    Once is not enough: ``asyncio.wait_for`` of Python 3.11 loses a cancellation that comes in the
    moment its answer does, and the task goes on.
    """
    while going := [task for task in tasks if not task.done()]:
        for task in going:
            task.cancel()
        await asyncio.wait(going, timeout=AGAIN_S)
    for task in tasks:
        if not task.cancelled():
            task.exception()
