"""Data subjects by number: one spelling, a pseudonym for the fleet, a small key to destroy."""

from __future__ import annotations

from datetime import datetime

from softphone.app.numbers import normalise
from softphone.domain.errors import InvalidInput
from softphone.domain.ids import SubjectPseudonym
from softphone.vault.core import Core
from softphone.vault.crypto import keyed_hash, new_key
from softphone.vault.times import to_micros


class Subjects:
    """Pseudonyms and keys of data subjects."""

    def __init__(self, core: Core) -> None:
        self._core = core

    def number(self, text: str) -> str:
        """Return the one spelling of a number; what is no number stays as it is."""
        try:
            return normalise(text, self._core.policy.default_region)
        except InvalidInput:
            return text.strip()

    def pseudonym(self, number: str) -> SubjectPseudonym:
        """Return the keyed hash of a number: the same on every device of the fleet."""
        return SubjectPseudonym(keyed_hash(self._core.device.fleet_key, number))

    def key(self, number: str) -> bytes:
        """Return the subject's key, a fresh one at first. Within the caller's transaction."""
        connection = self._core.connection
        pseudonym = self.pseudonym(number)
        row = connection.execute(
            "SELECT subject_key FROM subjects WHERE pseudonym = ?", (pseudonym,)
        ).fetchone()
        if row is not None and row[0]:
            return bytes(row[0])
        fresh = new_key()
        # One that did not come back from a backup is empty.
        connection.execute(
            "INSERT OR REPLACE INTO subjects VALUES (?, ?, ?)", (pseudonym, number, fresh)
        )
        return fresh

    def known_key(self, number: str) -> bytes | None:
        """Return the subject's key: None when it was destroyed, empty when no backup had it."""
        row = self._core.connection.execute(
            "SELECT subject_key FROM subjects WHERE pseudonym = ?", (self.pseudonym(number),)
        ).fetchone()
        return None if row is None else bytes(row[0])

    def erased_after(self, number: str, started_micros: int) -> bool:
        """Whether the subject was erased after this moment: what is older must not come back."""
        row = self._core.connection.execute(
            "SELECT executed_at FROM erased_subjects WHERE pseudonym = ?",
            (self.pseudonym(number),),
        ).fetchone()
        return row is not None and started_micros <= int(row[0])

    def erased_since(self, pseudonym: SubjectPseudonym, micros: int) -> bool:
        """Whether an erasure at this moment, or a later one, was carried out here."""
        row = self._core.connection.execute(
            "SELECT executed_at FROM erased_subjects WHERE pseudonym = ?", (pseudonym,)
        ).fetchone()
        return row is not None and int(row[0]) >= micros

    def remember_erased(self, pseudonym: SubjectPseudonym, when: datetime | None = None) -> None:
        """Note the erasure of a subject, now or at a known time. Within a transaction."""
        self._core.connection.execute(
            "INSERT OR REPLACE INTO erased_subjects VALUES (?, ?)",
            (pseudonym, to_micros(when or self._core.clock.now())),
        )

    def find(self, pseudonyms: tuple[SubjectPseudonym, ...]) -> tuple[str, ...]:
        """Return the known numbers behind pseudonyms, wherever the vault has them."""
        wanted = set(pseudonyms)
        rows = self._core.connection.execute(
            "SELECT number FROM contact_numbers UNION SELECT number FROM calls"
            " UNION SELECT number FROM recordings UNION SELECT number FROM heard_people"
            " UNION SELECT number FROM subjects"
        )
        return tuple(number for (number,) in rows if self.pseudonym(number) in wanted)
