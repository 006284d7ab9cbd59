"""What more a vault keeps of contacts, in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import combinations

from softphone.app.numbers import normalise
from softphone.domain.audit import AuditDraft
from softphone.domain.consent import (
    FIRST_PURPOSES,
    Consent,
    DoNotCallList,
    Informed,
    InfoText,
    Purpose,
    standing,
)
from softphone.domain.contact import Contact, ContactKind, Note
from softphone.domain.contact_import import ImportRun, RunState, Undone
from softphone.domain.duplicates import Duplicate, Likeness, name_key, similar
from softphone.domain.errors import InvalidInput, NotFound
from softphone.domain.ids import CallId, ContactId, new_id
from tests.fakes.world import World

Log = Callable[[AuditDraft], object]


class FakeDirectory:
    def __init__(self, world: World, log: Log, now: Callable[[], datetime]) -> None:
        self.world, self._log, self._now = world, log, now

    def _all(self) -> list[Contact]:
        return list(self.world.contacts.values())

    def sharing(self, number: str) -> Sequence[Contact]:
        try:
            wanted = normalise(number, self.world.policy.default_region)
        except InvalidInput:
            wanted = number
        return [c for c in reversed(self._all()) if wanted in c.numbers]

    def shared(self, numbers: Sequence[str]) -> bool:
        return any(set(one.numbers) & set(numbers) for one in self._all())

    def alike(self, numbers: Sequence[str], emails: Sequence[str], name: str) -> Contact | None:
        folded = {e.casefold() for e in emails}
        for one in reversed(self._all()):
            shares = set(one.numbers) & set(numbers) or {e.casefold() for e in one.emails} & folded
            if shares and similar(one.name, name):
                return one
        return None

    def company(self, name: str) -> Contact | None:
        return next(
            (c for c in self._all() if c.kind is ContactKind.COMPANY and similar(c.name, name)),
            None,
        )

    def staff(self, company: ContactId) -> Sequence[Contact]:
        return sorted((c for c in self._all() if c.employer == company), key=lambda c: c.name)

    def last_activity(self, contact: ContactId) -> datetime | None:
        world = self.world
        times = [c.started_at for c in world.calls.values() if c.contact == contact]
        times += [n.written_at for n in world.notes.values() if n.contact == contact]
        made = world.contacts[contact].created_at
        return max([*times, *([made] if made else [])], default=None)

    def every(self) -> Iterator[tuple[Contact, Sequence[Note]]]:
        for one in self._all():
            yield (
                one,
                [
                    n
                    for n in self.world.notes.values()
                    if n.contact == one.id and n.recording is None
                ],
            )

    def count(self) -> int:
        return len(self.world.contacts)

    def duplicates(self, limit: int) -> Sequence[Duplicate]:
        if self.world.trouble is not None:
            raise self.world.trouble
        found = []
        for first, second in combinations(self._all(), 2):
            alike = similar(first.name, second.name)
            near = name_key(first.name) == name_key(second.name)
            why = []
            if set(first.numbers) & set(second.numbers) and alike:
                why.append(Likeness.NUMBER)
            if {e.casefold() for e in first.emails} & {e.casefold() for e in second.emails}:
                why.append(Likeness.EMAIL)
            if alike and (why or near):
                why.append(Likeness.NAME)
            if why:
                found.append(Duplicate(first, second, tuple(why)))
        return sorted(found, key=lambda d: -len(d.why))[:limit]

    def merge(self, kept: Contact, other: ContactId, draft: AuditDraft) -> str:
        world = self.world
        before = {name: dict(getattr(world, name)) for name in ("contacts", "notes")}
        consents = list(world.consents)
        if kept.id not in world.contacts or other not in world.contacts:
            raise NotFound("Nothing was merged.", "A contact is gone.")
        merge = new_id()
        world.merges[merge] = (kept.id, other, before, consents, self._now())
        world.contacts[kept.id] = kept
        del world.contacts[other]
        for key, note in world.notes.items():
            if note.contact == other:
                world.notes[key] = replace(note, contact=kept.id)
        world.consents = [
            replace(c, contact=kept.id) if c.contact == other else c for c in world.consents
        ]
        for key, call in world.calls.items():
            if call.number in kept.numbers:
                world.calls[key] = replace(call, contact=kept.id, contact_name=kept.name)
        self._log(draft)
        return merge

    def undo_merge(self, merge: str, draft: AuditDraft) -> tuple[ContactId, ContactId]:
        world = self.world
        if merge not in world.merges:
            raise NotFound("The merge was not undone.", "It was undone before.")
        kept, other, before, consents, _ = world.merges.pop(merge)
        world.contacts = before["contacts"]
        world.notes |= before["notes"]
        world.consents = consents
        for key, call in world.calls.items():
            owner = next((c for c in self._all() if call.number in c.numbers), None)
            if owner:
                world.calls[key] = replace(call, contact=owner.id, contact_name=owner.name)
        self._log(draft)
        return kept, other

    def merges(self, contact: ContactId) -> Sequence[tuple[str, datetime]]:
        return [(name, m[4]) for name, m in self.world.merges.items() if m[0] == contact]

    def begin_import(self, run: ImportRun, draft: AuditDraft) -> None:
        self.world.runs[run.id] = (run, {})
        self._log(draft)

    def put_batch(
        self,
        run: str,
        new: Sequence[Contact],
        changed: Sequence[Contact],
        notes: Sequence[Note],
        consents: Sequence[Consent] = (),
    ) -> None:
        world = self.world
        begun, before = world.runs[run]
        if begun.state is not RunState.RUNNING:
            raise NotFound("The import cannot go on.", "It ended or was undone.")
        for one in (*new, *changed):
            before.setdefault(one.id, world.contacts.get(one.id))
            world.contacts[one.id] = one
        world.notes |= {n.id: n for n in notes}
        world.consents += consents
        world.runs[run] = (
            replace(begun, created=begun.created + len(new), updated=begun.updated + len(changed)),
            before,
        )

    def finish_import(self, run: str, draft: AuditDraft) -> ImportRun:
        return self._end(run, RunState.DONE, draft)

    def undo_import(self, run: str, draft: AuditDraft) -> Undone:
        if run not in self.world.runs:
            raise NotFound("The import does not exist.")
        _, before = self.world.runs[run]
        removed = restored = 0
        for contact, was in before.items():
            if was is None:
                self.world.contacts.pop(contact, None)
                removed += 1
            else:
                self.world.contacts[contact] = was
                restored += 1
        gone = {c for c, was in before.items() if was is None}
        self.world.consents = [c for c in self.world.consents if c.contact not in gone]
        before.clear()
        self._end(run, RunState.UNDONE, draft)
        return Undone(removed, restored)

    def import_runs(self, limit: int) -> Sequence[ImportRun]:
        runs = [run for run, _ in self.world.runs.values()]
        return sorted(runs, key=lambda r: r.at, reverse=True)[:limit]

    def _end(self, run: str, state: RunState, draft: AuditDraft) -> ImportRun:
        if run not in self.world.runs:
            raise NotFound("The import does not exist.")
        begun, before = self.world.runs[run]
        ended = replace(begun, state=state)
        self.world.runs[run] = (ended, before)
        self._log(draft)
        return ended


class FakeConsents:
    def __init__(self, world: World, log: Log) -> None:
        self.world, self._log = world, log

    def purposes(self) -> Sequence[Purpose]:
        if self.world.purposes is None:
            self.world.purposes = list(FIRST_PURPOSES)
        return list(self.world.purposes)

    def save_purposes(self, purposes: Sequence[Purpose], draft: AuditDraft) -> None:
        self.world.purposes = list(purposes)
        self._log(draft)

    def record(self, changes: Sequence[Consent], draft: AuditDraft) -> None:
        for change in changes:
            if change.contact not in self.world.contacts:
                raise NotFound("Nothing was recorded.", "The contact was erased.")
        self.world.consents += changes
        self._log(draft)

    def history(self, contact: ContactId) -> Sequence[Consent]:
        return [c for c in self.world.consents if c.contact == contact]

    def _newest(self) -> list[Consent]:
        found = [
            change
            for contact in self.world.contacts
            for change in standing(self.history(contact)).values()
        ]
        return sorted(found, key=self.world.consents.index, reverse=True)

    def newest(self, purpose: str, limit: int, offset: int) -> Sequence[tuple[str, Consent]]:
        if self.world.trouble is not None:
            raise self.world.trouble
        found = [
            (self.world.contacts[c.contact].name, c)
            for c in self._newest()
            if purpose in ("", c.purpose)
        ]
        return found[offset : offset + limit]

    def counts(self) -> dict[str, tuple[int, int]]:
        counts: dict[str, list[int]] = {}
        for change in self._newest():
            pair = counts.setdefault(change.purpose, [0, 0])
            pair[change.change.value == "withdrawn"] += 1
        return {purpose: (given, gone) for purpose, (given, gone) in counts.items()}


class FakeInforming:
    def __init__(self, world: World, log: Log) -> None:
        self.world, self._log = world, log

    def texts(self) -> Sequence[InfoText]:
        if self.world.trouble is not None:
            raise self.world.trouble
        found = [text for text, _ in self.world.texts.values()]
        return sorted(found, key=lambda t: (t.topic, -t.version, t.language))

    def save_text(self, text: InfoText, audio: bytes, draft: AuditDraft) -> None:
        key = (text.topic, text.version, text.language)
        if key in self.world.texts:
            raise InvalidInput("The text was not saved.", "This version is there already.")
        self.world.texts[key] = (text, audio)
        self._log(draft)

    def audio(self, topic: str, version: int, language: str) -> bytes:
        found = self.world.texts.get((topic, version, language))
        return found[1] if found else b""

    def add(self, told: Informed, draft: AuditDraft) -> None:
        self.world.informed.append(told)
        self._log(draft)

    def of_contact(self, contact: ContactId) -> Sequence[Informed]:
        calls = {c.call for c in self.world.calls.values() if c.contact == contact}
        return [
            told
            for told in self.world.informed
            if told.contact == contact or (told.contact is None and told.call in calls)
        ]

    def of_call(self, call: CallId) -> Sequence[Informed]:
        return [told for told in self.world.informed if told.call == call]


class FakeDoNotCall:
    def __init__(self, world: World, log: Log) -> None:
        self.world, self._log = world, log

    def lists(self) -> Sequence[DoNotCallList]:
        if self.world.trouble is not None:
            raise self.world.trouble
        made = [replace(one, numbers=len(n)) for one, n in self.world.do_not_call.values()]
        return sorted(made, key=lambda one: one.imported_at, reverse=True)

    def add_list(self, made: DoNotCallList, numbers: Iterable[str], draft: AuditDraft) -> int:
        kept = set(numbers)
        self.world.do_not_call[made.id] = (made, kept)
        self._log(draft)
        return len(kept)

    def remove_list(self, list_id: str, draft: AuditDraft) -> None:
        if list_id not in self.world.do_not_call:
            raise NotFound("The list was not removed.", "There is no such list.")
        del self.world.do_not_call[list_id]
        self._log(draft)

    def on_lists(self, numbers: Sequence[str]) -> tuple[str, ...]:
        return tuple(
            made.title for made, kept in self.world.do_not_call.values() if kept & set(numbers)
        )


class FakeRequests:
    """Nobody has asked for anything."""

    def page(self, states: object, limit: int, offset: int = 0) -> list[object]:
        return []

    def of_contact(self, contact: ContactId) -> list[object]:
        return []


class FakeRestrictions:
    """Nobody is restricted."""

    def of_contact(self, contact: ContactId) -> list[object]:
        return []


class FakeContactSide:
    """The four topics as a vault shows them."""

    world: World
    append_audit: Log

    @property
    def directory(self) -> FakeDirectory:
        return FakeDirectory(self.world, self.append_audit, self._clock.now)  # type: ignore[attr-defined]

    @property
    def requests(self) -> FakeRequests:
        return FakeRequests()

    @property
    def restrictions(self) -> FakeRestrictions:
        return FakeRestrictions()

    @property
    def consents(self) -> FakeConsents:
        return FakeConsents(self.world, self.append_audit)

    @property
    def informing(self) -> FakeInforming:
        return FakeInforming(self.world, self.append_audit)

    @property
    def do_not_call(self) -> FakeDoNotCall:
        return FakeDoNotCall(self.world, self.append_audit)
