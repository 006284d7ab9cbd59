"""The audit log on the command line: of a vault by its owner, of a bundle by anybody."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import tzlocal

from softphone.app.auditing import Auditing
from softphone.app.bus import Bus
from softphone.app.ports.audit_files import TableFormat
from softphone.app.session import Session
from softphone.compose.at_rest import signed_in
from softphone.domain.audit import Action, AuditFilter, AuditRow, DataCategory, Result
from softphone.domain.audit_bundle import check_bundle
from softphone.domain.errors import InvalidInput
from softphone.export.audit_table import FileAuditFiles
from softphone.export.bundle import FileBundleWriter, open_bundle, proof_json
from softphone.paths import Profile
from softphone.vault.crypto import verifies

_PAGE = 500
Answer = dict[str, object]


def _auditing(session: Session) -> Auditing:
    return Auditing(session, Bus(), FileAuditFiles())


def verify(profile: Profile, name: str, password: str) -> Answer:
    """Check the whole log of a vault."""
    with signed_in(profile, name, password) as session:
        verdict = _auditing(session).verify()
    return {
        "ok": verdict.holds,
        "entries": verdict.entries,
        "signed_up_to": verdict.signed_up_to,
        "witnessed_up_to": verdict.witnessed_up_to,
        "root_hash": verdict.root_hash,
        "broken_at": verdict.broken_at,
        "why": verdict.why,
    }


def verify_bundle(path: Path, log_key: str, witness_key: str, mldsa_key: str = "") -> Answer:
    """Check an exported bundle; needs no vault. Raises InvalidInput."""
    with open_bundle(path) as bundle:
        verdict = check_bundle(
            bundle, verifies, log_key=log_key, witness_key=witness_key, mldsa_key=mldsa_key
        )
    return {
        "ok": verdict.holds,
        "entries": verdict.entries,
        "witnessed_up_to": verdict.witnessed_up_to,
        "root_hash": verdict.root_hash,
        "log_key": verdict.log_key,
        "witness_key": verdict.witness_key,
        "log_key_mldsa": verdict.mldsa_key,
        "keys_compared": bool(log_key),
        "broken_at": verdict.broken_at,
        "why": verdict.why,
    }


def show(audit: Auditing, wanted: AuditFilter, limit: int, offset: int) -> Iterator[Answer]:
    """Return entries, newest first, as JSON objects. Raises Refused."""
    audit.open()
    end = offset + limit
    while offset < end:
        rows = audit.rows(wanted, min(_PAGE, end - offset), offset)
        yield from (_shown(row) for row in rows)
        if not rows:
            return
        offset += len(rows)


def run(arguments: argparse.Namespace, profile: Profile) -> int:
    """Run one ``audit`` command; 0 when it was done and holds, else 1."""
    if arguments.part == "verify" and arguments.bundle:
        answer = verify_bundle(
            arguments.bundle, arguments.log_key, arguments.witness_key, arguments.log_key_mldsa
        )
        return _print(answer)
    name, password = (sys.stdin.readline().rstrip("\n") for _ in range(2))
    if arguments.part == "verify":
        return _print(verify(profile, name, password))
    with signed_in(profile, name, password) as session:
        audit = _auditing(session)
        if arguments.part == "prove":
            return _print({"ok": True, **proof_json(audit.prove(arguments.entry))})
        if arguments.part == "compare-calls":
            return _print(compare(audit, arguments.file, arguments.zone))
        if arguments.part == "table":
            return _print(write_table(audit, _filter(arguments), arguments.destination))
        if arguments.part == "export":
            audit.export(arguments.destination, FileBundleWriter())
            return _print({"ok": True, "bundle": str(arguments.destination)})
        for line in show(audit, _filter(arguments), arguments.limit, arguments.offset):
            sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")
    return 0


def compare(audit: Auditing, file: Path, zone: str) -> Answer:
    """Hold call records of a PBX against the log. Raises InvalidInput, Refused."""
    try:
        text = _text(file.read_bytes())
        found = audit.compare_calls(text, ZoneInfo(zone) if zone else tzlocal.get_localzone())
    except (OSError, ZoneInfoNotFoundError) as error:
        raise InvalidInput(
            "The call records cannot be compared.",
            "The file or the time zone does not exist.",
            "Check both.",
        ) from error
    return {
        "ok": not found.missing,
        "calls": found.calls,
        "without_entry": [
            {
                "line": call.line,
                "started_at": call.started_at.isoformat(),
                "numbers": list(call.numbers),
                "seconds": call.seconds,
            }
            for call in found.missing
        ],
        "unread_lines": list(found.unread),
    }


def write_table(audit: Auditing, wanted: AuditFilter, destination: Path) -> Answer:
    """Write the entries that match. Raises InvalidInput, Refused, StorageFailed."""
    kinds = {f".{kind.value}": kind for kind in TableFormat}
    kind = kinds.get(destination.suffix.lower())
    if kind is None:
        raise InvalidInput(
            "Nothing was exported.", "The file's ending is unknown.", "Use .xlsx, .csv or .json."
        )
    zone = tzlocal.get_localzone_name() or "UTC"
    job = audit.begin_table(wanted, destination, kind, zone)
    while not job.step():
        continue
    return {"ok": True, "file": str(destination), "entries": job.done}


def _text(raw: bytes) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")


def _filter(arguments: argparse.Namespace) -> AuditFilter:
    return AuditFilter(
        text=arguments.text,
        since=_time(arguments.since),
        until=_time(arguments.until),
        action=Action(arguments.action) if arguments.action else None,
        category=DataCategory(arguments.category) if arguments.category else None,
        result=Result(arguments.result) if arguments.result else None,
        object_id=arguments.object,
    )


def _time(text: str) -> datetime | None:
    """Parse ISO 8601; without an offset it is UTC. Raises InvalidInput."""
    if not text:
        return None
    try:
        when = datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput(
            "Nothing is shown.", "A time cannot be read.", "Write it as 2026-03-31T16:00."
        ) from error
    return when if when.tzinfo else when.replace(tzinfo=UTC)


def _shown(row: AuditRow) -> Answer:
    entry = row.entry
    return {
        "n": entry.index,
        "time": entry.time.astimezone(UTC).isoformat(),
        "who": row.who,
        "action": entry.action,
        "what": row.what,
        "category": entry.category,
        "object": entry.object_id,
        "object_label": row.object_label,
        "result": entry.result,
        "detail": row.detail,
        "witnessed": row.witnessed,
        "leaf_hash": row.leaf_hash,
    }


def _print(answer: Answer) -> int:
    sys.stdout.write(json.dumps(answer, indent=2, ensure_ascii=False) + "\n")
    return 0 if answer["ok"] else 1
