"""Recordings: taken over from the engine's journal, listed, opened for those with a key."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import msgspec

from softphone.app.numbers import display
from softphone.app.ports import RecordingFilter, RecordingReader
from softphone.domain.audit import Action, AuditDraft, Result
from softphone.domain.call import Direction
from softphone.domain.errors import Damaged, NotFound, Refused
from softphone.domain.ids import CallId, ContactId, GroupId, RecordingId, UserId
from softphone.domain.permissions import Permission, decide
from softphone.domain.recording import Gap, Joined, Recording, SealedRecording
from softphone.vault.age_format import Header
from softphone.vault.audit_log import commitment
from softphone.vault.calls import VISIBLE
from softphone.vault.closing import close_payload, crash_gap
from softphone.vault.contacts import ContactStore, index_recording
from softphone.vault.core import Core
from softphone.vault.groups import hears_own
from softphone.vault.headers import KEYLESS, RESTRICTED, open_header, seal_header
from softphone.vault.heard import JOINED, OF_CONTACT, people_heard
from softphone.vault.journal import payload_path
from softphone.vault.package_format import PackageNote
from softphone.vault.paged import PagedRows
from softphone.vault.payloads import SWAPPED, CheckedReader, mismatch, remove_payload
from softphone.vault.recipients import NotForMe, unwrap_file_key
from softphone.vault.recording_filter import conditions
from softphone.vault.restricted_headers import is_restricted, seal_restricted
from softphone.vault.stream import open_payload
from softphone.vault.subjects import Subjects
from softphone.vault.times import from_micros, optional_time, to_micros

_SELECT = """
WITH page AS MATERIALIZED (
    SELECT n FROM recordings WHERE {where} ORDER BY started_at DESC, n DESC LIMIT ? OFFSET ?
)
SELECT r.id, r.call_id, r.agent, r.team, r.contact_id, k.name, r.number, r.direction,
       r.started_at, r.audio_ms, r.gaps, r.group_id, r.codec, r.complete, r.reviewed_by,
       r.reviewed_at, r.tags, r.restricted_for, c.agent_name, y.recording_key IS x'',
       (SELECT json_group_array(json_array(contact, name, number)) FROM ({joined}))
FROM page JOIN recordings r ON r.n = page.n LEFT JOIN contacts k ON k.id = r.contact_id
LEFT JOIN received_recordings c ON c.recording_id = r.id
LEFT JOIN recording_keys y ON y.recording_id = r.id
ORDER BY r.started_at DESC, r.n DESC
"""


class RecordingStore:
    """The recordings of the vault."""

    def __init__(self, core: Core, subjects: Subjects, contacts: ContactStore) -> None:
        self._core = core
        self._subjects = subjects
        self._contacts = contacts

    def take_in(
        self, sealed: SealedRecording, draft: AuditDraft, came_from: PackageNote | None = None
    ) -> None:
        """Take a sealed recording over, once. What was erased since is dropped, and that logged.

        ``came_from``: the package of another workstation.
        """
        recording = sealed.manifest.recording
        if self._core.connection.execute(
            "SELECT 1 FROM recordings WHERE id = ?", (recording,)
        ).fetchone():
            return
        number = self._subjects.number(sealed.number)
        if self.erased(sealed):
            remove_payload(self._core.profile, recording)
            with self._core.deeds.deed(replace(draft, action=Action.RECORDING_DROPPED)):
                return
        contact = self._contacts.find(number) if number else None
        manifest = sealed.manifest
        said = manifest_detail(
            manifest.payload_sha256, manifest.payload_bytes, manifest.audio_ms, manifest.gaps
        )
        detail = {**draft.detail, **said}
        with self._core.deeds.deed(replace(draft, detail=detail)) as connection:
            # The key's row refers to the recording's, so the row comes first.
            row = connection.execute(
                "INSERT INTO recordings (id, call_id, contact_id, agent, team, number, direction,"
                " started_at, audio_ms, gaps, group_id, codec, sample_rate_hz, complete,"
                " payload_sha256, payload_bytes, header, tail)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, x'', ?) RETURNING n",
                (
                    recording,
                    sealed.call,
                    contact.id if contact else None,
                    sealed.agent,
                    sealed.team,
                    number,
                    sealed.direction.value,
                    to_micros(sealed.started_at),
                    manifest.audio_ms,
                    msgspec.json.encode(manifest.gaps),
                    sealed.group,
                    manifest.codec,
                    manifest.sample_rate_hz,
                    int(manifest.complete),
                    manifest.payload_sha256,
                    manifest.payload_bytes,
                    sealed.tail,
                ),
            ).fetchone()
            header = seal_header(self._core, self._subjects, sealed, number)
            connection.execute("UPDATE recordings SET header = ? WHERE n = ?", (header, row[0]))
            if came_from is not None:
                self._note_origin(recording, came_from)
            for person in people_heard(self._core, (recording,)):
                if is_restricted(self._core, person):
                    seal_restricted(self._core, person)
            index_recording(self._core, int(row[0]))

    def _note_origin(self, recording: RecordingId, package: PackageNote) -> None:
        query = self._core.connection.execute
        query(
            "INSERT INTO received_recordings VALUES (?, ?, ?, ?, ?)",
            (
                recording,
                package.package,
                package.device,
                package.agent_name,
                to_micros(self._core.clock.now()),
            ),
        )
        for number in map(self._subjects.number, package.joined):
            found = self._contacts.find(number)
            query(
                "INSERT INTO heard_people (recording_id, contact_id, number) VALUES (?, ?, ?)",
                (recording, found.id if found else None, number),
            )

    def header_of(self, recording: RecordingId) -> tuple[Header, tuple[str, str, int, int]]:
        """Return the header, then number, payload hash and size, sampling rate (Hz).

        Raises Refused (restricted, or this person holds no key), Damaged.
        """
        row = self._core.connection.execute(
            "SELECT number, payload_sha256, payload_bytes, sample_rate_hz FROM recordings"
            " WHERE id = ?",
            (recording,),
        ).fetchone()
        header = open_header(self._core, self._subjects, recording)
        self._file_key(recording)
        if not self._logged_as(recording, str(row[1])):
            raise Damaged("The recording cannot be handed over.", SWAPPED)
        return header, (str(row[0]), str(row[1]), int(row[2]), int(row[3]))

    def page(self, wanted: RecordingFilter, limit: int, offset: int) -> Sequence[Recording]:
        """Return recordings, newest first, with the reason why one may not be heard."""
        where, values = conditions(wanted)
        return self._select(where, values, limit, offset)

    def count(self, wanted: RecordingFilter) -> int:
        """Return how many recordings match."""
        where, values = conditions(wanted)
        row = self._core.connection.execute(
            f"SELECT count(*) FROM recordings WHERE {where}",  # noqa: S608 - constants below
            values,
        ).fetchone()
        return int(row[0])

    def get(self, recording: RecordingId) -> Recording:
        """Return one row. Raises NotFound."""
        rows = self._select(f"{VISIBLE} AND id = ?", [recording], 1, 0)
        if not rows:
            raise NotFound("The recording does not exist.", "It was erased or never kept.")
        return rows[0]

    def open(self, recording: RecordingId, draft: AuditDraft) -> RecordingReader:
        """Unwrap the file key with this person's keys. Raises Refused, NotFound, Damaged."""
        with self._core.deeds.deed(draft):
            file_key = self._file_key(recording)
            tail, complete, sha256, size = self._payload(recording)
            path = payload_path(self._core.profile.recordings, recording)
            problem = mismatch(path, sha256, size, cut_off=not complete)
            if not self._logged_as(recording, sha256):
                problem = SWAPPED
            reader = open_payload(path, file_key, tail=tail, complete=complete)
        return CheckedReader(reader, problem)

    def finish(self, recording: RecordingId, audio_ms: int, draft: AuditDraft) -> Recording:
        """Close a recording that a crash cut off: final chunk, manifest, log. Idempotent.

        Raises Refused, NotFound, Damaged (it is not the one that was sealed), StorageFailed; what
        failed is done again at the next opening, with the same bytes.
        """
        row = self.get(recording)
        file_key = self._file_key(recording)
        tail, complete, sha256, size = self._payload(recording)
        if complete:
            return row
        path = payload_path(self._core.profile.recordings, recording)
        if mismatch(path, sha256, size, cut_off=True) or not self._logged_as(recording, sha256):
            raise Damaged("The recording was not closed.", SWAPPED)
        new_sha256, new_size = close_payload(path, file_key, size, tail)
        gaps = crash_gap(row.gaps, audio_ms, row.audio_ms)
        detail = {
            **draft.detail,
            "before_sha256": sha256,
            **manifest_detail(new_sha256, new_size, audio_ms, gaps),
        }
        with self._core.deeds.deed(replace(draft, detail=detail)) as connection:
            connection.execute(
                "UPDATE recordings SET complete = 1, tail = x'', payload_sha256 = ?,"
                " payload_bytes = ?, audio_ms = ?, gaps = ? WHERE id = ?",
                (new_sha256, new_size, audio_ms, msgspec.json.encode(gaps), recording),
            )
        return self.get(recording)

    def _file_key(self, recording: RecordingId) -> bytes:
        """Return the file key by this person's keys. Raises Refused, NotFound, Damaged."""
        row = self.get(recording)
        if row.refused and not row.keyless:
            raise Refused(row.refused)
        header = open_header(self._core, self._subjects, recording)
        try:
            return unwrap_file_key(header, list(self._core.groups.values()))
        except NotForMe as error:
            raise Refused(self._sealed_for(row.group)) from error

    def altered(self) -> int:
        """Count payloads that are there but are not what the row, or the log, says."""
        rows = self._core.connection.execute(
            "SELECT id, payload_sha256, payload_bytes, complete FROM recordings"
        ).fetchall()
        found = 0
        for name, sha256, size, complete in rows:
            recording = RecordingId(name)
            path = payload_path(self._core.profile.recordings, recording)
            if path.exists() and (
                mismatch(path, sha256, size, cut_off=not complete)
                or not self._logged_as(recording, sha256)
            ):
                found += 1
        return found

    def _payload(self, recording: RecordingId) -> tuple[bytes, bool, str, int]:
        tail, complete, sha256, size = self._core.connection.execute(
            "SELECT tail, complete, payload_sha256, payload_bytes FROM recordings WHERE id = ?",
            (recording,),
        ).fetchone()
        return bytes(tail), bool(complete), str(sha256), int(size)

    def mark_reviewed(self, recording: RecordingId, draft: AuditDraft) -> None:
        """Note who reviewed it and when. Raises NotFound."""
        self.get(recording)
        with self._core.deeds.deed(draft) as connection:
            connection.execute(
                "UPDATE recordings SET reviewed_by = ?, reviewed_at = ? WHERE id = ?",
                (self._core.user.name, to_micros(self._core.clock.now()), recording),
            )

    def of_contact(self, contact: ContactId) -> Sequence[tuple[RecordingId, datetime, int]]:
        """Return the recordings with a contact's voice, newest first: id, start, length in ms."""
        rows = self._core.connection.execute(
            f"SELECT n FROM recordings WHERE id IN ({OF_CONTACT})"  # noqa: S608 - a constant
            " ORDER BY started_at DESC, n DESC",
            {"contact": contact},
        )
        return PagedRows((n for (n,) in rows), self._times)

    def _times(self, numbers: Sequence[int]) -> list[tuple[RecordingId, datetime, int]]:
        marks = ",".join("?" * len(numbers))
        rows = self._core.connection.execute(
            f"SELECT id, started_at, audio_ms FROM recordings WHERE n IN ({marks})"  # noqa: S608
            " ORDER BY started_at DESC, n DESC",
            tuple(numbers),
        ).fetchall()
        return [(RecordingId(name), from_micros(start), length) for name, start, length in rows]

    def _logged_as(self, recording: RecordingId, sha256: str) -> bool:
        """Whether the row has the payload's hash that the audit log committed to at sealing.

        Who holds the vault key could change row and payload together, but not the log's tree.
        """
        rows = self._core.connection.execute(
            "SELECT l.leaf, d.salt, d.detail FROM audit_leaves l JOIN audit_details d ON d.n = l.n"
            " WHERE l.object_id = ? AND l.action IN (?, ?, ?) AND l.result = ? ORDER BY l.n",
            (
                recording,
                Action.RECORDING_RECEIVED.value,
                Action.RECORDING_SEALED.value,
                Action.RECORDING_CLOSED.value,
                Result.DONE.value,
            ),
        ).fetchall()
        logged = ""
        for leaf, salt, detail in rows:
            said = msgspec.json.decode(leaf, type=dict[str, str | int])["commitment"]
            now = msgspec.json.decode(detail, type=dict[str, str])
            # Closing goes on from what was sealed; nothing else changes a payload.
            if said != commitment(salt, detail) or logged != now.get("before_sha256", ""):
                return False
            logged = now.get("payload_sha256", "")
        return not rows or logged == sha256

    def erased(self, sealed: SealedRecording, joined: tuple[str, ...] = ()) -> bool:
        """Whether a recording, or a person in it since it was made, was erased here.

        ``joined``: numbers of those who came into it by a transfer.
        """
        gone = self._core.connection.execute(
            "SELECT 1 FROM erased_objects WHERE id = ?", (sealed.manifest.recording,)
        ).fetchone()
        started = to_micros(sealed.started_at)
        numbers = map(self._subjects.number, (sealed.number, *joined))
        return gone is not None or any(self._subjects.erased_after(n, started) for n in numbers)

    def _select(self, where: str, values: list[Any], limit: int, offset: int) -> list[Recording]:
        rows = self._core.connection.execute(
            _SELECT.format(where=where, joined=JOINED), (*values, limit, offset)
        ).fetchall()
        return [self._row(row) for row in rows]

    def _row(self, row: tuple[Any, ...]) -> Recording:
        agent, team, group = UserId(row[2]), str(row[3]), GroupId(row[11])
        refused = RESTRICTED if row[17] else self._refusal(agent, team, group)
        keyless = bool(row[19]) and not refused
        return Recording(
            id=RecordingId(row[0]),
            call=CallId(row[1]),
            agent=agent,
            agent_name=row[18] or self._core.member_name(agent),
            team=team,
            contact=ContactId(row[4]) if row[4] else None,
            contact_name=row[5] or display(row[6]),
            direction=Direction(row[7]),
            started_at=from_micros(row[8]),
            audio_ms=row[9],
            gaps=msgspec.json.decode(row[10], type=tuple[Gap, ...]),
            group=group,
            codec=row[12],
            complete=bool(row[13]),
            reviewed_by=row[14],
            reviewed_at=optional_time(row[15]),
            tags=msgspec.json.decode(row[16], type=tuple[str, ...]),
            refused=KEYLESS if keyless else refused,
            keyless=keyless,
            joined=tuple(
                Joined(ContactId(contact) if contact else None, name or display(number))
                for contact, name, number in msgspec.json.decode(row[20])
            ),
        )

    def _refusal(self, agent: UserId, team: str, group: GroupId) -> str:
        core = self._core
        decision = decide(
            core.policy, core.user.id, Permission.RECORDINGS_LISTEN, owner=agent, team=team
        )
        if not decision.allowed:
            return decision.sentence
        mine = agent == core.user.id and hears_own(core.policy, core.user)
        return "" if group in core.groups or mine else self._sealed_for(group)

    def _sealed_for(self, group: GroupId) -> str:
        label = next((g.label for g in self._core.policy.groups if g.id == group), "another group")
        return f"This recording is sealed for {label} ({group}), and your key is not among theirs."


def manifest_detail(sha256: str, size: int, audio_ms: int, gaps: tuple[Gap, ...]) -> dict[str, str]:
    """Return what the log commits to about a payload."""
    return {
        "payload_sha256": sha256,
        "payload_bytes": str(size),
        "audio_ms": str(audio_ms),
        "gaps": json.dumps([_gap(g) for g in gaps]),
    }


def _gap(gap: Gap) -> list[int | str]:
    return [gap.at_ms, gap.length_ms, gap.reason.value, *([gap.call] if gap.call else [])]
