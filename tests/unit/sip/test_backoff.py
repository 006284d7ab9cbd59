from __future__ import annotations

import asyncio

from softphone.sip import backoff
from softphone.sip.backoff import FIRST_RETRY_S, LONGEST_RETRY_S, Backoff


def test_pauses_grow_to_an_end_and_begin_anew():
    async def grow() -> list[float]:
        made = Backoff()
        seen = []
        for _ in range(8):
            seen.append(made.next_s)
            made.skip()
            await made.pause()
        made.begin_anew()
        return [*seen, made.next_s]

    assert asyncio.run(grow()) == [1, 2, 4, 8, 16, 32, LONGEST_RETRY_S, LONGEST_RETRY_S, 1]


def test_half_of_a_pause_is_chance(monkeypatch):
    waited = []

    async def wait_for(work, seconds):
        work.close()
        waited.append(seconds)
        raise TimeoutError

    monkeypatch.setattr(backoff.asyncio, "wait_for", wait_for)
    for _ in range(100):
        asyncio.run(Backoff().pause())
    assert min(waited) >= FIRST_RETRY_S / 2
    assert max(waited) <= FIRST_RETRY_S
    assert len(set(waited)) > 50
