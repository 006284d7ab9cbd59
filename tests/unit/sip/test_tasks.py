from __future__ import annotations

import asyncio

from softphone.sip.tasks import cancel_all


def test_a_task_that_loses_a_cancellation_is_ended_all_the_same():
    async def deaf_once() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            await asyncio.Event().wait()

    async def fails() -> None:
        raise OSError

    async def both() -> None:
        tasks = [asyncio.create_task(deaf_once()), asyncio.create_task(fails())]
        await asyncio.sleep(0)
        await cancel_all(tasks)
        assert all(task.done() for task in tasks)

    asyncio.run(both())
