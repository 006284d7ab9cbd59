"""Other systems that use the API: named, with one role, a hashed token, and a key for orders."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from softphone.domain.errors import InvalidInput, Refused
from softphone.domain.ids import new_id
from softphone.server import tables as t
from softphone.server.store import Store
from softphone.server.tokens import hash_token, matches, new_token
from softphone.server.witness import log_key_of


class ClientRole(StrEnum):
    """What a client may do; nobody may do both."""

    ERASER = "eraser"
    """Order erasures that its own key signs, and see how far they got."""
    AUDITOR = "auditor"
    """Read and export audit logs, and see how far erasures got."""


@dataclass(frozen=True, slots=True)
class ApiClient:
    """An authenticated client; ``id`` is what its orders name as their device."""

    id: str
    name: str
    role: ClientRole
    log_key: str


class Clients:
    """Keeps clients of the API and what they asked for once already."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def add(self, name: str, role: ClientRole, log_key: str, now: datetime) -> str:
        """Add a client and return its token, of which only the hash is kept.

        A client that orders erasures needs the verifier key of its Ed25519 key, named
        ``softphone/<uuid>``: the same line that administrators endorse. Raises InvalidInput,
        ProofInvalid.
        """
        client = _device_of(log_key) if role is ClientRole.ERASER else new_id()
        token = new_token()
        values = {
            "id": client,
            "name": name,
            "role": role.value,
            "log_key": log_key if role is ClientRole.ERASER else "",
            "token_hash": hash_token(token),
            "created_at": now,
        }
        if not name.strip() or len(name) > 100:
            raise InvalidInput("The client was not added.", "It needs a name of up to 100 letters.")
        try:
            with self._store.transaction() as connection:
                connection.execute(insert(t.clients).values(**values))
        except IntegrityError as error:
            raise InvalidInput(
                "The client was not added.", "Its name or its key is taken.", "Choose another."
            ) from error
        return f"client.{client}.{token}"

    def authenticate(self, token: str) -> ApiClient:
        """Return the client a token belongs to. Raises Refused."""
        kind, _, rest = token.partition(".")
        client, _, secret = rest.partition(".")
        with self._store.transaction() as connection:
            row = connection.execute(
                select(t.clients).where(t.clients.c.id == client)
            ).one_or_none()
        kept = hash_token("") if row is None else str(row.token_hash)
        if not matches(secret, kept) or row is None or kind != "client":
            raise Refused("The request was refused.", "The client token is not valid.")
        return ApiClient(row.id, row.name, ClientRole(row.role), row.log_key)

    def asked_before(self, client: str, key: str, body: str) -> str | None:
        """Return the erasure that this idempotency key stands for, or None when it is new.

        Raises InvalidInput when the key was used with another body.
        """
        with self._store.transaction() as connection:
            row = connection.execute(
                select(t.idempotency).where(
                    t.idempotency.c.client == client, t.idempotency.c.key == key
                )
            ).one_or_none()
        if row is None:
            return None
        if row.body_hash != _hash(body):
            raise InvalidInput(
                "The order was refused.",
                "Its idempotency key was used for another order.",
                "Use a new key for each order.",
            )
        return str(row.erasure)

    def remember(self, client: str, key: str, body: str, erasure: str) -> None:
        """Note what a key stands for; noting it twice changes nothing. Raises InvalidInput."""
        values = {"client": client, "key": key, "body_hash": _hash(body), "erasure": erasure}
        try:
            with self._store.transaction() as connection:
                connection.execute(insert(t.idempotency).values(**values))
        except IntegrityError:
            self.asked_before(client, key, body)


def _hash(body: str) -> str:
    return hashlib.sha256(body.encode("utf-8")).hexdigest()


def _device_of(log_key: str) -> str:
    program, _, device = log_key_of(log_key).name.partition("/")
    try:
        good = program == "softphone" and str(uuid.UUID(device)) == device
    except ValueError:
        good = False
    if not good:
        raise InvalidInput(
            "The client was not added.",
            "Its key is not named softphone/ and a UUID.",
            "Name it as docs/api.md says.",
        )
    return device
