"""Whether the phone's own process starts here: tried with an empty profile and no sound."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from softphone.domain.call_sound import CallSound
from softphone.domain.diagnosis import Finding, Verdict
from softphone.domain.errors import EngineLost
from softphone.engine.supervisor import EngineSupervisor
from softphone.paths import Profile

GOOD_MOS = 3.6
"""Below it many listeners are dissatisfied (ITU-T G.107, annex B)."""


def check_phone() -> Finding:
    """Start the phone's process and end it again."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        supervisor = EngineSupervisor(
            Profile(Path(folder)), lambda _event: None, ("--audio", "none", "--no-headsets")
        )
        try:
            supervisor.start()
        except EngineLost as error:
            return Finding(
                "phone", Verdict.BAD, f"{error.what} {error.why}", "Reinstall the program."
            )
        finally:
            supervisor.stop(leave_running=False)
    return Finding("phone", Verdict.GOOD, f"It starts within {time.monotonic() - began:.1f} s.")


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
