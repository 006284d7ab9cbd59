"""The engine process."""

from __future__ import annotations

import json
import logging
import os
import sys
from collections.abc import Callable
from pathlib import Path

from softphone.app.media import AudioDevices
from softphone.app.ports import Headsets
from softphone.audio.backend import Backend
from softphone.audio.codecs import StreamEncoder
from softphone.audio.devices import FileDevices, system_backend
from softphone.audio.headset.headsets import HidHeadsets
from softphone.audio.headset.hidapi import HidapiSystem
from softphone.audio.live import LiveDevices, MakePath
from softphone.audio.native_path import NativePath
from softphone.audio.notices import HOLD_EVERY_S, RecordingNotices, hold_pcm
from softphone.audio.path import PythonPath, SoundPath
from softphone.audio.pulse import PulseBackend
from softphone.domain.call_policy import CallPolicy
from softphone.domain.events import EngineEvent
from softphone.engine.headset_desk import NoHeadsets
from softphone.engine.notice import NoticeSource
from softphone.engine.process import run_engine
from softphone.engine.sound_log import SoundLog, read_sounds, write_sounds
from softphone.paths import Profile, write_private
from softphone.sip.agent import SipAgent
from softphone.sip.library import native_sound
from softphone.vault.journal import RecordingJournal

log = logging.getLogger(__name__)


def audio_devices(
    choice: str, preferences: Path | None = None, ringtones: Path | None = None
) -> AudioDevices:
    """Return devices by name: ``auto``, ``none``, or ``file:PATH`` as microphone."""
    if choice.startswith("file:"):
        return FileDevices(Path(choice.removeprefix("file:")))
    if choice == "none":
        return FileDevices()
    backend = system_backend()
    return LiveDevices(backend, preferences, ringtones=ringtones, path=sound_path(backend))


def sound_path(backend: Backend) -> MakePath:
    """Return what the call's sound takes: C where the phone's library has it and a sound server
    answers (decision 0021), else Python."""

    def make(failed: Callable[[str], None]) -> SoundPath:
        native = native_sound()
        if native is not None and isinstance(backend, PulseBackend):
            try:
                return NativePath(native, backend, failed)
            except OSError as error:
                log.warning("sound passes through the interpreter: %s", error)
        return PythonPath(backend, failed)

    return make


WITHOUT_HEADSETS = "SOFTPHONE_NO_HEADSETS"
"""Set to anything, it keeps the phone from touching any HID device."""


def headsets(audio: str, preference: Path) -> Headsets:
    """Return headsets with buttons; none where sound is not the workstation's own, or where
    ``SOFTPHONE_NO_HEADSETS`` is set."""
    if audio != "auto" or os.environ.get(WITHOUT_HEADSETS):
        return NoHeadsets()
    return HidHeadsets(HidapiSystem(), preference)


def jitter_buffer_ms(profile: Profile) -> int:
    """Return the longest wait for late packets that the last policy named (ms), 200 by default.

    PJSIP takes it at its start only, before anybody has signed in.
    """
    try:
        said = int(json.loads(profile.media.read_text("utf-8"))["jitter_buffer_ms"])
    except (OSError, ValueError, KeyError, TypeError):
        return 200
    return min(max(said, 40), 2000)


def remember_media(profile: Profile, rules: CallPolicy) -> None:
    """Keep the jitter buffer of the policy for the next start of the phone process."""
    if rules.jitter_buffer_ms != jitter_buffer_ms(profile):
        said = json.dumps({"jitter_buffer_ms": rules.jitter_buffer_ms})
        write_private(profile.media, said.encode())


def _sip(profile: Profile, devices: AudioDevices, emit: Callable[[EngineEvent], None]) -> SipAgent:
    agent = SipAgent(
        devices.source,
        devices.sink,
        emit,
        jitter_buffer_ms(profile),
        NoticeSource(hold_pcm(), HOLD_EVERY_S),
    )
    if agent.beat is not None:
        devices.lead(agent.beat)
    return agent


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
        audio_devices(audio, profile.sound, profile.ringtones),
        StreamEncoder,
        lambda key: RecordingJournal(profile.journal, key, profile.recordings),
        lambda devices, emit: _sip(profile, devices, emit),
        RecordingNotices(profile.announcement),
        ready,
        lambda rules: remember_media(profile, rules),
        headsets(audio, profile.headset),
        SoundLog(
            read_sounds(profile.call_sounds),
            lambda kept: write_sounds(profile.call_sounds, kept),
        ).follow,
    )
