"""What sound needs of this computer. Devices are counted, not named: names may be people's."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable

from softphone.app.urgency import be_prompt
from softphone.audio import apm
from softphone.audio.apm import VoiceUnavailable
from softphone.audio.backend import Backend
from softphone.audio.devices import system_backend
from softphone.audio.headset.devices import HidRefused, HidSystem, HidUnusable
from softphone.audio.headset.hidapi import HidapiSystem
from softphone.audio.pulse import PulseBackend
from softphone.domain.diagnosis import Finding, Verdict


def check_devices(make: Callable[[], Backend] = system_backend) -> Finding:
    """Count what can be heard with and spoken into."""
    backend = make()
    try:
        devices = backend.devices()
        by = "the sound server" if isinstance(backend, PulseBackend) else "PortAudio"
    finally:
        backend.close()
    microphones, speakers = len(devices.microphones), len(devices.speakers)
    found = f"{microphones} microphones and {speakers} speakers, by {by}."
    if not microphones or not speakers:
        return Finding(
            "sound devices",
            Verdict.BAD,
            found,
            "Plug a headset in; on Linux, look whether a sound server runs (pactl info).",
        )
    return Finding("sound devices", Verdict.GOOD, found)


def check_voice(load: Callable[[], None] = apm.load) -> Finding:
    """Load the library that takes echo and noise away, and try it on an echo."""
    try:
        load()
    except VoiceUnavailable as error:
        return Finding(
            "voice",
            Verdict.NOTICE,
            f"Echo and noise are not taken away: {error}.",
            "Reinstall; calls work without it.",
        )
    return Finding("voice", Verdict.GOOD, "Echo and noise are taken away.")


def check_urgency(ask: Callable[[], bool] = be_prompt) -> Finding:
    """Ask for real-time priority on a thread of its own."""
    granted: list[bool] = []
    thread = threading.Thread(target=lambda: granted.append(ask()))
    thread.start()
    thread.join()
    if granted == [True]:
        return Finding("urgency", Verdict.GOOD, "Sound runs before other programs.")
    if sys.platform != "linux":
        return Finding("urgency", Verdict.GOOD, "The system decides what runs first.")
    return Finding(
        "urgency",
        Verdict.NOTICE,
        "Sound waits behind other programs when the computer is busy.",
        "Allow the group “audio” real-time priority (rtprio 10 in /etc/security/limits.d).",
    )


def check_headsets(make: Callable[[], HidSystem] = HidapiSystem) -> Finding:
    """Count headsets with buttons, and those that may not be opened."""
    system = make()
    try:
        found = system.found()
    except HidUnusable as error:
        return Finding("headset buttons", Verdict.NOTICE, f"They cannot be looked for: {error}.")
    refused = sum(not _opens(system, one.path) for one in found)
    if refused:
        return Finding(
            "headset buttons",
            Verdict.NOTICE,
            f"{refused} of {len(found)} headsets with buttons may not be used by this person.",
            "Install the udev rule of the package and plug the headset in again.",
        )
    return Finding("headset buttons", Verdict.GOOD, f"{len(found)} headsets with buttons.")


def _opens(system: HidSystem, path: str) -> bool:
    try:
        system.open(path).close()
    except HidRefused:
        return False
    except HidUnusable:
        return True  # in use by the running phone, or just pulled
    return True
