"""The operating system's key store, behind a small door. Never a plaintext keyring."""

from __future__ import annotations

import base64
import binascii
import hashlib
import logging
import os
import queue
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Protocol, TypeVar

import keyring
from keyring.backend import KeyringBackend
from keyring.errors import KeyringError

log = logging.getLogger(__name__)
T = TypeVar("T")

PROBE_SECONDS = 10.0
"""How long a key store may take; a person may have to unlock it, a missing one may hang."""
_TRUSTED = (
    "keyring.backends.SecretService",
    "keyring.backends.kwallet",
    "keyring.backends.libsecret",
    "keyring.backends.macOS",
    "keyring.backends.Windows",
)


class SecretStore(Protocol):
    """Keeps a few small secrets outside of the vault's files."""

    @property
    def available(self) -> bool:
        """Whether anything is kept at all."""
        ...

    def get(self, name: str) -> bytes | None:
        """Return a secret, or None."""
        ...

    def put(self, name: str, value: bytes) -> bool:
        """Keep a secret; returns whether it was kept."""
        ...

    def delete(self, name: str) -> None:
        """Forget a secret, if there is one."""
        ...


class NoSecretStore:
    """Where the system has no key store: nothing is kept, and ``doctor`` says so."""

    available = False

    def get(self, name: str) -> bytes | None:
        """Return nothing."""
        return None

    def put(self, name: str, value: bytes) -> bool:
        """Keep nothing."""
        return False

    def delete(self, name: str) -> None:
        """There is nothing to forget."""


class KeyringStore:
    """A backend of ``keyring``, one entry a secret, named for one profile folder."""

    available = True

    def __init__(self, backend: KeyringBackend, profile: Path) -> None:
        self._backend = backend
        digest = hashlib.sha256(str(profile.resolve()).encode()).hexdigest()
        self._service = f"softphone-{digest[:16]}"

    def get(self, name: str) -> bytes | None:
        """Return a secret; None when it is missing or the store does not answer."""
        text = _within(lambda: self._backend.get_password(self._service, name))
        if text is None:
            return None
        try:
            return base64.b64decode(text, validate=True)
        except binascii.Error:
            return None

    def put(self, name: str, value: bytes) -> bool:
        """Keep a secret."""
        text = base64.b64encode(value).decode()
        backend, service = self._backend, self._service

        def store() -> bool:
            backend.set_password(service, name, text)
            return True

        return _within(store) is True

    def delete(self, name: str) -> None:
        """Forget a secret; one that is not there is forgotten already."""
        backend, service = self._backend, self._service
        _within(lambda: backend.delete_password(service, name))


def system_secret_store(profile: Path) -> SecretStore:
    """Return the system's key store, or none: password only, never a plaintext keyring."""
    if not _may_have_one():
        return NoSecretStore()
    backend = _within(keyring.get_keyring)
    for candidate in getattr(backend, "backends", None) or [backend]:
        if isinstance(candidate, KeyringBackend) and type(candidate).__module__ in _TRUSTED:
            return KeyringStore(candidate, profile)
    return NoSecretStore()


def _may_have_one() -> bool:
    if sys.platform in ("win32", "darwin"):
        return True
    if os.environ.get("DBUS_SESSION_BUS_ADDRESS"):
        return True
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    return bool(runtime) and Path(str(runtime), "bus").exists()


def _within(work: Callable[[], T]) -> T | None:
    """Run ``work`` on a thread of its own and wait; a hung D-Bus must not hang the sign-in."""
    results: queue.SimpleQueue[T | None] = queue.SimpleQueue()

    def run() -> None:
        try:
            results.put(work())
        except (KeyringError, OSError, RuntimeError):
            log.warning("the system's key store refused")
            results.put(None)

    threading.Thread(target=run, name="key-store", daemon=True).start()
    try:
        return results.get(timeout=PROBE_SECONDS)
    except queue.Empty:
        log.warning("the system's key store does not answer")
        return None
