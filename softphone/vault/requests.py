"""The register of data subjects' requests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from softphone.domain.audit import AuditDraft
from softphone.domain.errors import NotFound
from softphone.domain.ids import ContactId
from softphone.domain.request import DataRequest, RequestState, without_person
from softphone.vault.core import Core
from softphone.vault.database import Connection
from softphone.vault.times import optional_micros, to_micros


class Requests:
    """Implements ``RequestStore``. The row's columns are for finding; the body is the request."""

    def __init__(self, core: Core) -> None:
        self._core = core

    def page(
        self, states: Sequence[RequestState], limit: int, offset: int
    ) -> Sequence[DataRequest]:
        """Return requests in these states; those that are due soonest first."""
        marks = ",".join("?" * len(states))
        return self._select(
            f"state IN ({marks}) ORDER BY due_at, n LIMIT ? OFFSET ?",
            (*(state.value for state in states), limit, offset),
        )

    def get(self, request: str) -> DataRequest:
        """Return one. Raises NotFound."""
        found = self._select("id = ?", (request,))
        if not found:
            raise NotFound("The request does not exist.", "It was deleted or never saved.")
        return found[0]

    def of_contact(self, contact: ContactId) -> Sequence[DataRequest]:
        """Return what a contact asked for, newest first."""
        return self._select("contact_id = ? ORDER BY received_at DESC, n DESC", (contact,))

    def save(self, request: DataRequest, draft: AuditDraft) -> None:
        """Add or change one."""
        with self._core.deeds.deed(draft) as connection:
            put_request(connection, request)

    def _select(self, where: str, values: tuple[Any, ...]) -> list[DataRequest]:
        rows = self._core.connection.execute(
            f"SELECT body FROM privacy_requests WHERE {where}",  # noqa: S608 - constants above
            values,
        ).fetchall()
        return [msgspec.json.decode(bytes(body), type=DataRequest) for (body,) in rows]


def put_request(connection: Connection, request: DataRequest) -> None:
    """Write a request within the caller's transaction."""
    connection.execute(
        "INSERT INTO privacy_requests (id, kind, state, contact_id, received_at, due_at,"
        " closed_at, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET"
        " state = excluded.state, contact_id = excluded.contact_id, due_at = excluded.due_at,"
        " closed_at = excluded.closed_at, body = excluded.body",
        (
            request.id,
            request.kind.value,
            request.state.value,
            request.contact,
            to_micros(request.received_at),
            to_micros(request.due_at),
            optional_micros(request.closed_at),
            msgspec.json.encode(request),
        ),
    )


def forget_person(connection: Connection, contact: ContactId) -> None:
    """Empty what is personal in a contact's requests. Within the caller's transaction."""
    rows = connection.execute(
        "SELECT body FROM privacy_requests WHERE contact_id = ?", (contact,)
    ).fetchall()
    for (body,) in rows:
        request = msgspec.json.decode(bytes(body), type=DataRequest)
        put_request(connection, without_person(request))
