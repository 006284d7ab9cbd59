"""Signing in for one command on the vault of a phone that is not running."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from softphone.app.session import Session
from softphone.compose.office import SystemClock, vault_keeper
from softphone.domain.audit import Action, DataCategory
from softphone.paths import Profile


@contextmanager
def signed_in(profile: Profile, name: str, password: str) -> Iterator[Session]:
    """Sign in for one command; both ends are logged. Raises as ``VaultKeeper.unlock`` says."""
    vault = vault_keeper(profile).unlock(name, password)
    try:
        session = Session(vault, SystemClock())
        yield session
        vault.append_audit(session.draft(Action.SIGNED_OUT, DataCategory.SIGN_IN))
    finally:
        vault.close()
