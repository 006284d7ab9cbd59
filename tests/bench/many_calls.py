"""Several recorded calls at once: what they cost, and whether the media tick keeps its time."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import combinations
from pathlib import Path

from demo.capture import Capture
from demo.peers.baresip import Baresip
from demo.peers.processes import wait_for_text
from softphone.domain.call import CallState, RecordingState
from softphone.domain.events import CallChanged
from softphone.domain.ids import CallId
from tests.bench.calls import engine_pid, intervals, udp_ports
from tests.bench.result import Figure, percentile
from tests.bench.rig import LINES, Rig, cpu_pct, library, look, rig
from tests.integration import own_pjsip
from tests.integration.conftest import ANNA, Phone

FOUR, EIGHT = 4, len(LINES)
MEASURED_S = 10.0
SETTLE_S = 3.0
SLIPPED_MS = 30.0
"""A packet every 20 ms: half a tick late is too late."""


@contextmanager
def _talking(place: Rig, count: int) -> Iterator[tuple[Phone, list[Baresip]]]:
    """Recorded calls that speak at once, mixed with each other, each with its own baresip."""
    with ExitStack() as stack:
        peers = []
        for user in LINES[:count]:
            peers.append(place.baresip(user))
            stack.callback(peers[-1].stop)
        ours = place.phone(record=True)
        stack.callback(ours.close)
        calls: list[CallId] = []
        for user, peer in zip(LINES, peers, strict=False):
            calls.append(ours.client.dial(ANNA, user))
            ours.in_state(CallState.ESTABLISHED, calls[-1])
            assert peer.process is not None
            wait_for_text(peer.process, "established")
        # Each call held the ones before: mixing two resumes both.
        for one, other in combinations(calls, 2):
            ours.client.conference(one, other)
        speaking: set[CallId] = set()
        ours.wait(lambda e: _speaks(e, speaking) == set(calls))
        look(SETTLE_S)
        yield ours, peers


def _speaks(event: object, speaking: set[CallId]) -> set[CallId]:
    """Keep count of the calls that are on, recorded, and not on hold."""
    if isinstance(event, CallChanged):
        call = event.call
        on = call.state is CallState.ESTABLISHED and call.quality is not None
        if on and call.recording is RecordingState.RECORDING and not call.held_by_us:
            speaking.add(call.id)
        else:
            speaking.discard(call.id)
    return speaking


def _cpu(place: Rig, count: int) -> tuple[float, float]:
    """Return CPU in percent of a core: ours, and all baresips together."""
    with _talking(place, count) as (ours, peers):
        pids = [engine_pid(ours), *(p.process.pid for p in peers if p.process is not None)]
        used = cpu_pct(pids, MEASURED_S)
    return used[0], sum(used[1:])


@contextmanager
def _eight_lines() -> Iterator[int]:
    """Return how many calls can be measured: eight where our own PJSIP was built, else four."""
    with library():
        yield EIGHT if own_pjsip.wheel() is not None else FOUR


def cpu_4_recorded_calls_pct() -> Figure:
    """CPU of four recorded calls in one engine, beside the four baresips at their other ends."""
    return _many(FOUR)


def cpu_8_recorded_calls_pct() -> Figure:
    """The same with eight, on the library of `make pjsip`."""
    with _eight_lines() as most:
        return _many(most)


def _many(count: int) -> Figure:
    with rig() as place:
        one = [_cpu(place, 1) for _ in range(2)]
        many = [_cpu(place, count) for _ in range(2)]
    ours, theirs = (statistics.median(p[i] for p in many) for i in (0, 1))
    single, theirs_single = (statistics.median(p[i] for p in one) for i in (0, 1))
    return Figure(
        f"cpu_{count}_recorded_calls_pct", round(ours, 2), "% of a core",
        f"{count} baresip 1.0, the same calls, not recording", round(theirs, 2), "lower", 2,
        f"one recorded call {single:.2f} beside {theirs_single:.2f}; a file as microphone, G.722, "
        f"SRTP, sealed, all mixed; {MEASURED_S:.0f} s a run",
    )  # fmt: skip


def _gaps(place: Rig, count: int) -> tuple[dict[int, float], dict[int, float]]:
    """Return gaps between RTP packets (ms) by our ports and by theirs: the worst p99 of each.

    A session that changes late sends under another SSRC from then on: the port tells the call.
    """
    with _talking(place, count) as (ours, peers):
        mine = udp_ports(engine_pid(ours))
        theirs = {port for p in peers if p.process is not None for port in udp_ports(p.process.pid)}
        wire = Capture(place.folder, [place.registrar.port])
        look(MEASURED_S)
        path: Path = wire.stop()
    streams = intervals(path)
    path.unlink()
    found: tuple[dict[int, float], dict[int, float]] = ({}, {})
    for stream, gaps in streams.items():
        port = int.from_bytes(stream[4:6], "big")
        for kept, ports in zip(found, (mine, theirs), strict=True):
            if port in ports:
                kept[port] = max(kept.get(port, 0.0), percentile(gaps, 99))
    return found


def calls_per_engine() -> Figure:
    """How many recorded calls one engine holds before its ticks slip; as many baresips beside."""
    held = held_by_them = 0
    worst: list[str] = []
    with _eight_lines() as most, rig() as place:
        for count in range(1, most + 1):
            ours, theirs = _gaps(place, count)
            slipped, theirs_slipped = max(ours.values()), max(theirs.values())
            worst.append(f"{slipped:.1f} beside {theirs_slipped:.1f}")
            if held == count - 1 and len(ours) == count and slipped < SLIPPED_MS:
                held = count
            if held_by_them == count - 1 and theirs_slipped < SLIPPED_MS:
                held_by_them = count
    return Figure(
        "calls_per_engine", held, "calls", "baresip 1.0, a process a call", held_by_them, "higher",
        1, f"worst stream's p99 gap of RTP (ms) with 1 to {most} calls: {', '.join(worst)}; the "
        "library takes no more",
    )  # fmt: skip
