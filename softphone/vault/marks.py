"""What the vault remembers outside of its database, so that an older copy put back is noticed."""

from __future__ import annotations

import hmac
from pathlib import Path

import msgspec

from softphone.domain.errors import Damaged
from softphone.paths import write_private
from softphone.vault.crypto import derive
from softphone.vault.secret_store import SecretStore

MARKS_SECRET = "marks"  # noqa: S105 - the name of an entry


class Marks(msgspec.Struct, frozen=True):
    """The newest policy versions, the newest signed head and the newest cosigned size seen."""

    policy_version: int = 0
    log_size: int = 0
    log_root: bytes = b""
    cosigned_size: int = 0
    fleet_version: int = 0


class MarkKeeper:
    """Keeps :class:`Marks` in the system's key store and in a side file, both authenticated.

    The larger of the two counts: to go back unnoticed an attacker has to turn back both.
    """

    def __init__(self, path: Path, store: SecretStore, vault_key: bytes) -> None:
        self._path = path
        self._store = store
        self._key = derive(vault_key, "softphone marks v1")

    def load(self) -> Marks:
        """Return the newest marks. Raises Damaged when the side file was altered."""
        kept = self._parse(self._store.get(MARKS_SECRET))
        try:
            beside = self._parse(self._path.read_bytes())
        except FileNotFoundError:
            return kept
        newest = kept if kept.log_size >= beside.log_size else beside
        return Marks(
            max(kept.policy_version, beside.policy_version),
            newest.log_size,
            newest.log_root,
            max(kept.cosigned_size, beside.cosigned_size),
            newest.fleet_version,
        )

    def save(self, marks: Marks) -> None:
        """Keep marks in both places."""
        body = msgspec.msgpack.encode(marks)
        sealed = hmac.digest(self._key, body, "sha256") + body
        self._store.put(MARKS_SECRET, sealed)
        write_private(self._path, sealed)

    def _parse(self, sealed: bytes | None) -> Marks:
        if sealed is None:
            return Marks()
        tag, body = sealed[:32], sealed[32:]
        if not hmac.compare_digest(hmac.digest(self._key, body, "sha256"), tag):
            raise Damaged(
                "The vault cannot be trusted.",
                "The file that tells old copies apart was altered.",
                "Ask your administrator to restore the workstation.",
            )
        return msgspec.msgpack.decode(body, type=Marks)
