"""What a person prefers: devices, ranked, for each role; processing, ring and gain.

A small private file.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from softphone.domain.sound import AudioRole, SoundDevice
from softphone.domain.voice import VoicePart, VoiceProcessing
from softphone.paths import write_private

log = logging.getLogger(__name__)

REMEMBERED = 8
MICROPHONES_REMEMBERED = 32


class OwnRing(NamedTuple):
    """A sound file kept in the profile, and what it was called where it came from."""

    file: str
    name: str


class Preferences:
    """Ranked ids and names of devices. A damaged file means no preference, never a failed call."""

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self._ranked: dict[AudioRole, list[SoundDevice]] = {role: [] for role in AudioRole}
        self.voice = VoiceProcessing()
        self.ring_percent = 100
        self.rings: dict[str, OwnRing] = {}
        """By account; the empty one is for all others."""
        self._gains: dict[str, float] = {}
        if file is not None and file.exists():
            self._load(file)

    def _load(self, file: Path) -> None:
        try:
            kept = json.loads(file.read_text("utf-8"))
            for role in AudioRole:
                ranked = kept.get(role.value, ())
                self._ranked[role] = [SoundDevice(str(d[0]), str(d[1])) for d in ranked]
            for part in VoicePart:
                on = bool(kept.get("voice", {}).get(part.value, True))
                self.voice = self.voice.switched(part, on)
            ring = kept.get("ring", {})
            self.ring_percent = int(ring.get("percent", 100))
            self.rings = {str(k): OwnRing(*map(str, v)) for k, v in ring.get("own", {}).items()}
            self._gains = {str(k): float(v) for k, v in kept.get("gain_db", {}).items()}
        except (OSError, ValueError, KeyError, TypeError, IndexError, AttributeError):
            log.warning("the sound settings are damaged; the system's devices are used")

    def ranked(self, role: AudioRole) -> Sequence[SoundDevice]:
        """Return the preferred devices, best first."""
        return tuple(self._ranked[role])

    def prefer(self, role: AudioRole, device: SoundDevice | None) -> None:
        """Put a device first; None forgets all and follows the system."""
        if device is None:
            self._ranked[role] = []
        else:
            others = [d for d in self._ranked[role] if d.id != device.id]
            self._ranked[role] = [device, *others][:REMEMBERED]
        self._keep()

    def process(self, voice: VoiceProcessing) -> None:
        """Keep which processing of the voice the person wants."""
        self.voice = voice
        self._keep()

    def ring_at(self, percent: int) -> None:
        """Keep how loud it rings."""
        self.ring_percent = percent
        self._keep()

    def ring_with(self, account: str, ring: OwnRing | None) -> None:
        """Keep an own ring, or forget it."""
        if ring is None:
            self.rings.pop(account, None)
        else:
            self.rings[account] = ring
        self._keep()

    def gain_db(self, microphone: str) -> float:
        """Return by how much a microphone (by id) is raised."""
        return self._gains.get(microphone, 0.0)

    def amplify(self, microphone: str, decibels: float) -> None:
        """Keep by how much a microphone is raised."""
        self._gains.pop(microphone, None)
        self._gains[microphone] = decibels
        for oldest in tuple(self._gains)[:-MICROPHONES_REMEMBERED]:
            del self._gains[oldest]
        self._keep()

    def _keep(self) -> None:
        if self._file is not None:
            kept: dict[str, object] = {
                r.value: [(d.id, d.name) for d in found] for r, found in self._ranked.items()
            }
            kept["voice"] = {part.value: self.voice.has(part) for part in VoicePart}
            own = {account: (ring.file, ring.name) for account, ring in self.rings.items()}
            kept["ring"] = {"percent": self.ring_percent, "own": own}
            kept["gain_db"] = self._gains
            try:
                write_private(self._file, json.dumps(kept).encode())
            except OSError as error:
                log.warning("the sound settings could not be kept: %s", error.strerror)

    def order(self, role: AudioRole, present: Sequence[SoundDevice]) -> list[SoundDevice]:
        """Return the devices that are there, in the order they are to be tried.

        First by id in ranked order, then by name (a headset in another socket has another id),
        then the rest with the system's own choice first. A ringer without a choice of its own
        rings where the system says, not where the person listens. A second ringer is only ever one
        that was chosen.
        """
        found: list[SoundDevice] = []
        for wanted in self._ranked[role]:
            match = next((d for d in present if d.id == wanted.id), None) or next(
                (d for d in present if d.name == wanted.name), None
            )
            if match is not None and match not in found:
                found.append(match)
        if role is AudioRole.SECOND_RINGER:
            return found
        return [*found, *(d for d in present if d not in found)]
