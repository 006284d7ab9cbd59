"""Restricted processing (GDPR Art. 18) and legal holds (Art. 17(3)), held by keys.

The header of each recording of the person is sealed once more, for the officers' group: whoever
could listen before cannot decrypt any more, and only an officer can lift it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime

import msgspec

from softphone.domain.audit import AuditDraft
from softphone.domain.contact import Contact
from softphone.domain.errors import NotFound
from softphone.domain.ids import ContactId
from softphone.domain.privacy import Rectification, Restriction, RestrictionKind
from softphone.vault.contacts import ContactStore
from softphone.vault.core import Core
from softphone.vault.restricted_headers import seal_restricted, unseal_released
from softphone.vault.times import from_micros, to_micros

_COLUMNS = "contact_id, kind, since, person_name, reason, erasure_queued"


class Restrictions:
    """Implements ``RestrictionStore``."""

    def __init__(self, core: Core, contacts: ContactStore) -> None:
        self._core = core
        self._contacts = contacts

    def of_contact(self, contact: ContactId) -> Sequence[Restriction]:
        """Return what restricts the use of a contact's data."""
        return self._select("WHERE contact_id = ?", contact)

    def all(self) -> Sequence[Restriction]:
        """Return all of them, newest first."""
        return self._select("")

    def restrict(self, restriction: Restriction, draft: AuditDraft) -> int:
        """Restrict and seal the recordings' headers for the officers' group; returns how many.

        Raises NotFound (contact), Refused (there is no officers' group).
        """
        core = self._core
        self._contacts.get(restriction.contact)
        with core.deeds.deed(draft) as connection:
            connection.execute(
                "INSERT OR REPLACE INTO restrictions VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    restriction.contact,
                    restriction.kind.value,
                    to_micros(restriction.since),
                    core.user.id,
                    restriction.by,
                    restriction.reason,
                    int(restriction.erasure_queued),
                ),
            )
            count = seal_restricted(core, restriction.contact)
        # The headers as they were must not be found in old pages of the log.
        core.deeds.truncate_wal()
        return count

    def release(self, contact: ContactId, kind: RestrictionKind, draft: AuditDraft) -> int:
        """End a restriction; when it was the last, unseal the headers. Returns how many.

        Raises NotFound, Refused (the officers' key is not this person's).
        """
        core = self._core
        with core.deeds.deed(draft) as connection:
            gone = connection.execute(
                "DELETE FROM restrictions WHERE contact_id = ? AND kind = ? RETURNING 1",
                (contact, kind.value),
            ).fetchall()
            if not gone:
                raise NotFound("Nothing was changed.", "The person is not restricted.")
            left = connection.execute(
                "SELECT 1 FROM restrictions WHERE contact_id = ?", (contact,)
            ).fetchone()
            return 0 if left else unseal_released(core)

    def queue_erasure(self, contact: ContactId, draft: AuditDraft) -> None:
        """Note that an erasure is due when the hold ends. Raises NotFound."""
        with self._core.deeds.deed(draft) as connection:
            changed = connection.execute(
                "UPDATE restrictions SET erasure_queued = 1 WHERE contact_id = ? AND kind = ?"
                " RETURNING 1",
                (contact, RestrictionKind.HELD.value),
            ).fetchall()
            if not changed:
                raise NotFound("Nothing was changed.", "The person is not under a legal hold.")

    def rectify(self, contact: Contact, reason: str, draft: AuditDraft) -> Rectification:
        """Correct a contact and keep what it was. Raises NotFound."""
        core = self._core
        before = self._contacts.get(contact.id)
        self._contacts.save(contact, draft)
        after = self._contacts.get(contact.id)
        made = Rectification(
            contact.id, core.clock.now(), core.user.name, reason, *_differing(before, after)
        )
        with core.deeds.transaction() as connection:
            connection.execute(
                "INSERT INTO rectifications (contact_id, at, person, person_name, reason, before,"
                " after) VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    contact.id,
                    to_micros(made.at),
                    core.user.id,
                    made.by,
                    reason,
                    msgspec.json.encode(made.before),
                    msgspec.json.encode(made.after),
                ),
            )
        return made

    def rectifications(self, contact: ContactId) -> Sequence[Rectification]:
        """Return what was corrected, newest first."""
        rows = self._core.connection.execute(
            "SELECT contact_id, at, person_name, reason, before, after FROM rectifications"
            " WHERE contact_id = ? ORDER BY at DESC, n DESC",
            (contact,),
        ).fetchall()
        decode = msgspec.json.decode
        return [
            Rectification(
                ContactId(row[0]),
                from_micros(row[1]),
                row[2],
                row[3],
                decode(bytes(row[4]), type=dict[str, str]),
                decode(bytes(row[5]), type=dict[str, str]),
            )
            for row in rows
        ]

    def _select(self, where: str, *values: str) -> list[Restriction]:
        rows = self._core.connection.execute(
            f"SELECT {_COLUMNS} FROM restrictions {where} ORDER BY since DESC",  # noqa: S608
            values,
        ).fetchall()
        return [
            Restriction(
                ContactId(row[0]),
                RestrictionKind(row[1]),
                from_micros(row[2]),
                row[3],
                row[4],
                bool(row[5]),
            )
            for row in rows
        ]


def _differing(before: Contact, after: Contact) -> tuple[dict[str, str], dict[str, str]]:
    """Return the fields that differ, as texts, before and after."""
    old, new = dict[str, str](), dict[str, str]()
    for name in (field.name for field in fields(Contact)):
        was, now = _text(getattr(before, name)), _text(getattr(after, name))
        if was != now:
            old[name], new[name] = was, now
    return old, new


def _text(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(_text(part) for part in value)
    if isinstance(value, datetime):
        return value.isoformat()
    return "" if value is None else str(value)
