"""Where a vault may lie: on a disk of this computer, never on a network share.

SQLite's write-ahead log needs memory that all readers share and locks that hold
(https://www.sqlite.org/wal.html, "all processes ... must be on the same host computer"): on a share
two computers damage the database without either noticing.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path, PureWindowsPath

import psutil

from softphone.domain.errors import StorageFailed
from softphone.vault.payload_file import storage_failed

NETWORK = frozenset(
    {
        "9p", "afpfs", "afs", "ceph", "cifs", "coda", "davfs", "fuse.ceph", "fuse.davfs2",
        "fuse.glusterfs", "fuse.rclone", "fuse.s3fs", "fuse.sshfs", "fuse.sshfs_fs", "gfs2",
        "glusterfs", "lustre", "ncpfs", "nfs", "nfs4", "ocfs2", "orangefs", "smb3", "smbfs",
        "webdav",
    }
)  # fmt: skip
"""Kinds of file systems, as the system names them, that lie on another computer or are shared."""
_REMOTE = 4
Mounts = Callable[[], Iterable[tuple[str, str]]]


def mounts() -> list[tuple[str, str]]:
    """Return mount points with the kinds of their file systems."""
    try:
        return [(part.mountpoint, part.fstype) for part in psutil.disk_partitions(all=True)]
    except (OSError, psutil.Error):
        return []


def file_system(folder: Path, known: Iterable[tuple[str, str]]) -> str:
    """Return the kind of the file system that a folder lies on, or an empty string."""
    whole = folder.resolve()
    best, kind = -1, ""
    for point, fstype in known:
        path = Path(point)
        # Of two that are mounted over each other, the later one counts.
        if whole.is_relative_to(path) and len(path.parts) >= best:
            best, kind = len(path.parts), fstype
    return kind.lower()


def refuse_network(folder: Path, known: Mounts = mounts) -> None:
    """Refuse a folder on a network share. Raises StorageFailed."""
    if _remote_drive(folder) or file_system(folder, known()) in NETWORK:
        raise StorageFailed(
            "The vault cannot be used here.",
            "Its folder lies on a network share, where the database would be damaged in time.",
            "Move the profile to a disk of this computer.",
        )


def _remote_drive(folder: Path) -> bool:
    if sys.platform != "win32":
        return False
    drive = PureWindowsPath(folder.resolve()).drive
    windows = getattr(ctypes, "windll", None)
    if drive.startswith("\\\\"):
        return True
    return windows is not None and windows.kernel32.GetDriveTypeW(f"{drive}\\") == _REMOTE


@contextmanager
def disk_in_sentences(what: str) -> Iterator[None]:
    """Turn what the disk says into sentences. Raises StorageFailed."""
    try:
        yield
    except OSError as error:
        raise storage_failed(error, what) from error
