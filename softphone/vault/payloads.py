"""Payload files: whether they are the ones the manifest names, and how they go."""

from __future__ import annotations

import hashlib
from collections.abc import Generator
from pathlib import Path

from softphone.domain.errors import Damaged, StorageFailed, Truncated
from softphone.domain.ids import RecordingId
from softphone.paths import Profile, sync_folder
from softphone.vault.journal import payload_path
from softphone.vault.package_job import finished
from softphone.vault.stream import PayloadReader

SWAPPED = "The recording is not the one that was sealed: its file was exchanged or altered."
SHORT = "The recording ends early: a part of its file is missing."
_BLOCK = 1 << 20


def remove_payload(profile: Profile, recording: RecordingId) -> None:
    """Delete a payload durably; one that is gone already is fine. Raises StorageFailed."""
    path = payload_path(profile.recordings, recording)
    try:
        path.unlink(missing_ok=True)
        for sealed in profile.outgoing.glob(f"*.{recording}"):
            # Sealed for another workstation, and not sent yet.
            sealed.unlink(missing_ok=True)
        if path.parent.is_dir():
            sync_folder(path.parent)
    except OSError as error:
        raise StorageFailed(
            "A recording could not be deleted.", "Its file is in use or the disk is read-only."
        ) from error


def mismatch(path: Path, sha256: str, size: int, *, cut_off: bool = False) -> str:
    """Return an empty string, or the sentence in what way a payload differs from its manifest.

    Of a recording that was cut off only the first ``size`` bytes count: what lies behind was
    never confirmed.
    """
    return finished(comparing(path, sha256, size, cut_off=cut_off))


def comparing(
    path: Path, sha256: str, size: int, *, cut_off: bool = False
) -> Generator[int, None, str]:
    """Compare as :func:`mismatch` does, yielding after each block its bytes."""
    left = size if cut_off else 1 << 62
    try:
        if path.stat().st_size < size:
            return SHORT
        digest = hashlib.sha256()
        with path.open("rb") as file:
            while block := file.read(min(_BLOCK, left)):
                digest.update(block)
                left -= len(block)
                yield len(block)
    except FileNotFoundError as error:
        raise Damaged("The recording cannot be opened.", "Its file is missing.") from error
    except OSError as error:
        raise StorageFailed(
            "The recording cannot be opened.", "Its file cannot be read.", "Try again."
        ) from error
    return "" if digest.hexdigest() == sha256 else SWAPPED


class CheckedReader:
    """A payload whose file was compared with the manifest when it was opened."""

    def __init__(self, reader: PayloadReader, problem: str) -> None:
        self._reader = reader
        self._problem = problem

    @property
    def size(self) -> int:
        """Authentic plaintext bytes available."""
        return self._reader.size

    @property
    def problem(self) -> str:
        """Empty, or a sentence why the recording ends early or was altered."""
        return self._problem or self._reader.problem

    def read_at(self, position: int, length: int) -> bytes:
        """Return plaintext bytes. Raises Truncated past the last authentic one."""
        if self._problem and length and position >= self.size:
            raise Truncated(self._problem, authentic=self.size)
        return self._reader.read_at(position, length)

    def close(self) -> None:
        """Forget the file key and close the file."""
        self._reader.close()
