"""Restoring a backup: into a folder beside, which becomes the profile when all is done."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import msgspec

from softphone.app.ports import Clock, Enrolment
from softphone.domain.errors import InvalidInput, StorageFailed
from softphone.domain.ids import SubjectPseudonym
from softphone.domain.privacy import ErasedBefore
from softphone.domain.tombstone import from_dict
from softphone.paths import Profile
from softphone.vault.backup import BackupManifest, unpack
from softphone.vault.database import open_database
from softphone.vault.keeper import FileVaultKeeper
from softphone.vault.opened import OpenVault
from softphone.vault.secret_store import NoSecretStore, SecretStore
from softphone.vault.slots import KdfParameters
from softphone.vault.times import from_micros


@dataclass(frozen=True, slots=True)
class Staged:
    """An unpacked backup, open for whoever restores it and for nobody else.

    It is a new device already; ``enrolment`` is the earlier one's, to ask the server once more.
    """

    vault: OpenVault
    manifest: BackupManifest
    missing: int
    enrolment: Enrolment | None = None


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

    def unpack(self, file: Path, recovery_key: str, name: str, password: str) -> Staged:
        """Unpack a backup and open it with a new password for one person.

        Raises InvalidInput (there is a vault already), WrongCredentials, Damaged, StorageFailed.
        """
        if self._profile.root.exists() and any(self._profile.root.iterdir()):
            raise InvalidInput(
                "Nothing was restored.", "The profile's folder is not empty.", "Name a new one."
            )
        self.discard()
        manifest, missing = unpack(file, recovery_key, self._staging)
        vault = self._keeper.recover(recovery_key, name, password, restored=True)
        return Staged(vault, manifest, missing, vault.earlier_enrolment())

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
