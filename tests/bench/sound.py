"""From one mouth to the other ear: delay, steps and losses, beside baresip in the same room."""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from demo.hearing import speak, spoken_pcm
from demo.peers.baresip import Baresip
from demo.peers.processes import wait_for_text
from softphone.domain.call import CallState
from softphone.domain.events import CallChanged
from softphone.domain.ids import AccountId, CallId
from softphone.domain.sound import AudioRole, choose
from softphone.engine import wire
from tests.bench.calls import busy_window
from tests.bench.listening_room import ListeningRoom, lags_ms
from tests.bench.result import Figure
from tests.bench.rig import Rig, library, look, rig
from tests.integration.conftest import DOMAIN, NUMBER, Phone
from tests.integration.test_sound_on_pulse import ACCOUNT, CALL, VOICE_HZ
from tests.integration.test_sound_on_pulse import Rig as HeadsetRig

SECONDS = float(os.environ.get("BENCH_CALL_SECONDS", "60"))
RUNS = int(os.environ.get("BENCH_CALLS", "5"))
LONG_S = float(os.environ.get("BENCH_LONG_SECONDS", "600"))
UNPLUGS = 10
HOST_TOOK_MS = 20.0
"""So much taken away in one second, of both cores, may be heard as a step."""
SETTLE_S = 12.0
"""The queues shorten themselves during the first seconds of a call."""
MORE_S = 8.0
"""A mouth that ends disturbs the server: it speaks longer than is listened."""
PAIRINGS = (
    "ours>ours", "ours>baresip tuned", "baresip tuned>ours", "baresip>baresip",
    "baresip>baresip tuned",
)  # fmt: skip
AS_IT_COMES = "jitter_buffer_delay 5-10\naudio_buffer 20-160"
"""What baresip 1.0 writes into a configuration of its own."""
TUNED = "jitter_buffer_delay 1-2\naudio_buffer 20-40"
QUICK = {"PULSE_LATENCY_MSEC": "40"}
"""With 20 one of two directions stayed silent."""
TEXT = (
    "Good morning, this is the order desk. The delivery will arrive on Friday between eight and "
    "ten, and the driver will call you half an hour before."
)


@dataclass(frozen=True)
class Heard:
    """One way of one call."""

    seconds: dict[int, float | None]
    """The delay in each second of speech (ms); None where it was not recognised."""
    taken_ms: list[float]
    """How long the host kept the machine from running in the worst second near each one."""

    @property
    def lags(self) -> tuple[float, ...]:
        return tuple(lag for lag in self.seconds.values() if lag is not None)

    @property
    def lost(self) -> int:
        return list(self.seconds.values()).count(None)

    @property
    def lost_by_us(self) -> int:
        """Seconds not recognised though the host took nothing worth the name."""
        return sum(
            lag is None and self.taken_ms[at] < HOST_TOOK_MS for at, lag in self.seconds.items()
        )

    @property
    def median_ms(self) -> float:
        return statistics.median(self.lags) if self.lags else float("nan")

    @property
    def steps(self) -> tuple[float, ...]:
        """Changes of the delay from one second to the next by more than 4 ms."""
        return tuple(step for _, step in self._steps())

    @property
    def steps_by_us(self) -> tuple[float, ...]:
        """Those around which the host took nothing worth the name."""
        return tuple(step for at, step in self._steps() if self.taken_ms[at] < HOST_TOOK_MS)

    def _steps(self) -> list[tuple[int, float]]:
        known = [(at, lag) for at, lag in self.seconds.items() if lag is not None]
        pairs = pairwise(known)
        return [(at, round(b - a, 1)) for (_, a), (at, b) in pairs if abs(b - a) > 4]


class OurPhone:
    """Our engine at a seat in the room."""

    def __init__(
        self, place: Rig, room: ListeningRoom, seat: str, user: str, *, record: bool = False
    ) -> None:
        before = {k: os.environ.get(k) for k in ("PULSE_SERVER", "PULSE_RUNTIME_PATH")}
        os.environ.update({k: room.environment[k] for k in before})
        try:
            self.phone = Phone(place.folder / f"ours-{seat}", "auto")
        finally:
            for name, value in before.items():
                os.environ.pop(name) if value is None else os.environ.update({name: value})
        if record:
            self.phone.record()
        self.account = AccountId(user)
        self.phone.register(place.registrar.server, place.authority.ca_file, user, self.account)
        self.phone.registered(self.account)
        self.phone.client.sound(choose(AudioRole.MICROPHONE, f"{seat}_mic"))
        self.phone.client.sound(choose(AudioRole.SPEAKER, f"{seat}_ear"))
        self.phone.client.sound(choose(AudioRole.RINGER, f"{seat}_ear"))

    def call(self) -> None:
        self.phone.client.dial(self.account, NUMBER)

    def established(self) -> None:
        self.phone.in_state(CallState.ESTABLISHED)

    def answer(self) -> None:
        found = self.phone.wait(
            lambda e: isinstance(e, CallChanged) and e.call.state is CallState.INCOMING
        )
        self.phone.client.answer(CallId(found.call.id))
        self.phone.in_state(CallState.ESTABLISHED)

    def close(self) -> None:
        self.phone.close()


def baresip_at(
    place: Rig, room: ListeningRoom, seat: str, user: str, *, tuned: bool, dial: str = ""
) -> Baresip:
    """A baresip at a seat, as it comes or made as quick as its settings let it be."""
    return Baresip(
        place.folder / f"baresip-{seat}",
        user=user, password=f"pw-{user}", domain=DOMAIN, server=place.registrar.server,
        ca_file=place.authority.ca_file, spoken=place.voice, dump=False, dial=dial,
        devices=(f"{seat}_mic", f"{seat}_ear"), buffers=TUNED if tuned else AS_IT_COMES,
        environment={**room.environment, **(QUICK if tuned else {})},
    ).start()  # fmt: skip


@contextmanager
def call(
    place: Rig, room: ListeningRoom, pairing: str, *, record: bool = False
) -> Iterator[list[OurPhone | Baresip]]:
    """An established call between seats b and a, whose ends are returned in that order.

    ``pairing`` names who sits there: "a>b".
    """
    caller, callee = (side.removesuffix(" tuned") for side in pairing.split(">"))
    tuned = "tuned" in pairing
    ends: list[OurPhone | Baresip] = []
    try:
        if callee == "ours":
            phone = OurPhone(place, room, "b", "customer")
            ends.append(phone)
        else:
            peer = baresip_at(place, room, "b", "customer", tuned=tuned)
            ends.append(peer)
        if caller == "ours":
            first = OurPhone(place, room, "a", "anna", record=record)
            ends.append(first)
            if callee == "ours":
                first.call()
                phone.answer()
                first.established()
            else:
                first.call()
                first.established()
        else:
            target = f"sip:customer@{DOMAIN}"
            dialling = baresip_at(place, room, "a", "anna", tuned=tuned, dial=target)
            ends.append(dialling)
            if callee == "ours":
                phone.answer()
            assert dialling.process is not None
            wait_for_text(dialling.process, "established")
        yield ends
    finally:
        for end in ends:
            end.close() if isinstance(end, OurPhone) else end.stop()


@contextmanager
def talking(place: Rig, room: ListeningRoom, seconds: float) -> Iterator[None]:
    """Both mouths speak."""
    mouths = []
    for who, voice in (("a", "en"), ("b", "en+f3")):
        sentence = spoken_pcm(speak(TEXT, place.folder / f"{who}.wav", voice))
        mouths.append(room.say(who, np.resize(sentence, int(seconds * 16_000))))
    try:
        yield
    finally:
        for mouth in mouths:
            mouth.terminate()
            mouth.wait(timeout=5)


def measure(pairing: str, seconds: float = SECONDS) -> tuple[Heard, Heard]:
    """Return both ways of one call: from a to b, and from b to a."""
    with library(), rig() as place:
        room = ListeningRoom(place.folder / "room")
        try:
            speech = talking(place, room, seconds + SETTLE_S + MORE_S)
            with call(place, room, pairing), speech:
                look(seconds + SETTLE_S)
                heard, taken = room.heard(), room.taken_ms(int(seconds))
        finally:
            room.close()
    keep = int(seconds) * 16_000
    found = []
    for said, ear in (("a_mouth", "b_ear"), ("b_mouth", "a_ear")):
        found.append(Heard(lags_ms(heard[said][-keep:], heard[ear][-keep:]), taken))
    return found[0], found[1]


def mouth_to_ear_ms() -> Figure:
    """Median delay of our engine to our engine, beside the tuned pair of baresip."""
    medians: dict[str, float] = {}
    notes = []
    for pairing in PAIRINGS:
        ways = [way for _ in range(RUNS) for way in measure(pairing)]
        medians[pairing] = statistics.median(way.median_ms for way in ways)
        steps = sum(len(way.steps) for way in ways)
        lost = sum(way.lost for way in ways)
        notes.append(f"{pairing} {medians[pairing]:.0f} ms, {steps} steps, {lost} s not heard")
    return Figure(
        "mouth_to_ear_ms", round(medians["ours>ours"], 1), "ms", "baresip 1.0 pair, tuned",
        round(medians["baresip>baresip tuned"], 1), "lower", RUNS, "; ".join(notes),
    )  # fmt: skip


def _told(steps: tuple[float, ...], lost: int) -> str:
    largest = max((abs(step) for step in steps), default=0.0)
    return f"{len(steps)} steps, largest {largest:.0f} ms, {lost} s not recognised"


def lag_steps() -> Figure:
    """Steps of the delay and lost seconds in long calls: the machine quiet, then busy."""
    notes = []
    quiet: list[float] = []
    for busy in (False, True):
        with (
            tempfile.TemporaryDirectory() as folder,
            busy_window(Path(folder)) if busy else nullcontext(),
        ):
            ways = measure("ours>ours", LONG_S)
        medians = " and ".join(f"{way.median_ms:.0f}" for way in ways)
        told = [_told(way.steps, way.lost) for way in ways]
        own = [_told(way.steps_by_us, way.lost_by_us) for way in ways]
        left = sum(took < HOST_TOOK_MS for took in ways[0].taken_ms)
        notes.append(
            f"{'busy' if busy else 'quiet'}: {medians} ms, {' and '.join(told)} of "
            f"{sum(len(way.seconds) for way in ways)} s; around the {left} s in which the host "
            f"took less than {HOST_TOOK_MS:.0f} ms: {' and '.join(own)}"
        )
        if not busy:
            quiet = [max((abs(s) for way in ways for s in way.steps_by_us), default=0.0)]
    return Figure(
        "lag_step_largest_ms", quiet[0], "ms", "goal: none above 20 ms", 20.0, "lower", 1,
        f"two ways of a call of {LONG_S:.0f} s; " + "; ".join(notes),
    )  # fmt: skip


def unplug_to_sound_ms() -> Figure:
    """Time from pulling the headset until the call is heard on the other device."""
    times = []
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "rig").mkdir()
        place = HeadsetRig(Path(folder) / "rig")
        try:
            place.engine.apply(wire.Dial(ACCOUNT, CALL, "+4930"))
            place.stack.answer(CALL)
            module = place.headset
            for _ in range(UNPLUGS):
                ear = place.pulse.ear("headset")
                ear.wait_loud(time.monotonic(), VOICE_HZ, 5)
                pulled = time.monotonic()
                place.pulse.pactl("unload-module", module)
                times.append(place.ears["laptop"].wait_loud(pulled, VOICE_HZ, 5) * 1000)
                module = place.pulse.plug_headset()
        finally:
            place.close()
    return Figure(
        "unplug_to_sound_ms", round(statistics.median(times), 1), "ms", "goal: a second", 1000.0,
        "lower", UNPLUGS, f"at most {max(times):.0f} ms; 100 ms of the tone are listened to in it",
    )  # fmt: skip
