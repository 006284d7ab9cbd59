"""The engine process."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from softphone.app.media import AudioDevices
from softphone.audio.codecs import StreamEncoder
from softphone.audio.devices import FileDevices, system_backend
from softphone.audio.live import LiveDevices
from softphone.engine.process import run_engine
from softphone.paths import Profile
from softphone.sip.agent import SipAgent
from softphone.vault.journal import RecordingJournal


def audio_devices(choice: str, preferences: Path | None = None) -> AudioDevices:
    """Return devices by name: ``auto``, ``none``, or ``file:PATH`` as microphone."""
    if choice.startswith("file:"):
        return FileDevices(Path(choice.removeprefix("file:")))
    if choice == "none":
        return FileDevices()
    return LiveDevices(system_backend(), preferences)


def engine(profile: Profile, audio: str) -> int:
    """Run the engine process until it is told to end."""

    def ready() -> None:
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        # Whoever read that line may be killed while a call goes on: nothing more goes there.
        with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
            os.dup2(nowhere.fileno(), sys.stdout.fileno())

    return run_engine(
        profile,
        audio_devices(audio, profile.sound),
        StreamEncoder,
        lambda key: RecordingJournal(profile.journal, key, profile.recordings),
        lambda devices, emit: SipAgent(devices.source, devices.sink, emit),
        ready,
    )
