"""Contacts that may be one: by number, by e-mail, by similar names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from softphone.domain.contact import Contact
from softphone.domain.duplicates import Duplicate, Likeness, name_key, similar
from softphone.domain.ids import ContactId
from softphone.vault.contacts import ContactStore
from softphone.vault.core import Core

_MOST_OF_A_KIND = 50
"""Contacts under one number or name that are compared; a switchboard's number is no likeness."""
_BY_NUMBER = (
    "SELECT number FROM contact_numbers GROUP BY number HAVING count(*) > 1 ORDER BY number",
    "SELECT contact_id FROM contact_numbers WHERE number = ? LIMIT ?",
)
_BY_EMAIL = (
    "SELECT folded FROM contact_emails GROUP BY folded HAVING count(*) > 1 ORDER BY folded",
    "SELECT contact_id FROM contact_emails WHERE folded = ? LIMIT ?",
)
_BY_NAME = (
    "SELECT name_key FROM contacts WHERE name_key <> '' AND restricted = 0"
    " GROUP BY name_key HAVING count(*) > 1 ORDER BY name_key",
    "SELECT id FROM contacts WHERE name_key = ? AND restricted = 0 ORDER BY n LIMIT ?",
)


class Alikes:
    """Finds them. Similar names are looked for among those with the same consonants."""

    def __init__(self, core: Core, contacts: ContactStore) -> None:
        self._core = core
        self._contacts = contacts

    def one(self, numbers: Sequence[str], emails: Sequence[str], name: str) -> Contact | None:
        """Return the contact with one of these and a similar name, the newest first."""
        query = self._core.connection.execute
        found: dict[str, None] = {}
        for number in numbers:
            rows = query("SELECT contact_id FROM contact_numbers WHERE number = ?", (number,))
            found.update(dict.fromkeys(row[0] for row in rows.fetchall()))
        for email in emails:
            rows = query(
                "SELECT contact_id FROM contact_emails WHERE folded = ?", (email.casefold(),)
            )
            found.update(dict.fromkeys(row[0] for row in rows.fetchall()))
        for contact in self._known(reversed(found)):
            if similar(contact.name, name):
                return contact
        return None

    def company(self, name: str) -> Contact | None:
        """Return the company of a name, however it is written."""
        found = self._contacts.select(
            "WHERE k.kind = 'company' AND k.name_key = ? AND k.restricted = 0 ORDER BY k.n",
            (name_key(name),),
        )
        return next((company for company in found if similar(company.name, name)), None)

    def pairs(self, limit: int) -> list[Duplicate]:
        """Return pairs that may be one, those with most in common first."""
        self._fill_keys()
        why: dict[tuple[str, str], list[Likeness]] = {}
        for likeness, (groups, members) in (
            (Likeness.NUMBER, _BY_NUMBER),
            (Likeness.EMAIL, _BY_EMAIL),
            (Likeness.NAME, _BY_NAME),
        ):
            for pair in self._grouped(groups, members):
                why.setdefault(pair, []).append(likeness)
                if len(why) >= 4 * limit:
                    break
        ranked = sorted(why.items(), key=lambda item: -len(item[1]))
        found: list[Duplicate] = []
        for (one, other), reasons in ranked:
            made = self._pair(one, other, reasons)
            if made is not None:
                found.append(made)
            if len(found) == limit:
                break
        return found

    def _pair(self, one: str, other: str, reasons: list[Likeness]) -> Duplicate | None:
        known = self._known((one, other))
        if len(known) < 2:
            return None
        first, second = known
        alike = similar(first.name, second.name)
        kept: list[Likeness] = [r for r in reasons if r is not Likeness.NAME]
        if alike:
            kept.append(Likeness.NAME)
        elif Likeness.EMAIL not in kept:
            return None  # Two people may share a number.
        return Duplicate(first, second, tuple(kept)) if kept else None

    def _grouped(self, groups: str, members: str) -> Iterator[tuple[str, str]]:
        query = self._core.connection.execute
        for (value,) in query(groups).fetchall():
            ids = [row[0] for row in query(members, (value, _MOST_OF_A_KIND + 1)).fetchall()]
            if len(ids) > _MOST_OF_A_KIND:
                continue
            for place, one in enumerate(ids):
                for other in ids[place + 1 :]:
                    yield (one, other) if one < other else (other, one)

    def _known(self, ids: Iterable[str]) -> list[Contact]:
        found: list[Contact] = []
        for wanted in ids:
            found += self._contacts.select(
                "WHERE k.id = ? AND k.restricted = 0", (ContactId(wanted),)
            )
        return found

    def _fill_keys(self) -> None:
        """Name the keys of contacts that were saved before there were any."""
        with self._core.deeds.transaction() as connection:
            rows: list[Any] = connection.execute(
                "SELECT n, name FROM contacts WHERE name_key = ''"
            ).fetchall()
            connection.executemany(
                "UPDATE contacts SET name_key = ? WHERE n = ?",
                [(name_key(name), n) for n, name in rows],
            )
