"""Restoring a backup: into a folder beside, which becomes the profile when all is done."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import msgspec

from softphone.app.backups import ReturnedKeys
from softphone.app.ports import Clock, Enrolment
from softphone.domain.errors import InvalidInput, NotFound, SoftphoneError, StorageFailed
from softphone.domain.ids import RecordingId, SubjectPseudonym
from softphone.domain.privacy import ErasedBefore
from softphone.domain.tombstone import from_dict, parse_time
from softphone.paths import Profile
from softphone.vault.backup import BackupManifest, unpack
from softphone.vault.backup_keys import BackupKeys, keys_file, logs_of, read_keys
from softphone.vault.core import Core
from softphone.vault.database import open_database
from softphone.vault.keeper import FileVaultKeeper
from softphone.vault.opened import OpenVault
from softphone.vault.recovery_words import recovery_identity
from softphone.vault.returned_keys import Saved, keyless, put_back
from softphone.vault.secret_store import NoSecretStore, SecretStore
from softphone.vault.slots import KdfParameters
from softphone.vault.times import from_micros


@dataclass(frozen=True, slots=True)
class Staged:
    """An unpacked backup, open for whoever restores it and for nobody else.

    It is a new device already; ``enrolment`` is the earlier one's, to ask the server once more.
    ``absent`` are the recordings whose payload the backup lacks; ``keys`` says which came back, and
    what has to be erased before anybody works with the vault.
    """

    vault: OpenVault
    manifest: BackupManifest
    absent: tuple[RecordingId, ...]
    keys: ReturnedKeys
    enrolment: Enrolment | None = None

    def missing(self) -> int:
        """Count the recordings that are here, were not erased since, and lack their payload."""
        rows = self.vault._stores.core.connection.execute("SELECT id FROM recordings").fetchall()
        return len({name for (name,) in rows} & set(self.absent))

    def keyless(self) -> int:
        """Count the recordings that cannot be opened because their key did not come back."""
        return keyless(self.vault._stores.core)


class Restoring:
    """One restore. Nothing is at the profile's place before :meth:`put_in_place`."""

    def __init__(
        self,
        profile: Profile,
        clock: Clock,
        secrets: SecretStore,
        kdf: KdfParameters | None = None,
    ) -> None:
        self._profile = profile
        self._secrets = secrets
        self._staging = Profile(profile.root.with_name(f".restoring-{profile.root.name}"))
        # Without the key store: slots are bound to this device at the next sign-in.
        self._keeper = FileVaultKeeper(self._staging, clock, NoSecretStore(), kdf=kdf)

    def unpack(
        self,
        file: Path,
        recovery_key: str,
        name: str,
        password: str,
        *,
        keys: Path | None = None,
        without_keys: bool = False,
    ) -> Staged:
        """Unpack a backup and open it with a new password for one person.

        The keys of its recordings are in ``keys``, or in the file beside; ``without_keys`` leaves
        them out, but carries over what that file knows of erasures, where it is there.
        Raises InvalidInput (there is a vault already, keys of another one), WrongCredentials,
        NotFound (no keys), Refused (their time is over), Damaged, StorageFailed.
        """
        if self._profile.root.exists() and any(self._profile.root.iterdir()):
            raise InvalidInput(
                "Nothing was restored.", "The profile's folder is not empty.", "Name a new one."
            )
        self.discard()
        manifest, absent = unpack(file, recovery_key, self._staging)
        vault = self._keeper.recover(recovery_key, name, password, restored=True)
        core = vault._stores.core
        try:
            entries = manifest.entries or _entries(core, manifest.device)
            saved = Saved(
                manifest.device, parse_time(manifest.made_at), entries, manifest.keys_apart
            )
            found = _found(vault, recovery_key, file, keys, saved, without_keys=without_keys)
            returned = put_back(core, saved, found, wanted=not without_keys)
            return Staged(vault, manifest, absent, returned, vault.earlier_enrolment())
        except BaseException:
            vault.close()
            raise

    def put_in_place(self) -> None:
        """Make the restored vault the profile's, once it is closed. Raises StorageFailed."""
        root = self._profile.root
        try:
            if root.exists():
                root.rmdir()
            self._staging.root.replace(root)
            # The key store may remember a newer state of the vault that was lost.
            self._secrets.put("marks", (root / "marks").read_bytes())
        except OSError as error:
            raise StorageFailed(
                "The backup was not restored.", "The profile's folder cannot be written."
            ) from error

    def discard(self) -> None:
        """Remove what is unpacked so far."""
        if self._staging.root.exists():
            shutil.rmtree(self._staging.root)


def _entries(core: Core, device: str) -> int:
    """Return how long the log was when it went on as another device's."""
    return logs_of(core.connection, core.device.device).get(device, 0)


def _found(
    vault: OpenVault,
    recovery_key: str,
    file: Path,
    named: Path | None,
    saved: Saved,
    *,
    without_keys: bool,
) -> BackupKeys | None:
    """Return what the keys file holds; None where there is none and none is needed."""
    identity, place = recovery_identity(recovery_key), named or keys_file(file)
    try:
        return read_keys(place, identity, vault._stores.core.vault_key)
    except NotFound:
        if without_keys or (named is None and not saved.apart):
            return None
        raise
    except SoftphoneError:
        if without_keys:
            return None
        raise


def erased_in(profile: Profile, vault: OpenVault) -> ErasedBefore:
    """Return what another copy of the same vault has erased. Raises Damaged, StorageFailed."""
    connection = open_database(
        profile.vault / "vault.db", vault._stores.core.vault_key, guarded=True
    )
    try:
        objects = connection.execute("SELECT id FROM erased_objects").fetchall()
        subjects = connection.execute("SELECT pseudonym, executed_at FROM erased_subjects")
        unsent = connection.execute("SELECT tombstone FROM outbox_tombstones").fetchall()
        return ErasedBefore(
            tuple(str(name) for (name,) in objects),
            tuple((SubjectPseudonym(p), from_micros(when)) for p, when in subjects.fetchall()),
            tuple(from_dict(msgspec.json.decode(bytes(body))) for (body,) in unsent),
        )
    finally:
        connection.close()
