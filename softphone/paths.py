"""Where files live, and with which permissions: folders 0700, files 0600."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import platformdirs

from softphone.domain.errors import StorageFailed

APP = "softphone"


@dataclass(frozen=True, slots=True)
class Profile:
    """The folders of one profile. ``root`` holds everything that must survive."""

    root: Path

    @property
    def vault(self) -> Path:
        """Key slots, ``vault.db`` and the recordings."""
        return self.root / "vault"

    @property
    def recordings(self) -> Path:
        """Sealed payloads."""
        return self.vault / "recordings"

    @property
    def outgoing(self) -> Path:
        """Sealed packages for other workstations until the server has them."""
        return self.vault / "outgoing"

    @property
    def incoming(self) -> Path:
        """Sealed packages of other workstations until they are taken in."""
        return self.vault / "incoming"

    @property
    def journal(self) -> Path:
        """The engine's journal of recordings under way."""
        return self.vault / "journal.db"

    @property
    def runtime(self) -> Path:
        """Sockets and locks of the running program; emptied at exit."""
        return self.root / "run"

    @property
    def settings(self) -> Path:
        """Window settings without personal data."""
        return self.root / "settings.ini"

    @property
    def sound(self) -> Path:
        """Preferred sound devices; ids and names of devices, nothing of a person."""
        return self.root / "sound.json"

    @property
    def ringtones(self) -> Path:
        """Copies of the sound files that a person chose to ring with."""
        return self.root / "ringtones"

    @property
    def headset(self) -> Path:
        """Whether buttons of headsets are used."""
        return self.root / "headset.json"

    @property
    def announcement(self) -> Path:
        """What is played when a recording begins: WAV, put there by IT; need not exist."""
        return self.root / "announcement.wav"

    @property
    def media(self) -> Path:
        """What the phone process must know of sound on the net before it starts."""
        return self.root / "media.json"

    @property
    def call_sounds(self) -> Path:
        """How the last calls sounded: counters, for a diagnosis."""
        return self.root / "call-sounds.json"

    @property
    def hooks(self) -> Path:
        """What is called or opened when calls ring, are answered and end."""
        return self.root / "hooks.json"

    def prepare(self) -> Profile:
        """Create all folders with mode 0700."""
        for folder in (self.root, self.vault, self.recordings, self.runtime):
            private_folder(folder)
        return self


def private_folder(folder: Path) -> Path:
    """Create a folder (and parents) only its owner can enter."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    return folder


def default_profile() -> Profile:
    """Return the profile of this user: ``$SOFTPHONE_PROFILE``, or the platform's data folder."""
    named = os.environ.get("SOFTPHONE_PROFILE")
    root = Path(named) if named else Path(platformdirs.user_data_dir(APP))
    return Profile(root)


def write_private(path: Path, data: bytes) -> None:
    """Write a small file atomically with mode 0600: temp file beside it, fsync, rename, fsync."""
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


@contextmanager
def private_file(path: Path) -> Iterator[BinaryIO]:
    """Write a large file atomically with mode 0600; left by an error, nothing of it stays.

    Raises StorageFailed.
    """
    try:
        descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=".new-")
        try:
            with os.fdopen(descriptor, "w+b") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).replace(path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
        sync_folder(path.parent)
    except OSError as error:
        raise StorageFailed(
            "The file was not written.",
            "The folder is missing, full or read-only.",
            "Choose another place or make room.",
        ) from error


def write_part(path: Path, data: bytes, at: int) -> None:
    """Write a part of a file that is not whole yet (mode 0600); what lay behind it is cut off.

    Raises StorageFailed.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.seek(at)
            file.write(data)
            file.truncate()
    except OSError as error:
        raise StorageFailed(
            "A recording could not be fetched.",
            "The disk is full or read-only.",
            "Make room; it is tried again by itself.",
        ) from error


def sync_folder(folder: Path) -> None:
    """Make renames in a folder durable (no-op where folders cannot be opened)."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
