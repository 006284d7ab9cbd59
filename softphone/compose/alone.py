"""One program a profile: a lock that the system lets go of, however its holder ends."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import platformdirs
from filelock import FileLock, Timeout

from softphone.domain.errors import InvalidInput, StorageFailed
from softphone.paths import APP, Profile, private_folder


def lock_file(profile: Profile) -> Path:
    """Return where a profile's lock lies: not inside, for a profile may be destroyed or restored.

    The path is told by its hash alone.
    """
    name = hashlib.sha256(str(profile.root.resolve()).encode()).hexdigest()[:32]
    return Path(platformdirs.user_cache_dir(APP)) / "locks" / f"{name}.lock"


@contextmanager
def alone(profile: Profile) -> Iterator[None]:
    """Work on a profile while nobody else does. Raises InvalidInput, StorageFailed.

    Asking a running phone whether it is there leaves a gap between two that start at once.
    """
    path = lock_file(profile)
    try:
        private_folder(path.parent)
        lock = FileLock(path, timeout=0, mode=0o600)
        lock.acquire()
    except Timeout as error:
        raise InvalidInput(
            "Nothing was done.",
            "The phone, or another command, is at work on this profile.",
            "Close it first.",
        ) from error
    except OSError as error:
        raise StorageFailed(
            "Nothing was done.",
            "The folder for locks cannot be written.",
            "Ask your administrator.",
        ) from error
    try:
        yield
    finally:
        lock.release()
