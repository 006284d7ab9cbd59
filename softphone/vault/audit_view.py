"""The audit log as people read it: filtered, newest first, with names where they are left."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from softphone.domain.audit import (
    ACTION_WORDS,
    Action,
    AuditEntry,
    AuditFilter,
    AuditRow,
)
from softphone.domain.contact import Access
from softphone.domain.ids import ContactId
from softphone.vault.audit_log import DEVICE_ACTOR
from softphone.vault.core import Core
from softphone.vault.heard import OF_CONTACT
from softphone.vault.paged import PagedRows
from softphone.vault.times import from_micros, to_micros

_ACTIONS = {action.value: action for action in Action}
_SELECT = """
SELECT l.n, l.time, l.actor, l.action, l.object_id, l.category, l.result, l.leaf, l.hash, d.detail
FROM audit_leaves l LEFT JOIN audit_details d ON d.n = l.n
"""
_LABEL = """
SELECT name FROM contacts WHERE id = :id AND restricted = 0
UNION ALL
SELECT coalesce(k.name, '') FROM recordings r JOIN contacts k ON k.id = r.contact_id
 WHERE r.id = :id AND k.restricted = 0
UNION ALL
SELECT k.name FROM calls c JOIN contacts k ON k.id = c.contact_id
 WHERE c.id = :id AND k.restricted = 0
LIMIT 1
"""
_TOUCHED = f"""
SELECT n FROM audit_leaves WHERE object_id <> '' AND object_id IN (
    SELECT :contact
    UNION SELECT id FROM calls WHERE contact_id = :contact
    UNION {OF_CONTACT}
    UNION SELECT id FROM notes WHERE contact_id = :contact
        OR call_id IN (SELECT id FROM calls WHERE contact_id = :contact)
        OR recording_id IN (SELECT id FROM recordings WHERE contact_id = :contact)
    UNION SELECT other FROM contact_merges WHERE kept = :contact
    UNION SELECT run FROM import_changes WHERE contact_id = :contact
) ORDER BY n
"""  # noqa: S608 - constants


# The empty object is left out so that the index over the others serves.
_ABOUT = f"""l.object_id <> '' AND l.object_id IN (
 SELECT ? UNION {OF_CONTACT.replace(":contact", "?")}
 UNION SELECT id FROM calls WHERE contact_id = ? UNION SELECT id FROM notes WHERE contact_id = ?)"""  # noqa: S608 - constants


class AuditView:
    """Pages of the audit log."""

    def __init__(self, core: Core) -> None:
        self._core = core

    def page(self, wanted: AuditFilter, limit: int, offset: int) -> list[AuditRow]:
        """Return entries, newest first."""
        where, values = self._conditions(wanted)
        rows = self._core.connection.execute(
            f"{_SELECT} {where} ORDER BY l.n DESC LIMIT ? OFFSET ?",
            (*values, limit, offset),
        ).fetchall()
        names = self._names()
        witnessed = cosigned_size(self._core)
        return [self._row(row, names, witnessed) for row in rows]

    def count(self, wanted: AuditFilter) -> int:
        """Return how many entries match."""
        where, values = self._conditions(wanted)
        if not where:
            # Every page asks for it; counting a million rows would be felt.
            return self._core.log.frontier().size
        source = "audit_leaves l"
        if wanted.text.strip():
            source += " LEFT JOIN audit_details d ON d.n = l.n"
        row = self._core.connection.execute(
            f"SELECT count(*) FROM {source} {where}",  # noqa: S608 - constants
            values,
        ).fetchone()
        return int(row[0])

    def accesses(self, contact: ContactId) -> Sequence[Access]:
        """Return who did what with a contact and all that is theirs, oldest first."""
        names = self._names()
        rows = self._core.connection.execute(_TOUCHED, {"contact": contact})

        def fetch(numbers: Sequence[int]) -> list[Access]:
            marks = ",".join("?" * len(numbers))
            found = self._core.connection.execute(
                "SELECT time, actor, action, result FROM audit_leaves"  # noqa: S608 - marks only
                f" WHERE n IN ({marks}) ORDER BY n",
                tuple(numbers),
            ).fetchall()
            return [
                Access(from_micros(t), _who(names, actor), words(action), result)
                for t, actor, action, result in found
            ]

        return PagedRows((n for (n,) in rows), fetch)

    def _row(self, row: tuple[Any, ...], names: dict[str, str], witnessed: int) -> AuditRow:
        n, time, actor, action, object_id, category, result, leaf, hashed, detail = row
        committed = msgspec.json.decode(bytes(leaf), type=dict[str, str | int])
        entry = AuditEntry(
            str(committed["device"]),
            n,
            from_micros(time),
            actor,
            action,
            object_id,
            category,
            result,
            str(committed["commitment"]),
        )
        label = self._core.connection.execute(_LABEL, {"id": object_id}).fetchone()
        return AuditRow(
            entry,
            _who(names, actor),
            words(action),
            label[0] if label else "",
            msgspec.json.decode(bytes(detail), type=dict[str, str]) if detail else {},
            bytes(hashed).hex(),
            n < witnessed,
        )

    def _names(self) -> dict[str, str]:
        return {self._core.log.actor(m.id): m.name for m in self._core.policy.members}

    def _conditions(self, wanted: AuditFilter) -> tuple[str, list[Any]]:
        parts, values = list[str](), list[Any]()
        exact = (
            ("l.action = ?", wanted.action),
            ("l.category = ?", wanted.category),
            ("l.result = ?", wanted.result),
            ("l.n < ?", wanted.below),
            ("l.n >= ?", wanted.above),
            ("l.time >= ?", None if wanted.since is None else to_micros(wanted.since)),
            ("l.time < ?", None if wanted.until is None else to_micros(wanted.until)),
        )
        for condition, value in exact:
            if value is not None:
                parts.append(condition)
                values.append(str(value) if isinstance(value, str) else value)
        if wanted.actor is not None:
            parts.append("l.actor = ?")
            values.append(self._core.log.actor(wanted.actor))
        if wanted.object_id:
            parts.append(_ABOUT)
            values += [wanted.object_id] * _ABOUT.count("?")
        if wanted.text.strip():
            condition, more = self._text(wanted.text.strip())
            parts.append(condition)
            values.extend(more)
        return (f"WHERE {' AND '.join(parts)}" if parts else "", values)

    def _text(self, text: str) -> tuple[str, list[Any]]:
        """Match actions and people by their words, and details by their text."""
        plain = text.casefold()
        actions = [a.value for a, said in ACTION_WORDS.items() if plain in said.casefold()]
        actors = [actor for actor, name in self._names().items() if plain in name.casefold()]
        escaped = text.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
        condition = (
            f"(l.action IN ({','.join('?' * len(actions))})"
            f" OR l.actor IN ({','.join('?' * len(actors))})"
            " OR l.object_id = ?"
            " OR CAST(d.detail AS TEXT) LIKE ? ESCAPE '\\')"
        )
        return condition, [*actions, *actors, text, f"%{escaped}%"]


def words(action: str) -> str:
    """Return an action as people say it."""
    return ACTION_WORDS[_ACTIONS[action]] if action in _ACTIONS else action


def cosigned_size(core: Core) -> int:
    """Return how many leaves the witness has cosigned."""
    row = core.connection.execute("SELECT max(size) FROM cosigned").fetchone()
    return int(row[0] or 0)


def _who(names: dict[str, str], actor: str) -> str:
    if actor == DEVICE_ACTOR:
        return "This workstation"
    return names.get(actor, f"A former colleague ({actor[:8]})")
