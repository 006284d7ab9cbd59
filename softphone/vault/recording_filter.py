"""What a list of recordings asks for, as a condition of the database."""

from __future__ import annotations

from typing import Any

from softphone.app.ports import RecordingFilter
from softphone.vault.calls import VISIBLE
from softphone.vault.heard import OF_CONTACT
from softphone.vault.search import match
from softphone.vault.times import to_micros


def conditions(wanted: RecordingFilter) -> tuple[str, list[Any]]:
    """Return the condition of a filter and its values; all text comes as values."""
    parts, values = [VISIBLE], list[Any]()
    expression = match(wanted.text)
    if expression is not None:
        parts.append("n IN (SELECT rowid FROM recordings_fts WHERE recordings_fts MATCH ?)")
        values.append(expression)
    elif wanted.text.strip():
        parts.append("0")
    if wanted.agents is not None:
        parts.append(f"agent IN ({','.join('?' * len(wanted.agents))})")
        values.extend(wanted.agents)
    if wanted.reviewed is not None:
        parts.append("reviewed_at IS NOT NULL" if wanted.reviewed else "reviewed_at IS NULL")
    if wanted.tag:
        parts.append("EXISTS (SELECT 1 FROM json_each(CAST(tags AS TEXT)) WHERE value = ?)")
        values.append(wanted.tag)
    if wanted.contact is not None:
        parts.append(f"id IN ({OF_CONTACT.replace(':contact', '?')})")
        values.extend([wanted.contact] * OF_CONTACT.count(":contact"))
    for condition, value in (
        ("team = ?", wanted.team or None),
        ("agent = ?", wanted.agent),
        ("started_at >= ?", wanted.since and to_micros(wanted.since)),
        ("started_at < ?", wanted.until and to_micros(wanted.until)),
        ("audio_ms > ?", wanted.longer_than_ms or None),
    ):
        if value is not None:
            parts.append(condition)
            values.append(value)
    return " AND ".join(parts), values
