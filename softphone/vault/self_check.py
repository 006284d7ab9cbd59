"""What the vault needs of this computer, checked without opening anybody's vault."""

from __future__ import annotations

import os
import secrets
import shutil
import stat
import tempfile
from pathlib import Path

from softphone.domain.diagnosis import Finding, Verdict
from softphone.domain.errors import StorageFailed
from softphone.paths import Profile
from softphone.vault.database import open_database
from softphone.vault.place import refuse_network
from softphone.vault.secret_store import system_secret_store

LITTLE_BYTES, ENOUGH_BYTES = 200 << 20, 2 << 30
"""A full disk ends a recording; an hour of speech takes some 15 MB."""


def check_database() -> Finding:
    """Write and read an encrypted database with a full-text table."""
    with tempfile.TemporaryDirectory() as folder:
        connection = open_database(Path(folder) / "check.db", secrets.token_bytes(32))
        try:
            version = connection.execute("PRAGMA cipher_version").fetchone()[0]
            connection.execute("CREATE VIRTUAL TABLE words USING fts5(word)")
            connection.execute("INSERT INTO words VALUES ('proof')")
            found = connection.execute("SELECT count(*) FROM words('proof')").fetchone()[0]
        finally:
            connection.close()
    if found != 1:
        return Finding("database", Verdict.BAD, "Full-text search does not work.", "Reinstall.")
    return Finding("database", Verdict.GOOD, f"SQLCipher {version} encrypts and searches.")


def check_key_store(profile: Profile) -> Finding:
    """Look for the system's key store and keep a probe in it for a moment."""
    store = system_secret_store(profile.root)
    probe = secrets.token_bytes(16)
    kept = store.available and store.put("doctor", probe) and store.get("doctor") == probe
    if kept:
        store.delete("doctor")
        return Finding("key store", Verdict.GOOD, "The system's key store keeps secrets.")
    return Finding(
        "key store",
        Verdict.NOTICE,
        "The system's key store is missing or locked: the password alone protects the vault.",
        "Install and unlock one (GNOME Keyring, KWallet), then change the password once.",
    )


def check_place(profile: Profile) -> tuple[Finding, ...]:
    """Look at the profile's folder: whose it is, where it lies, how much room there is."""
    folder = profile.root
    while not folder.exists():
        folder = folder.parent
    return (_rights(profile), _disk(folder), _room(folder))


def _rights(profile: Profile) -> Finding:
    if not profile.root.exists():
        return Finding("profile", Verdict.GOOD, "There is none yet; the window makes one.")
    if not os.access(profile.root, os.R_OK | os.W_OK | os.X_OK):
        return Finding(
            "profile",
            Verdict.BAD,
            "Its folder cannot be read and written.",
            "Give it to the person who uses the phone.",
        )
    open_to = [
        path.name
        for path in (profile.root, profile.vault, profile.recordings)
        if os.name == "posix" and path.exists() and stat.S_IMODE(path.stat().st_mode) & 0o077
    ]
    if open_to:
        return Finding(
            "profile",
            Verdict.NOTICE,
            "Others on this computer can look into its folder.",
            "Start the phone once: it closes it again.",
        )
    there = "a vault" if (profile.vault / "slots").exists() else "no vault yet"
    return Finding("profile", Verdict.GOOD, f"Only its owner can look into it; {there}.")


def _disk(folder: Path) -> Finding:
    try:
        refuse_network(folder)
    except StorageFailed as error:
        return Finding("disk", Verdict.BAD, error.why, error.do)
    return Finding("disk", Verdict.GOOD, "The profile lies on a disk of this computer.")


def _room(folder: Path) -> Finding:
    free = shutil.disk_usage(folder).free
    found = f"{free / (1 << 30):.1f} GB are free."
    if free < LITTLE_BYTES:
        return Finding("room", Verdict.BAD, found, "Make room: recordings stop on a full disk.")
    if free < ENOUGH_BYTES:
        return Finding("room", Verdict.NOTICE, found, "Make room before recordings fill it.")
    return Finding("room", Verdict.GOOD, found)
