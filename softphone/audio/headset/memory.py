"""What is remembered of headsets between two runs: whether they are wanted, and which one crashed.

A driver or library that takes the whole phone process down cannot be caught. So a headset is noted
before it is opened and crossed out once it works; one that is still noted at the next start took
the phone with it, and is left alone.
"""

from __future__ import annotations

import hashlib
import json
import logging
from pathlib import Path

from softphone.domain.ids import HeadsetId
from softphone.paths import write_private

log = logging.getLogger(__name__)


class HeadsetMemory:
    """A small private file; without one nothing is kept. Damaged, it counts as empty."""

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self._wished = True
        self._trying: set[str] = set()
        if file is not None and file.exists():
            self._load(file)
        self._suspects = frozenset(self._trying)

    @property
    def wished(self) -> bool:
        """Whether the person wants buttons."""
        return self._wished

    def wish(self, on: bool) -> None:
        """Remember what the person wants; a new choice forgives all headsets."""
        self._wished = on
        self._trying.clear()
        self._suspects = frozenset()
        self._save()

    def suspects(self, headset: HeadsetId) -> bool:
        """Whether the phone ended while it opened this headset the last time."""
        return _mark(headset) in self._suspects

    def opening(self, headset: HeadsetId) -> None:
        """Note a headset before it is opened. It is not opened before this is on the disk."""
        self._trying.add(_mark(headset))
        self._save()

    def worked(self, headset: HeadsetId) -> None:
        """Cross it out: it was opened, written to and read, or failed without harm."""
        if _mark(headset) in self._trying:
            self._trying.discard(_mark(headset))
            self._save()

    def _load(self, file: Path) -> None:
        try:
            kept = json.loads(file.read_text("utf-8"))
            self._wished = kept["buttons"] is not False
            self._trying = {str(mark) for mark in kept.get("opening", ())}
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            log.warning("what was remembered of headsets is damaged; their buttons are used")

    def _save(self) -> None:
        if self._file is None:
            return
        kept = {"buttons": self._wished, "opening": sorted(self._trying)}
        try:
            write_private(self._file, json.dumps(kept).encode())
        except OSError as error:
            log.warning("nothing could be remembered of headsets: %s", error.strerror)


def _mark(headset: HeadsetId) -> str:
    """Return what stands for a headset in the file: its serial number is nobody's business."""
    return hashlib.sha256(headset.encode()).hexdigest()[:16]
