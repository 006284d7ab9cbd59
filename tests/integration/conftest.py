"""Real peers on loopback for the integration tests; every one is ended by its own process id."""

from __future__ import annotations

import os
import queue
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from demo.hearing import speak, spoken_pcm, write_wav
from demo.peers import baresip, kamailio
from demo.peers.authority import Authority
from demo.peers.kamailio import Kamailio
from demo.peers.processes import wait_gone
from softphone.app.ports import RecordingPlan
from softphone.domain.account import Account, Registration, RegistrationState
from softphone.domain.agent import AgentState
from softphone.domain.call import Availability, Call, CallState
from softphone.domain.call_policy import CallPolicy
from softphone.domain.events import AgentStateChanged, CallChanged, RegistrationChanged
from softphone.domain.ids import AccountId, CallId, GroupId, UserId
from softphone.domain.permissions import RecordingMode
from softphone.domain.recording import SealTarget
from softphone.domain.sound import process
from softphone.domain.voice import VoicePart
from softphone.engine.supervisor import EngineSupervisor
from softphone.paths import Profile
from softphone.vault.recipients import HybridIdentity
from tests.integration.pulse import Pulse

ANNA = AccountId("anna")
NUMBER = "+48225550147"
DOMAIN = "phone.example"


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("ca"))


@pytest.fixture(scope="session")
def voices(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("voices")
    return {
        "agent": speak("Good morning, this is Marta of the order desk.", folder / "agent.wav"),
        "customer": speak(
            "Please move the delivery of my order to Friday.", folder / "customer.wav", "en+f3"
        ),
    }


@pytest.fixture
def registrar(authority: Authority, tmp_path: Path) -> Iterator[Kamailio]:
    if not kamailio.installed():
        pytest.fail("Kamailio is missing: run “make system”")
    files = authority.issue("localhost", "127.0.0.1")
    with Kamailio(
        tmp_path / "kamailio",
        files,
        {"anna": "pw-anna", "customer": "pw-customer", "other": "pw-other"},
        domain=DOMAIN,
        numbers={NUMBER: "customer"},
    ) as running:
        yield running


class Phone:
    """A real engine process, its client, and the events it told."""

    def __init__(self, folder: Path, audio: str) -> None:
        self.profile = Profile(folder)
        self.events: queue.Queue[Any] = queue.Queue()
        self.supervisor = EngineSupervisor(self.profile, self.events.put, ["--audio", audio])
        self.supervisor.start()
        self.client = self.supervisor.client
        self.client.subscribe(self.events.put)
        self.listener = HybridIdentity.from_seed(os.urandom(32))

    def record(self) -> None:
        target = SealTarget(GroupId("listen/north/1"), "Team North", self.listener.recipient())
        plan = RecordingPlan(RecordingMode.AUTOMATIC, "opus", UserId("marta"), "north", (target,))
        self.client.set_recording_plan(plan, os.urandom(32))

    def use(self, calls: CallPolicy, mode: RecordingMode = RecordingMode.OFF) -> None:
        """Tell the engine what the policy says of calls."""
        target = SealTarget(GroupId("listen/north/1"), "Team North", self.listener.recipient())
        plan = RecordingPlan(mode, "opus", UserId("marta"), "north", (target,), calls)
        self.client.set_recording_plan(plan, os.urandom(32))

    def register(
        self, server: str, ca_file: Path, user: str = "anna", id_: AccountId = ANNA, **more: Any
    ) -> None:
        account = Account(id_, user, DOMAIN, server, "Anna", ca_file=str(ca_file), **more)
        self.client.set_account(account, f"pw-{user}")

    def set_availability(self, availability: Availability) -> None:
        """Set what happens to calls, and wait until the phone has taken it."""
        token = str(availability)
        self.client.set_availability(availability)
        self.client.set_agent_state(AgentState.AVAILABLE, token)  # told in the order of commands
        self.wait(lambda e: isinstance(e, AgentStateChanged) and e.status.reason == token)

    def registered(self, account: AccountId = ANNA, within_s: float = 20.0) -> Registration:
        found = self.wait(
            lambda e: (
                isinstance(e, RegistrationChanged)
                and e.registration.account == account
                and e.registration.state is RegistrationState.REGISTERED
            ),
            within_s,
        )
        return found.registration

    def not_registered(self, account: AccountId = ANNA, within_s: float = 20.0) -> Registration:
        found = self.wait(
            lambda e: (
                isinstance(e, RegistrationChanged)
                and e.registration.account == account
                and e.registration.state is RegistrationState.FAILED
            ),
            within_s,
        )
        return found.registration

    def in_state(self, state: CallState, call: CallId | None = None) -> Call:
        """Wait until a call is in a state; returns its snapshot."""
        found = self.wait(
            lambda e: (
                isinstance(e, CallChanged) and e.call.state is state and call in (None, e.call.id)
            )
        )
        return found.call

    def measured(self) -> Call:
        """Wait for a second's measurement of a call."""
        return self.wait(lambda e: isinstance(e, CallChanged) and e.call.quality is not None).call

    def hears_for(self, packets: int) -> Call:
        """Wait until so many more packets have come in a call, the last of them without loss."""
        call = self.measured()
        before = call.quality.packets  # type: ignore[union-attr]
        found = self.wait(
            lambda e: (
                isinstance(e, CallChanged)
                and e.call.id == call.id
                and e.call.quality is not None
                and e.call.quality.packets >= before + packets
                and e.call.quality.loss_percent < 5
            )
        )
        return found.call

    def wait(self, fits: Callable[[Any], bool], within_s: float = 30.0) -> Any:
        seen = []
        deadline = time.monotonic() + within_s
        while True:  # a call tells something each second: the whole of it has an end
            try:
                event = self.events.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                raise AssertionError(f"not seen; the last were {seen[-8:]}") from None
            seen.append(event)
            if fits(event):
                return event

    def close(self) -> None:
        pid = self.client.pid
        self.supervisor.stop(leave_running=False)
        assert wait_gone(pid), "the engine did not end"


@pytest.fixture
def phone(tmp_path: Path, voices: dict[str, Path]) -> Iterator[Phone]:
    made = Phone(tmp_path / "agent", f"file:{voices['agent']}")
    yield made
    made.close()


@pytest.fixture
def needs_baresip() -> None:
    if not baresip.installed():
        pytest.fail("baresip is missing: run “make system”")


@pytest.fixture
def voices16(voices: dict[str, Path], tmp_path: Path) -> dict[str, Path]:
    path = tmp_path / "customer16.wav"
    # baresip hangs up at the end of its file: let the customer repeat the sentence.
    sentence = np.concatenate([spoken_pcm(voices["customer"]), np.zeros(8000, np.int16)])
    write_wav(path, np.tile(sentence, 8))
    return {**voices, "customer16": path}


@pytest.fixture
def pulse(tmp_path: Path) -> Iterator[Pulse]:
    (tmp_path / "pulse").mkdir()
    made = Pulse(tmp_path / "pulse")
    yield made
    made.close()


def at_the_workstation(folder: Path, pulse: Pulse, monkeypatch: pytest.MonkeyPatch) -> Phone:
    """A phone whose headset is the private PulseAudio."""
    for name in ("PULSE_SERVER", "PULSE_RUNTIME_PATH"):
        monkeypatch.setenv(name, pulse.environment[name])
    made = Phone(folder, "auto")
    for part in VoicePart:
        made.client.sound(process(part, False))  # a sine would be taken for noise
    return made
