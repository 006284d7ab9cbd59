"""What a call costs on a workstation's sound server, beside baresip's end of the same call."""

from __future__ import annotations

import statistics
from collections.abc import Collection
from dataclasses import dataclass

from demo.peers.baresip import Baresip
from softphone.domain.sound import process
from softphone.domain.voice import VoicePart
from tests.bench.calls import engine_pid
from tests.bench.listening_room import ListeningRoom
from tests.bench.result import Figure
from tests.bench.rig import cpu_pct, library, look, rig
from tests.bench.sound import MORE_S, RUNS, SECONDS, OurPhone, call, talking
from tests.integration import own_pjsip

SETTLE_S = 5.0
FEW = 3
EVERYTHING, ECHO, NOTHING = tuple(VoicePart), (VoicePart.ECHO,), ()


@dataclass(frozen=True)
class Cost:
    """Medians of some calls, % of a core."""

    ours: float
    peer: float
    runs: int

    def __str__(self) -> str:
        return f"{self.ours:.2f} beside {self.peer:.2f} ({self.ours / self.peer:.2f})"


def cost(parts: Collection[VoicePart], *, record: bool, own: bool, runs: int) -> Cost:
    """Measure calls with these kinds of processing."""
    with library(own=own):
        pairs = [_once(parts, record=record) for _ in range(runs)]
    ours, peer = (statistics.median(pair[end] for pair in pairs) for end in (0, 1))
    return Cost(ours, peer, runs)


def _once(parts: Collection[VoicePart], *, record: bool) -> tuple[float, float]:
    with rig() as place:
        room = ListeningRoom(place.folder / "room")
        try:
            with (
                call(place, room, "ours>baresip", record=record) as (peer, ours),
                talking(place, room, SETTLE_S + SECONDS + MORE_S),
            ):
                assert isinstance(ours, OurPhone)
                assert isinstance(peer, Baresip)
                assert peer.process is not None
                for part in VoicePart:
                    ours.phone.client.sound(process(part, part in parts))
                look(SETTLE_S)
                pids = (engine_pid(ours.phone), peer.process.pid)
                used = cpu_pct(pids, SECONDS)
        finally:
            room.close()
    return used[0], used[1]


def _figure(name: str, measured: Cost, note: str) -> Figure:
    return Figure(
        name, round(measured.ours, 2), "% of a core", "baresip 1.0, same call",
        round(measured.peer, 2), "lower", measured.runs,
        f"G.722, SRTP, both on PulseAudio, both speak; {note}; {SECONDS:.0f} s a run",
    )  # fmt: skip


def cpu_plain_call_pct() -> Figure:
    """CPU of the engine in a plain SRTP call, beside baresip's in the same call."""
    own = own_pjsip.wheel() is not None
    others = []
    if own:
        others.append(f"library from PyPI {cost(NOTHING, record=False, own=False, runs=FEW)}")
    return _figure(
        "cpu_plain_call_pct", cost(NOTHING, record=False, own=own, runs=RUNS),
        "; ".join([_library(own), *others]),
    )  # fmt: skip


def cpu_recorded_call_pct() -> Figure:
    """CPU of the engine in a recorded, sealed, echo-cancelled call."""
    own = own_pjsip.wheel() is not None
    measured = cost(ECHO, record=True, own=own, runs=RUNS)
    more = [
        f"noise reduced and gain adapted, too {cost(EVERYTHING, record=True, own=own, runs=FEW)}"
    ]
    if own:
        more.append(f"library from PyPI {cost(ECHO, record=True, own=False, runs=FEW)}")
    note = "Opus, sealed, echo cancelled; baresip does none of that"
    return _figure("cpu_recorded_call_pct", measured, "; ".join([note, _library(own), *more]))


def _library(own: bool) -> str:
    return "library of make pjsip" if own else "library from PyPI"
