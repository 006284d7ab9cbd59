"""Which devices a person prefers, ranked, for each role; a small private file."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from pathlib import Path

from softphone.domain.sound import AudioRole, SoundDevice
from softphone.domain.voice import VoicePart, VoiceProcessing
from softphone.paths import write_private

log = logging.getLogger(__name__)

REMEMBERED = 8


class Preferences:
    """Ranked ids and names of devices. A damaged file means no preference, never a failed call."""

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self._ranked: dict[AudioRole, list[SoundDevice]] = {role: [] for role in AudioRole}
        self.voice = VoiceProcessing()
        if file is not None and file.exists():
            self._load(file)

    def _load(self, file: Path) -> None:
        try:
            kept = json.loads(file.read_text("utf-8"))
            for role in AudioRole:
                self._ranked[role] = [SoundDevice(str(d[0]), str(d[1])) for d in kept[role.value]]
            for part in VoicePart:
                on = bool(kept.get("voice", {}).get(part.value, True))
                self.voice = self.voice.switched(part, on)
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

    def _keep(self) -> None:
        if self._file is not None:
            kept: dict[str, object] = {
                r.value: [(d.id, d.name) for d in found] for r, found in self._ranked.items()
            }
            kept["voice"] = {part.value: self.voice.has(part) for part in VoicePart}
            try:
                write_private(self._file, json.dumps(kept).encode())
            except OSError as error:
                log.warning("the sound settings could not be kept: %s", error.strerror)

    def order(self, role: AudioRole, present: Sequence[SoundDevice]) -> list[SoundDevice]:
        """Return the devices that are there, in the order they are to be tried.

        First by id in ranked order, then by name (a headset in another socket has another id),
        then the rest with the system's own choice first. A ringer without a choice of its own
        rings where the system says, not where the person listens.
        """
        found: list[SoundDevice] = []
        for wanted in self._ranked[role]:
            match = next((d for d in present if d.id == wanted.id), None) or next(
                (d for d in present if d.name == wanted.name), None
            )
            if match is not None and match not in found:
                found.append(match)
        return [*found, *(d for d in present if d not in found)]
