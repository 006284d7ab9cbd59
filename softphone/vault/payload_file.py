"""Payload files as the journal writes them: a small layer that a test can make fail or forget."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Protocol

from softphone.domain.errors import StorageFailed
from softphone.paths import private_folder, sync_folder


class PayloadFile(Protocol):
    """One payload file open for writing. Every method may raise OSError."""

    def write_at(self, position: int, data: bytes) -> None:
        """Write all bytes at a position; not durable until :meth:`sync`."""
        ...

    def sync(self) -> None:
        """Make what was written durable."""
        ...

    def truncate(self, size: int) -> None:
        """Cut the file; not durable until :meth:`sync`."""
        ...

    def close(self) -> None:
        """Close it."""
        ...


class PayloadFiles(Protocol):
    """The folder of payload files. Every method may raise OSError."""

    def open(self, path: Path) -> PayloadFile:
        """Open for writing, creating the file (0600) and its folder durably where missing."""
        ...

    def read(self, path: Path, position: int, length: int) -> bytes:
        """Return bytes of a file, fewer at its end; empty when there is no such file."""
        ...


class _DiskFile:
    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def write_at(self, position: int, data: bytes) -> None:
        left = memoryview(data)
        os.lseek(self._descriptor, position, os.SEEK_SET)
        while left:
            left = left[os.write(self._descriptor, left) :]

    def sync(self) -> None:
        # fdatasync also writes the length, and is missing on Windows.
        getattr(os, "fdatasync", os.fsync)(self._descriptor)

    def truncate(self, size: int) -> None:
        os.ftruncate(self._descriptor, size)

    def close(self) -> None:
        os.close(self._descriptor)


class DiskFiles:
    """The file system."""

    def open(self, path: Path) -> PayloadFile:
        """Open for writing, creating the file (0600) and its folder durably where missing."""
        if not path.parent.is_dir():
            private_folder(path.parent)
            sync_folder(path.parent.parent)
        new = not path.exists()
        flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0)
        descriptor = os.open(path, flags, 0o600)
        if new:
            sync_folder(path.parent)
        return _DiskFile(descriptor)

    def read(self, path: Path, position: int, length: int) -> bytes:
        """Return bytes of a file, fewer at its end; empty when there is no such file."""
        try:
            with path.open("rb") as file:
                file.seek(position)
                return file.read(length)
        except FileNotFoundError:
            return b""


def storage_failed(error: OSError, what: str = "The recording cannot be written.") -> StorageFailed:
    """Return the sentences for an error of the disk."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return StorageFailed(what, "The disk is full.", "Free some space, then it goes on.")
    if error.errno == errno.EROFS:
        return StorageFailed(what, "The disk is read-only.", "Ask your administrator to look.")
    if error.errno in (errno.EACCES, errno.EPERM):
        return StorageFailed(
            what, "This account may not write to the folder.", "Ask your administrator to look."
        )
    return StorageFailed(what, "The disk reports an error.", "Ask your administrator to look.")
