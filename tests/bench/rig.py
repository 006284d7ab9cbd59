"""Two phones through Kamailio: one of ours and one baresip, for side-by-side figures."""

from __future__ import annotations

import selectors
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import psutil

from demo.hearing import speak, spoken_pcm, write_wav
from demo.peers.authority import Authority
from demo.peers.baresip import Baresip
from demo.peers.kamailio import Kamailio
from demo.peers.processes import free_port, wait_for_text
from softphone.domain.account import RegistrationState
from softphone.domain.call import CallState
from softphone.domain.events import CallChanged, RegistrationChanged
from tests.integration import own_pjsip
from tests.integration.conftest import ANNA, DOMAIN, NUMBER, Phone

LINES = tuple(f"line{number}" for number in range(1, 9))
"""Users for several calls at once."""


class Rig:
    """Registrar, voices and phones in one private folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._phones = 0
        self.authority = Authority(folder / "ca")
        files = self.authority.issue("localhost", "127.0.0.1")
        self.plain_port = free_port()
        self.registrar = Kamailio(
            folder / "kamailio",
            files,
            {user: f"pw-{user}" for user in ("anna", "customer", "other", *LINES)},
            domain=DOMAIN,
            numbers={NUMBER: "customer"},
            plain_port=self.plain_port,
        )
        self.registrar.start()
        sentence = spoken_pcm(speak("The delivery will arrive on Friday.", folder / "voice.wav"))
        self.voice = folder / "voice16.wav"
        write_wav(self.voice, np.tile(np.concatenate([sentence, np.zeros(8000, np.int16)]), 60))

    def close(self) -> None:
        self.registrar.stop()

    def phone(self, *, record: bool = False) -> Phone:
        # A profile of its own each time: another key cannot open the journal of the one before.
        self._phones += 1
        made = Phone(self.folder / f"ours{self._phones}", f"file:{self.voice}")
        if record:
            made.record()
        made.register(self.registrar.server, self.authority.ca_file)
        made.wait(
            lambda e: (
                isinstance(e, RegistrationChanged)
                and e.registration.state is RegistrationState.REGISTERED
            )
        )
        return made

    def baresip(self, user: str = "customer", answer: str = "auto") -> Baresip:
        peer = Baresip(
            self.folder / f"baresip-{user}",
            user=user,
            password=f"pw-{user}",
            domain=DOMAIN,
            server=self.registrar.server,
            ca_file=self.authority.ca_file,
            spoken=self.voice,
            answer=answer,
            dump=False,
        )
        return peer.start()

    @contextmanager
    def call(self, *, record: bool = False) -> Iterator[tuple[Phone, Baresip]]:
        """An established call between ours and baresip."""
        peer, ours = self.baresip(), self.phone(record=record)
        try:
            ours.client.dial(ANNA, NUMBER)
            ours.wait(
                lambda e: isinstance(e, CallChanged) and e.call.state is CallState.ESTABLISHED
            )
            assert peer.process is not None
            wait_for_text(peer.process, "established")
            yield ours, peer
        finally:
            ours.close()
            peer.stop()


@contextmanager
def rig() -> Iterator[Rig]:
    """A rig in a folder that goes away."""
    folder = Path(tempfile.mkdtemp(prefix="bench-"))
    made = Rig(folder)
    try:
        yield made
    finally:
        made.close()
        shutil.rmtree(folder, ignore_errors=True)


def cpu_pct(pids: Sequence[int], seconds: float) -> list[float]:
    """Return what each process uses in so many seconds from now, in percent of a core."""
    before = [cpu_seconds(pid) for pid in pids]
    began = time.monotonic()
    look(seconds)
    passed = time.monotonic() - began
    return [(cpu_seconds(pid) - b) / passed * 100 for pid, b in zip(pids, before, strict=True)]


@contextmanager
def library(*, own: bool = True) -> Iterator[None]:
    """Let engines take the PJSIP of ``make pjsip`` where it was built, or that from PyPI."""
    if not own or own_pjsip.wheel() is None:
        yield
        return
    with tempfile.TemporaryDirectory() as folder, own_pjsip.used_by_engines(Path(folder)):
        yield


def cpu_seconds(pid: int) -> float:
    """Return user and system time of a process."""
    times = psutil.Process(pid).cpu_times()
    return float(times.user + times.system)


def until(fits: Callable[[], bool], within_s: float) -> float:
    """Look again and again, for no event tells; return how long it took (s)."""
    began = time.monotonic()
    while not fits():
        if time.monotonic() - began > within_s:
            raise AssertionError("it did not happen in time")
        look(0.01)
    return time.monotonic() - began


def look(seconds: float) -> None:
    """Let a measured stretch of time pass."""
    selectors.DefaultSelector().select(seconds)
