"""Erasure (GDPR Art. 17) as a state machine that goes on where a crash cut it off.

Log the intent, restrict, destroy keys, delete rows and payloads, empty the write-ahead log, search
for remains, log the outcome. Each step is durable before the next begins, and may run twice.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace

from softphone.domain.audit import Action, AuditDraft, Result
from softphone.domain.errors import NotFound, Refused, StorageFailed
from softphone.domain.ids import ContactId, ErasureId, NoteId, RecordingId, UserId, new_id
from softphone.domain.privacy import (
    STEP_ORDER,
    ErasedBefore,
    ErasurePlan,
    ErasureReason,
    ErasureReceipt,
    ErasureStep,
    Restriction,
    Tombstone,
)
from softphone.domain.tombstone import sign_tombstone
from softphone.vault.core import Core
from softphone.vault.crypto import signer
from softphone.vault.database import Connection
from softphone.vault.erasure_job import CONTACT, EXPIRED, RECORDING, TOMBSTONE, Job, Jobs
from softphone.vault.erasure_preview import legal_hold, preview, under_hold
from softphone.vault.erasure_scope import Scope, exclusive_numbers
from softphone.vault.heard import people_heard
from softphone.vault.leave_order import take_order
from softphone.vault.outbox import advance_cursor, put_tombstone
from softphone.vault.payloads import remove_payload
from softphone.vault.remains import count_remains
from softphone.vault.subjects import Subjects
from softphone.vault.times import from_micros, to_micros

log = logging.getLogger(__name__)
OnStep = Callable[[ErasureStep], None]
_DONE_ACTION = {
    CONTACT: Action.ERASURE_DONE,
    RECORDING: Action.RECORDING_DELETED,
    EXPIRED: Action.RECORDING_DELETED,
    TOMBSTONE: Action.TOMBSTONE_APPLIED,
}


class Erasures:
    """Carries out erasures of persons and recordings, own and foreign."""

    def __init__(self, core: Core, subjects: Subjects) -> None:
        self._core = core
        self._subjects = subjects
        self._jobs = Jobs(core)

    def plan(self, contact: ContactId) -> ErasurePlan:
        """Count what would go, and say what stays and why. Raises NotFound."""
        job, counted = self._scoped(self._contact_job(contact, ErasureReason.SUBJECT_REQUEST))
        return preview(self._core, job, contact, dict(counted))

    def erase_contact(
        self,
        contact: ContactId,
        reason: ErasureReason,
        on_step: OnStep,
        mentions: tuple[NoteId, ...] = (),
    ) -> ErasureReceipt:
        """Erase a person, and the notes of others that mention them and were chosen.

        Raises NotFound, Refused (a legal hold), StorageFailed; then it goes on at the next sign-in.
        """
        job = replace(self._contact_job(contact, reason), mentions=mentions)
        job, counts = self._scoped(job)
        return self._begin(replace(job, counts=counts), contact, on_step)

    def expire(
        self, *, recordings: tuple[RecordingId, ...] = (), contacts: tuple[ContactId, ...] = ()
    ) -> ErasureReceipt:
        """Erase what is past its period: recordings, or contacts with all that is theirs.

        Raises StorageFailed.
        """
        job = self._new_job(CONTACT if contacts else EXPIRED, ErasureReason.RETENTION_ENDED, None)
        numbers = exclusive_numbers(self._core, contacts)
        job = replace(job, recordings=recordings, contacts=contacts, numbers=numbers)
        job, counts = self._scoped(job)
        return self._begin(replace(job, counts=counts), job.id, lambda _step: None)

    def delete_recording(self, recording: RecordingId, draft: AuditDraft) -> ErasureReceipt:
        """Erase one recording. Raises NotFound, StorageFailed."""
        known = self._core.connection.execute(
            "SELECT 1 FROM recordings WHERE id = ?", (recording,)
        ).fetchone()
        if known is None:
            raise NotFound("The recording does not exist.", "It was erased or never kept.")
        job = self._new_job(RECORDING, ErasureReason.RECORDING_DELETED, draft.actor)
        job, counts = self._scoped(replace(job, recordings=(recording,)))
        return self._begin(replace(job, counts=counts), recording, lambda _step: None)

    def apply(self, tombstone: Tombstone, position: int) -> bool:
        """Carry out an erasure whose signature was checked; a replay is a no-op.

        Returns whether anything went.
        """
        core = self._core
        if self.known(tombstone):
            with core.deeds.transaction() as connection:
                advance_cursor(connection, position)
            return False
        if tombstone.target is not None:
            take_order(core, tombstone)
            with core.deeds.transaction():
                self._remember(tombstone, position)
            return False
        numbers = self._subjects.find(tombstone.subjects)
        job = replace(
            self._new_job(TOMBSTONE, tombstone.reason, None),
            id=tombstone.erasure,
            numbers=numbers,
            contacts=self._owners(numbers),
            recordings=tombstone.recordings,
        )
        job, counts = self._scoped(job)
        if job.contacts or any(count for _, count in counts):
            self._begin(
                replace(job, counts=counts), job.id, lambda _step: None, tombstone, position
            )
            return True
        with core.deeds.transaction():
            self._remember(tombstone, position)
        return False

    def known(self, tombstone: Tombstone) -> bool:
        """Whether this erasure was begun here, or its tombstone was seen before."""
        seen = self._core.connection.execute(
            "SELECT 1 FROM seen_tombstones WHERE erasure = ?", (tombstone.erasure,)
        ).fetchone()
        return seen is not None or self._jobs.known(tombstone.erasure)

    def replay(self, erased: ErasedBefore) -> bool:
        """Erase what a newer copy has erased. Returns whether anything went."""
        core = self._core
        new = [
            (pseudonym, when)
            for pseudonym, when in erased.subjects
            if not self._subjects.erased_since(pseudonym, to_micros(when))
        ]
        numbers = self._subjects.find(tuple(pseudonym for pseudonym, _ in new))
        contacts = (*self._owners(numbers), *self._present("contacts", erased.objects))
        recordings = self._present("recordings", erased.objects)
        job = replace(
            self._new_job(TOMBSTONE, ErasureReason.SUBJECT_REQUEST, None),
            numbers=numbers,
            contacts=tuple(ContactId(contact) for contact in dict.fromkeys(contacts)),
            recordings=tuple(RecordingId(recording) for recording in recordings),
        )
        job, counts = self._scoped(job)
        anything = bool(job.contacts) or any(count for _, count in counts)
        if anything:
            self._begin(replace(job, counts=counts), job.id, lambda _step: None)
        with core.deeds.transaction() as connection:
            connection.executemany(
                "INSERT OR IGNORE INTO erased_objects VALUES (?)", [(o,) for o in erased.objects]
            )
            for pseudonym, when in new:
                self._subjects.remember_erased(pseudonym, when)
            for tombstone in erased.unsent:
                self._send_for(connection, tombstone)
        return anything

    def _send_for(self, connection: Connection, tombstone: Tombstone) -> None:
        """Queue what another copy of this vault ordered and could not send any more."""
        device = self._core.device
        own = replace(tombstone, device=device.id)
        put_tombstone(connection, sign_tombstone(own, signer(device.log_key)))
        connection.execute(
            "INSERT OR IGNORE INTO seen_tombstones VALUES (?, 0)", (tombstone.erasure,)
        )

    def _present(self, table: str, ids: tuple[str, ...]) -> tuple[str, ...]:
        found = self._core.connection.execute(f"SELECT id FROM {table}")  # noqa: S608 - two tables
        wanted = set(ids)
        return tuple(name for (name,) in found.fetchall() if name in wanted)

    def resume(self) -> int:
        """Finish what a crash cut off; returns how many. What cannot go on now waits."""
        finished = 0
        for job in self._jobs.unfinished():
            try:
                if hold := self._held(job):
                    raise self._kept_by(hold, job)
                self._run(job, lambda _step: None)
            except (StorageFailed, Refused):
                log.warning("an erasure is not finished yet; it goes on at the next sign-in")
            else:
                finished += 1
        return finished

    def search(self, needles: tuple[str, ...]) -> int:
        """Count texts in all files and decrypted pages of the profile."""
        profile = self._core.profile
        databases = {
            profile.vault / "vault.db": self._core.vault_key,
            profile.journal: self._core.device.journal_key,
        }
        return count_remains(profile.root, databases, needles)

    def _begin(
        self,
        job: Job,
        object_id: str,
        on_step: OnStep,
        foreign: Tombstone | None = None,
        position: int = 0,
    ) -> ErasureReceipt:
        """Log the intent, then run. An own one is refused under a hold, and forgotten."""
        held = self._held(job)
        if held is not None and job.kind != TOMBSTONE:
            raise self._kept_by(held, job)
        draft = AuditDraft(
            Action.ERASURE_INTENDED,
            job.category,
            object_id,
            actor=job.actor or None,
            detail={"reason": job.reason.value},
        )
        with self._core.deeds.deed(draft):
            self._jobs.save(job)
            if foreign is not None:
                self._remember(foreign, position)
        on_step(ErasureStep.INTENT_LOGGED)
        if held is None:
            return self._run(job, on_step)
        if foreign is None:
            raise self._kept_by(held, job)
        return job.receipt()

    def _run(self, job: Job, on_step: OnStep) -> ErasureReceipt:
        steps = {
            ErasureStep.RESTRICTED: self._restrict,
            ErasureStep.KEYS_DESTROYED: self._destroy_keys,
            ErasureStep.DATA_DELETED: self._delete_data,
            ErasureStep.REMAINS_SEARCHED: self._search_remains,
            ErasureStep.DONE: self._finish,
        }
        for step in STEP_ORDER[STEP_ORDER.index(job.step) + 1 :]:
            job = steps[step](replace(job, step=step))
            on_step(step)
        return job.receipt()

    def _held(self, job: Job) -> Restriction | None:
        """Return the legal hold on a person who would lose data, be it only a voice."""
        heard = people_heard(self._core, Scope(self._core, job).recordings)
        return legal_hold(self._core, (*job.contacts, *heard))

    def _kept_by(self, hold: Restriction, job: Job) -> Refused:
        return under_hold(hold, of_another=hold.contact not in job.contacts)

    def _restrict(self, job: Job) -> Job:
        with self._core.deeds.transaction() as connection:
            for contact in job.contacts:
                connection.execute("UPDATE contacts SET restricted = 1 WHERE id = ?", (contact,))
            for gone in (*job.contacts, *Scope(self._core, job).recordings):
                connection.execute("INSERT OR IGNORE INTO erased_objects VALUES (?)", (gone,))
            for number in job.numbers:
                self._subjects.remember_erased(self._subjects.pseudonym(number))
            self._jobs.save(job)
        return job

    def _destroy_keys(self, job: Job) -> Job:
        """From here on nobody can open the recordings, whatever happens to the rest."""
        with self._core.deeds.transaction() as connection:
            for recording in Scope(self._core, job).recordings:
                connection.execute(
                    "DELETE FROM recording_keys WHERE recording_id = ?", (recording,)
                )
            for number in job.numbers:
                connection.execute("DELETE FROM subjects WHERE number = ?", (number,))
            self._jobs.save(job)
        self._core.deeds.truncate_wal()
        return job

    def _delete_data(self, job: Job) -> Job:
        scope = Scope(self._core, job)
        for recording in (*scope.recordings, *job.recordings):
            remove_payload(self._core.profile, recording)
        job = replace(job, recordings=tuple({*scope.recordings, *job.recordings}))
        with self._core.deeds.transaction() as connection:
            scope.delete()
            if job.kind != TOMBSTONE:
                put_tombstone(connection, self._tombstone(job))
            self._jobs.save(job)
        self._core.deeds.truncate_wal()
        return job

    def _search_remains(self, job: Job) -> Job:
        # A crash may have come between the deletion and emptying the write-ahead log.
        self._core.deeds.truncate_wal()
        found = replace(job, remains=self.search(job.needles))
        with self._core.deeds.transaction():
            self._jobs.save(found)
        return found

    def _finish(self, job: Job) -> Job:
        draft = AuditDraft(
            _DONE_ACTION[job.kind],
            job.category,
            job.recordings[0] if job.kind == RECORDING else job.id,
            Result.FAILED if job.remains else Result.DONE,
            job.actor or None,
            {name: str(count) for name, count in (*job.counts, ("remains", job.remains))},
        )
        with self._core.deeds.transaction():
            entry = self._core.log.append(draft)
            head = self._core.log.sign_head()
            done = replace(
                job, entry_index=entry.index, checkpoint=head.note, needles=(), numbers=()
            )
            self._jobs.save(done)
        self._core.deeds.truncate_wal()
        return done

    def _tombstone(self, job: Job) -> Tombstone:
        unsigned = Tombstone(
            job.id,
            self._core.device.id,
            job.reason,
            from_micros(job.executed_at),
            job.recordings,
            tuple(self._subjects.pseudonym(number) for number in job.numbers),
            job.counts,
        )
        return sign_tombstone(unsigned, signer(self._core.device.log_key))

    def _remember(self, tombstone: Tombstone, position: int) -> None:
        """Note a foreign tombstone: what it names does not come back later either."""
        connection = self._core.connection
        connection.execute(
            "INSERT INTO seen_tombstones VALUES (?, ?)", (tombstone.erasure, position)
        )
        for recording in tombstone.recordings:
            connection.execute("INSERT OR IGNORE INTO erased_objects VALUES (?)", (recording,))
        for pseudonym in tombstone.subjects:
            self._subjects.remember_erased(pseudonym)
        advance_cursor(connection, position)

    def _contact_job(self, contact: ContactId, reason: ErasureReason) -> Job:
        known = self._core.connection.execute(
            "SELECT 1 FROM contacts WHERE id = ?", (contact,)
        ).fetchone()
        if known is None:
            raise NotFound("The contact does not exist.", "It was erased or never saved.")
        job = self._new_job(CONTACT, reason, self._core.user.id)
        numbers = exclusive_numbers(self._core, (contact,))
        merged = self._core.connection.execute(
            "SELECT other FROM contact_merges WHERE kept = ?", (contact,)
        ).fetchall()
        contacts = (contact, *(ContactId(other) for (other,) in merged))
        return replace(job, contacts=contacts, numbers=numbers)

    def _new_job(self, kind: str, reason: ErasureReason, actor: UserId | None) -> Job:
        return Job(
            ErasureId(new_id()),
            kind,
            ErasureStep.INTENT_LOGGED,
            reason,
            actor or UserId(""),
            to_micros(self._core.clock.now()),
        )

    def _scoped(self, job: Job) -> tuple[Job, tuple[tuple[str, int], ...]]:
        """Return the job with what will be searched for, and the counts of its scope."""
        job = replace(job, needles=Scope(self._core, job).needles())
        return job, Scope(self._core, job).counts()

    def _owners(self, numbers: tuple[str, ...]) -> tuple[ContactId, ...]:
        found: dict[ContactId, None] = {}
        for number in numbers:
            rows = self._core.connection.execute(
                "SELECT contact_id FROM contact_numbers WHERE number = ?", (number,)
            )
            found.update((ContactId(contact), None) for (contact,) in rows.fetchall())
        return tuple(found)
