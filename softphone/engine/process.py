"""The engine process: the SIP stack on the main thread, the door, and when to end."""

from __future__ import annotations

import logging
import signal
import sys
import threading
import time
from collections.abc import Callable

from softphone.app.media import AudioDevices, EncoderFactory, NoticeSounds
from softphone.app.ports import Headsets, Journal
from softphone.domain.call_policy import CallPolicy
from softphone.domain.events import EngineEvent
from softphone.engine.phone_engine import PhoneEngine
from softphone.engine.recorder import Recorder
from softphone.engine.server import EngineServer
from softphone.engine.stack import SipStack
from softphone.paths import Profile

log = logging.getLogger(__name__)

ALONE_S = 30.0
"""How long an idle engine waits for a window before it ends."""

StackFactory = Callable[[AudioDevices, Callable[[EngineEvent], None]], SipStack]


def run_engine(
    profile: Profile,
    devices: AudioDevices,
    encoders: EncoderFactory,
    journals: Callable[[bytes], Journal],
    make_stack: StackFactory,
    notices: NoticeSounds,
    ready: Callable[[], None],
    remember: Callable[[CallPolicy], None],
    headsets: Headsets,
    follow: Callable[[EngineEvent], None] = lambda _event: None,
) -> int:
    """Run the phone until told to end, or until idle and alone. Returns the exit code.

    ``follow`` is told each event besides the window.
    """
    # Short switches keep the media tick on time while Python works elsewhere in this process.
    sys.setswitchinterval(0.001)
    profile.prepare()
    parts: dict[str, PhoneEngine] = {}

    def emit(event: EngineEvent) -> None:
        parts["engine"].happened(event)

    def emit_elsewhere(event: EngineEvent) -> None:
        parts["engine"].happened_elsewhere(event)

    recorder = Recorder(encoders, journals, emit_elsewhere)
    told: list[Callable[[EngineEvent], None]] = []
    engine = PhoneEngine(
        recorder, devices, lambda event: told[0](event), notices, remember, headsets
    )
    parts["engine"] = engine
    stack = make_stack(devices, emit)
    engine.use(stack)
    server = EngineServer(profile, engine)

    def tell(event: EngineEvent) -> None:
        server.tell(event)
        follow(event)

    told.append(tell)
    server.start()
    ended = threading.Event()
    threading.Thread(
        target=_watch, args=(server, engine, stack, ended), name="watch", daemon=True
    ).start()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: server.shut_down.set())
    ready()
    try:
        stack.run()
    finally:
        ended.set()
        recorder.stop()
        headsets.close()
        devices.close()
        server.close()
    return 0


def _watch(
    server: EngineServer, engine: PhoneEngine, stack: SipStack, ended: threading.Event
) -> None:
    """End the engine when told to, or when no window and no call needs it."""
    alone_since = time.monotonic()
    while not ended.is_set():
        if server.shut_down.wait(timeout=1.0):
            stack.stop()
            return
        stack.post(engine.tick)
        if server.attached or engine.busy:
            alone_since = time.monotonic()
        elif time.monotonic() - alone_since > ALONE_S:
            log.info("idle and alone: the engine ends")
            stack.stop()
            return
