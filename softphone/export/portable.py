"""A person's data for machines (GDPR Art. 20): JSON by ``resources/schemas/portable-1.json``."""

from __future__ import annotations

from typing import Any

import msgspec

from softphone.domain.report import PersonReport

FORMAT = "softphone-portable-data/1"
_OURS = frozenset({"accesses", "contact"})
"""Who of us looked at the data was not provided by the person: Art. 15, not Art. 20."""


def portable_data(report: PersonReport) -> dict[str, Any]:
    """Return the JSON object. Times are RFC 3339, lengths in milliseconds, numbers E.164."""
    file: dict[str, Any] = msgspec.to_builtins(report.file, enc_hook=list)  # paged rows as lists
    return {
        "format": FORMAT,
        "made_at": msgspec.to_builtins(report.made_at),
        "contact": file["contact"],
        "recordings": [
            {"id": name, "started_at": at, "length_ms": length}
            for name, at, length in file["recordings"]
        ],
        **{key: rows for key, rows in file.items() if key not in _OURS | {"recordings"}},
        "rectifications": msgspec.to_builtins(report.rectifications),
        "restrictions": msgspec.to_builtins(report.restrictions),
    }
