"""The signed policy of a fleet, as the server keeps it: only newer ones of one signer.

Devices verify what they get against the key they follow; the check here keeps others from filling
its place with what no device would take.
"""

from __future__ import annotations

import hashlib
import json

from sqlalchemy import delete, insert, select

from softphone.domain.errors import ProofInvalid, Refused
from softphone.domain.fleet import FLEET_TITLE
from softphone.domain.note import ED25519, parse_note, parse_verifier_key, verify
from softphone.server import tables as t
from softphone.server.store import Store
from softphone.server.witness import signature_verifies

_SIGNER = "policy_key"


class NotNewer(Exception):
    """A policy of this version or a later one is kept already."""


class Policies:
    """Keeps the policy key that is accepted, and the policies it signed."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def accept_from(self, policy_key: str) -> None:
        """Accept policies of this verifier key from now on. Raises ProofInvalid."""
        if parse_verifier_key(policy_key).type != ED25519:
            raise ProofInvalid("The policy key cannot be used.", "It is of another kind.")
        with self._store.transaction() as connection:
            connection.execute(delete(t.settings).where(t.settings.c.name == _SIGNER))
            connection.execute(insert(t.settings).values(name=_SIGNER, value=policy_key))

    def accepted_key(self) -> str:
        """Return the verifier key of whoever may publish, or an empty string."""
        with self._store.transaction() as connection:
            value = connection.execute(
                select(t.settings.c.value).where(t.settings.c.name == _SIGNER)
            ).scalar_one_or_none()
        return "" if value is None else str(value)

    def publish(self, note: str) -> int:
        """Keep a policy that the accepted key signed and return its version.

        Sent again it changes nothing. Raises Refused (no key accepted yet), ProofInvalid, NotNewer.
        """
        key = self.accepted_key()
        if not key:
            raise Refused("The policy was refused.", "The server was not told whose to accept.")
        parsed = parse_note(note)
        verify(parsed, parse_verifier_key(key), signature_verifies)
        version = _version(parsed.text)
        body = note.encode("utf-8")
        if not self.put(version, body):
            raise NotNewer
        return version

    def put(self, version: int, body: bytes) -> bool:
        """Keep a newer policy; False for a version that is not newer, unless it is the same."""
        with self._store.transaction() as connection:
            row = connection.execute(
                select(t.policies).order_by(t.policies.c.version.desc()).limit(1)
            ).one_or_none()
            if row is not None and version <= row.version:
                return bool(row.version == version and bytes(row.body) == body)
            etag = hashlib.sha256(body).hexdigest()
            connection.execute(insert(t.policies).values(version=version, etag=etag, body=body))
        return True

    def newest(self) -> tuple[str, bytes] | None:
        """Return the newest policy's ETag and signed bytes, or None."""
        with self._store.transaction() as connection:
            row = connection.execute(
                select(t.policies).order_by(t.policies.c.version.desc()).limit(1)
            ).one_or_none()
        return None if row is None else (row.etag, bytes(row.body))


def _version(text: str) -> int:
    title, _, body = text.partition("\n")
    try:
        version: object = json.loads(body)["version"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ProofInvalid("The policy cannot be used.", "It cannot be read.") from error
    if f"{title}\n" != FLEET_TITLE or type(version) is not int or not 0 < version < 2**31:
        raise ProofInvalid("The policy cannot be used.", "It is of another kind.")
    return version
