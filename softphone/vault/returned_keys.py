"""The small keys of a backup put back into a restored vault, and what their file knows of erasures.

Order is the position in the log, never a clock: a keys file is newer than a database when the log
it was made at holds all of the database's.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import msgspec

from softphone.app.backups import ReturnedKeys
from softphone.domain.errors import Damaged, InvalidInput, Refused
from softphone.domain.ids import SubjectPseudonym
from softphone.domain.privacy import ErasedBefore
from softphone.domain.tombstone import from_dict, parse_time
from softphone.vault.backup_keys import BackupKeys, logs_of, mark_of
from softphone.vault.core import Core
from softphone.vault.times import from_micros, to_micros


@dataclass(frozen=True, slots=True)
class Saved:
    """What a backup's database is: whose, when it was made, with how many entries in its log.

    ``apart``: it has marks in the place of keys; in backups of the first format the keys are in it.
    """

    device: str
    made_at: datetime
    entries: int
    apart: bool


def put_back(core: Core, saved: Saved, keys: BackupKeys | None, *, wanted: bool) -> ReturnedKeys:
    """Put keys back into a restored vault; what has none is left empty. In one transaction.

    ``wanted`` says whether keys shall come back at all; erasures are returned either way, for
    whoever carries them out. Raises Refused (the file's time is over), InvalidInput (it is of
    another workstation), Damaged; then the restored vault must not be used.
    """
    newer = _order(core, saved, keys) if keys is not None else False
    if keys is not None and wanted and saved.apart:
        _refuse_outdated(core, saved, keys)
    erased = _erased_since(core, saved, keys, newer=newer) if keys is not None else None
    gone = _present(core, erased) if erased is not None else (0, 0)
    taken = keys if wanted and saved.apart else None
    changed = 0
    with core.deeds.transaction():
        if saved.apart or not wanted:
            changed = _fill(core, taken)
    return ReturnedKeys(
        made_at=parse_time(keys.made_at) if keys is not None else None,
        until=parse_time(taken.not_after) if taken is not None else None,
        erased=erased,
        recordings_erased=gone[0],
        people_erased=gone[1],
        changed=changed,
    )


def keyless(core: Core) -> int:
    """Count recordings that cannot be opened because their key did not come back."""
    (count,) = core.connection.execute(
        "SELECT count(*) FROM recordings r JOIN recording_keys k ON k.recording_id = r.id"
        " LEFT JOIN subjects s ON r.number <> '' AND s.number = r.number"
        " WHERE k.recording_key = x'' OR s.subject_key = x''"
    ).fetchone()
    return int(count)


def _order(core: Core, saved: Saved, keys: BackupKeys) -> bool:
    """Return whether the keys are as new as the database, or newer. Raises InvalidInput, Damaged.

    Two vaults restored from one backup go on apart: what the one lacks was not erased in the other.
    """
    logs = logs_of(core.connection, core.device.device)
    if not 0 < saved.entries <= logs.get(saved.device, 0) or keys.device not in keys.logs:
        raise Damaged("The backup was not restored.", "Its parts do not fit together.")
    logs[saved.device] = saved.entries
    if keys.logs.get(saved.device, 0) >= saved.entries:
        return True
    if logs.get(keys.device, 0) >= keys.logs[keys.device]:
        return False
    raise InvalidInput(
        "The backup was not restored.",
        "Its keys file belongs to another workstation, or to another life of this one.",
        "Name the one that was made with this backup, or a later one, with --keys.",
    )


def _refuse_outdated(core: Core, saved: Saved, keys: BackupKeys) -> None:
    """Refuse keys whose time is over, by the newest time that is known. Raises Refused.

    A clock that was set back must not help: the backup and the last entry in it are witnesses. Not
    the largest time in the log, lest a clock that was once years ahead ended all keys.
    """
    row = core.connection.execute(
        "SELECT time FROM audit_leaves WHERE n = ?", (saved.entries - 1,)
    ).fetchone()
    last = from_micros(int(row[0])) if row else saved.made_at
    newest = max(core.clock.now(), saved.made_at, last)
    until = parse_time(keys.not_after)
    if until <= newest:
        raise Refused(
            "The backup was not restored.",
            f"The keys of its recordings were made to hold until {until:%Y-%m-%d %H:%M} UTC, so "
            "that nobody who was erased since comes back.",
            "Name a newer keys file with --keys, or restore without recordings by --without-keys.",
        )


def _erased_since(core: Core, saved: Saved, keys: BackupKeys, *, newer: bool) -> ErasedBefore:
    """Return what had been erased when the keys file was made.

    From a newer one also what it has no key for any more: nothing but an erasure takes one away.
    """
    objects = dict.fromkeys(keys.erased_objects)
    subjects = dict(keys.erased_subjects)
    if newer:
        objects |= dict.fromkeys(
            recording
            for recording, kept in _kept(core, "recording_id, recording_key", "recording_keys")
            if kept and recording not in keys.recordings
        )
        made_at = to_micros(parse_time(keys.made_at))
        for pseudonym, kept in _kept(core, "pseudonym, subject_key", "subjects"):
            key = keys.subjects.get(pseudonym)
            # A fresh key: the person was erased and came back.
            if kept and (key is None or _mark(saved, kept) != mark_of(key)):
                subjects.setdefault(pseudonym, made_at)
    # What an older file had not sent yet may have been sent since.
    unsent = keys.unsent if newer else ()
    return ErasedBefore(
        tuple(objects),
        tuple((SubjectPseudonym(p), from_micros(when)) for p, when in subjects.items()),
        tuple(from_dict(msgspec.json.decode(body)) for body in unsent),
    )


def _present(core: Core, erased: ErasedBefore) -> tuple[int, int]:
    """Count the recordings, and the people who were recorded, that are here and were erased."""
    objects = set(erased.objects)
    pseudonyms = {
        pseudonym
        for pseudonym, when in erased.subjects
        if not _erased_here(core, pseudonym, to_micros(when))
    }
    recordings = core.connection.execute("SELECT id FROM recordings").fetchall()
    people = core.connection.execute("SELECT pseudonym FROM subjects").fetchall()
    return sum(r in objects for (r,) in recordings), sum(p in pseudonyms for (p,) in people)


def _erased_here(core: Core, pseudonym: str, micros: int) -> bool:
    row = core.connection.execute(
        "SELECT 1 FROM erased_subjects WHERE pseudonym = ? AND executed_at >= ?",
        (pseudonym, micros),
    ).fetchone()
    return row is not None


def _fill(core: Core, keys: BackupKeys | None) -> int:
    """Put keys in the place of their marks, and nothing where there is none.

    Returns for how many recordings there is another key: their headers were sealed anew since.
    """
    changed = 0
    recordings = keys.recordings if keys is not None else {}
    subjects = keys.subjects if keys is not None else {}
    for table, name, column, known in (
        ("recording_keys", "recording_id", "recording_key", recordings),
        ("subjects", "pseudonym", "subject_key", subjects),
    ):
        rows = []
        for owner, kept in _kept(core, f"{name}, {column}", table):
            key = known.get(owner)
            fits = key is not None and mark_of(key) == kept
            changed += table == "recording_keys" and key is not None and not fits
            rows.append((key if fits else b"", owner))
        core.connection.executemany(
            f"UPDATE {table} SET {column} = ? WHERE {name} = ?",  # noqa: S608 - two tables
            rows,
        )
    return changed


def _kept(core: Core, columns: str, table: str) -> list[tuple[str, bytes]]:
    rows = core.connection.execute(f"SELECT {columns} FROM {table}").fetchall()  # noqa: S608
    return [(str(owner), bytes(kept)) for owner, kept in rows]


def _mark(saved: Saved, kept: bytes) -> bytes:
    return kept if saved.apart else mark_of(kept)
