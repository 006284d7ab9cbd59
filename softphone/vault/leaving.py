"""Giving up a workstation: everything it holds is destroyed, and a signed certificate says so."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from softphone.domain.errors import StorageFailed
from softphone.domain.leaving import TITLE, parse_certificate
from softphone.domain.note import (
    SignedNote,
    format_note,
    parse_verifier_key,
    sign,
)
from softphone.domain.tombstone import format_time
from softphone.paths import Profile, sync_folder, write_private
from softphone.vault.audit_log import Head
from softphone.vault.core import Core
from softphone.vault.crypto import signer, verifies
from softphone.vault.marks import MARKS_SECRET
from softphone.vault.secret_store import SecretStore
from softphone.vault.slots import DEVICE_SECRET

_SECRETS = (DEVICE_SECRET, MARKS_SECRET)
"""What a profile keeps in the system's key store."""
_COUNTED = ("contacts", "calls", "recordings", "notes", "privacy_requests", "audit_leaves")


@dataclass(frozen=True, slots=True)
class Held:
    """How many rows a vault holds, by table."""

    counts: tuple[tuple[str, int], ...]


def held(core: Core) -> Held:
    """Count what will be destroyed."""
    return Held(
        tuple(
            (
                table,
                int(core.connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]),  # noqa: S608
            )
            for table in _COUNTED
        )
    )


def certificate(core: Core, head: Head) -> str:
    """Return the signed note (C2SP) that names the device, the end of its log, and what went.

    Signed by the key of the device's log, which the server and colleagues know; it holds no
    personal data. The key is destroyed afterwards: nobody can sign for this workstation again.
    """
    lines = [
        TITLE,
        core.device.id,
        format_time(core.clock.now()),
        f"log {head.size} {head.root.hex()}",
        *(f"{name} {count}" for name, count in held(core).counts),
    ]
    text = "".join(f"{line}\n" for line in lines)
    key = core.device.log_vkey
    return format_note(SignedNote(text, (sign(text, key, signer(core.device.log_key)),)))


def check_certificate(text: str, log_key: str) -> dict[str, str]:
    """Return what a certificate says, when this key signed it. Raises ProofInvalid."""
    return parse_certificate(text, parse_verifier_key(log_key.strip()), verifies)


def destroy(profile: Profile, secrets: SecretStore) -> None:
    """Destroy a closed vault with all keys, caches and settings. Idempotent.

    Keys go first: whatever a crash leaves afterwards cannot be opened, and :func:`finish` goes on.
    Raises StorageFailed.
    """
    try:
        profile.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_private(_marker(profile), b"")
        for name in _SECRETS:
            secrets.delete(name)
        for path in (profile.vault / "slots", profile.vault / "slots.unfinished"):
            _overwrite(path)
        for entry in profile.root.iterdir():
            if entry == _marker(profile):
                continue
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry)
            else:
                entry.unlink(missing_ok=True)
        _marker(profile).unlink(missing_ok=True)
        sync_folder(profile.root)
    except OSError as error:
        raise StorageFailed(
            "The workstation is not emptied yet.",
            "A file cannot be deleted. Its keys are destroyed already: nobody can open it.",
            "Start the program again; it goes on where it was.",
        ) from error


def finish(profile: Profile, secrets: SecretStore) -> bool:
    """Finish what a crash cut off; returns whether there was anything. Raises StorageFailed."""
    if not _marker(profile).exists():
        return False
    destroy(profile, secrets)
    return True


def _marker(profile: Profile) -> Path:
    return profile.root / "leaving"


def _overwrite(path: Path) -> None:
    """Overwrite and delete; on disks that copy on write the old blocks may live on.

    They hold keys wrapped by a password and by a secret that is gone from the key store.
    """
    if not path.exists():
        return
    with path.open("r+b") as file:
        size = file.seek(0, 2)
        file.seek(0)
        file.write(bytes(size))
        file.flush()
    path.unlink()
