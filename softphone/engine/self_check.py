"""Whether the phone's own process starts here: tried with an empty profile and no sound."""

from __future__ import annotations

import queue
import tempfile
import time
from pathlib import Path

from softphone.domain.call_sound import CallSound
from softphone.domain.diagnosis import Finding, Verdict
from softphone.domain.errors import EngineLost
from softphone.domain.events import EngineEvent, PhoneBuilt
from softphone.domain.phone_build import PhoneBuild
from softphone.engine.supervisor import EngineSupervisor
from softphone.paths import Profile

TELLS_WITHIN_S = 5.0
GOOD_MOS = 3.6
"""Below it many listeners are dissatisfied (ITU-T G.107, annex B)."""


def check_phone() -> Finding:
    """Start the phone's process and end it again."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        supervisor = EngineSupervisor(
            Profile(Path(folder)), lambda _event: None, ("--audio", "none", "--no-headsets")
        )
        told: queue.SimpleQueue[EngineEvent] = queue.SimpleQueue()
        supervisor.client.subscribe(told.put)
        try:
            supervisor.start()
            build = _first_build(told)
        except EngineLost as error:
            return Finding(
                "phone", Verdict.BAD, f"{error.what} {error.why}", "Reinstall the program."
            )
        finally:
            supervisor.stop(leave_running=False)
    found = (
        f"{build.library} starts within {time.monotonic() - began:.1f} s: {build.lines} lines, "
        f"sound over IPv4{' and IPv6' if build.ipv6_sound else ''}, {', '.join(build.codecs)}; "
        f"sound passes in {'C, on a sound server' if build.native_sound else 'Python'}."
    )
    return Finding("phone", Verdict.GOOD, found)


def _first_build(told: queue.SimpleQueue[EngineEvent]) -> PhoneBuild:
    while True:
        try:
            event = told.get(timeout=TELLS_WITHIN_S)
        except queue.Empty:
            raise EngineLost("The phone started.", "It does not say what it can do.") from None
        if isinstance(event, PhoneBuilt):
            return event.build


def check_calls(sounds: tuple[CallSound, ...]) -> Finding:
    """Look at how the last calls sounded."""
    if not sounds:
        return Finding("last calls", Verdict.GOOD, "There were none yet.")
    gaps = sum(bool(s.health.trouble) for s in sounds)
    poor = sum(s.quality is not None and s.quality.estimated_mos < GOOD_MOS for s in sounds)
    found = (
        f"Of {len(sounds)} calls, {gaps} had gaps at a sound device and {poor} a poor connection."
    )
    if 5 * gaps > len(sounds):
        return Finding(
            "last calls", Verdict.NOTICE, found,
            "Look at “urgency” and “sound devices” above; try another headset or USB port.",
        )  # fmt: skip
    if 5 * poor > len(sounds):
        return Finding(
            "last calls", Verdict.NOTICE, found,
            "Packets are lost or late on the network: use a cable, and let voice go first (QoS).",
        )  # fmt: skip
    return Finding("last calls", Verdict.GOOD, found)
