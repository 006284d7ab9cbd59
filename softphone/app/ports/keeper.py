"""What creates, opens and destroys the vault of a profile."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from softphone.app.ports.vault import NewMember, Vault


class VaultKeeper(Protocol):
    """Creates and unlocks the vault in one profile folder."""

    def exists(self) -> bool:
        """Whether a vault has been created here."""
        ...

    def names(self) -> Sequence[str]:
        """Names to offer at the sign-in page; none may be stored in the clear, so often empty."""
        ...

    def destroy(self, vault: Vault) -> None:
        """Close the vault and destroy everything in the profile: keys, data, caches, settings.

        Raises StorageFailed; then the keys are gone, and the rest goes at the next start.
        """
        ...

    def create(self, administrator: NewMember, device_name: str) -> tuple[Vault, str]:
        """Create the vault; returns it unlocked, and the recovery key to print (shown once)."""
        ...

    def recovery_words(self, recovery_key: str) -> tuple[str, ...]:
        """Return the key as words for the printed sheet; typed in, they count as the key."""
        ...

    def unlock(self, name: str, password: str) -> Vault:
        """Open the vault.

        Raises WrongCredentials (same time and words whichever part was wrong), TryLater, Damaged,
        PolicyInvalid. Wrong attempts are counted, delayed, and audited at the next sign-in.
        """
        ...

    def recover(self, recovery_key: str, name: str, new_password: str) -> Vault:
        """Reset anybody's password by the recovery key and open the vault as them; audited.

        Raises WrongCredentials, TryLater, InvalidInput (a malformed key), Damaged.
        """
        ...
