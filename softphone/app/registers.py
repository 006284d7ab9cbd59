"""Use cases around the registers: entries, acceptance, training, breaches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from softphone.app.bus import Bus
from softphone.app.session import Session
from softphone.domain.audit import Action, AuditDraft, DataCategory
from softphone.domain.errors import InvalidInput
from softphone.domain.events import HistoryChanged
from softphone.domain.ids import UserId, new_id
from softphone.domain.permissions import Permission
from softphone.domain.register import (
    ACKNOWLEDGED,
    Acknowledgement,
    Affected,
    Register,
    RegisterEntry,
    Standing,
    TrainingLine,
    checked,
    concerns,
    due_at,
    moment,
    training_line,
)


@dataclass(frozen=True, slots=True)
class RowProblem:
    """A row of an imported table that cannot be used. ``row`` counts from 1, the head is 1."""

    row: int
    why: str


@dataclass(frozen=True, slots=True)
class RegisterImport:
    """What an import would do, or did."""

    added: int
    changed: int
    problems: tuple[RowProblem, ...] = ()


class Registers:
    """The registers of the privacy centre; runs on the vault's thread."""

    def __init__(self, session: Session, bus: Bus) -> None:
        self._session = session
        self._bus = bus

    def entries(self, register: Register) -> list[RegisterEntry]:
        """Return the entries by title; none without the right."""
        if not self._may_look():
            return []
        return list(self._session.vault.registers.entries(register))

    def revisions(self, entry: str) -> list[RegisterEntry]:
        """Return all revisions of an entry, newest first; none without the right."""
        if not self._may_look():
            return []
        return list(self._session.vault.registers.revisions(entry))

    def save(
        self, register: Register, values: dict[str, str], entry: str | None = None
    ) -> RegisterEntry:
        """Add an entry or a new revision of one. Raises Refused, InvalidInput, NotFound."""
        made = RegisterEntry(entry or new_id(), register, {})
        draft = self._permit(Action.REGISTER_CHANGED, made.id, register)
        kept = checked(register, values)
        if entry is not None:
            self._session.vault.registers.entry(entry)
        made = replace(made, values=kept, due_at=due_at(register, kept))
        self._session.vault.registers.save([made], draft)
        self._changed()
        return self._session.vault.registers.entry(made.id)

    def remove(self, entry: str) -> None:
        """Take an entry out; its revisions stay as proof. Raises Refused, NotFound."""
        draft = self._session.permit(
            Permission.PRIVACY_MANAGE, Action.REGISTER_CHANGED, DataCategory.REGISTER, entry
        )
        removed = replace(draft, detail={**draft.detail, "removed": "yes"})
        self._session.vault.registers.remove(entry, removed)
        self._changed()

    def import_rows(
        self, register: Register, rows: Sequence[dict[str, str]], *, dry_run: bool
    ) -> RegisterImport:
        """Take rows over, all or none; a row whose title is known becomes its next revision.

        With a problem in any row nothing is taken over. Raises Refused.
        """
        draft = self._permit(Action.REGISTER_CHANGED, "", register)
        store = self._session.vault.registers
        known = {entry.title.casefold(): entry for entry in store.entries(register)}
        made: dict[str, RegisterEntry] = {}
        seen: set[str] = set()
        problems: list[RowProblem] = []
        added = 0
        for number, row in enumerate(rows, start=2):
            try:
                values = checked(register, row)
            except InvalidInput as error:
                problems.append(RowProblem(number, error.why))
                continue
            entry = RegisterEntry("", register, values, due_at=due_at(register, values))
            title = entry.title.casefold()
            if title in seen:
                problems.append(RowProblem(number, "The title stands in the table twice."))
                continue
            seen.add(title)
            before = known.get(title)
            if before is not None and before.values == values:
                continue
            added += before is None
            made[title] = replace(entry, id=before.id if before else new_id())
        changed = len(made) - added
        if made and not problems and not dry_run:
            store.save(list(made.values()), replace(draft, detail={"rows": str(len(made))}))
            self._changed()
        return RegisterImport(added, changed, tuple(problems))

    # --- texts that people confirm ---------------------------------------------------------------

    def to_confirm(self) -> list[RegisterEntry]:
        """Return agreements and trainings that the signed-in person has not confirmed yet."""
        member = self._session.vault.user
        lines = self._lines(member.id, member.name, member.role)
        open_lines = [line.entry for line in lines if line.standing is not Standing.DONE]
        store = self._session.vault.registers
        accepted = {(a.entry, a.sha256) for a in store.acknowledgements() if a.person == member.id}
        manages = self._session.may(Permission.PRIVACY_MANAGE).allowed
        agreements = store.entries(Register.AGREEMENTS) if manages else ()
        return [
            *open_lines,
            *(entry for entry in agreements if (entry.id, entry.sha256) not in accepted),
        ]

    def confirm(self, entry: str, revision: int) -> Acknowledgement:
        """Accept an agreement or finish a training, in the version that was shown.

        Raises NotFound, InvalidInput (it changed meanwhile), Refused (an agreement, no right).
        """
        store, member = self._session.vault.registers, self._session.vault.user
        found = store.entry(entry)
        draft = self._session.draft(Action.TEXT_ACKNOWLEDGED, DataCategory.REGISTER, entry)
        if found.register is Register.AGREEMENTS:
            draft = self._permit(Action.TEXT_ACKNOWLEDGED, entry, found.register)
        if found.register not in ACKNOWLEDGED:
            raise InvalidInput("Nothing was confirmed.", "This is not a text to be confirmed.")
        if found.revision != revision:
            raise InvalidInput(
                "Nothing was confirmed.",
                "The text was changed since it was opened.",
                "Read the new version.",
            )
        made = Acknowledgement(
            entry, revision, found.sha256, member.id, member.name, self._session.clock.now()
        )
        detail = {"revision": str(revision), "sha256": found.sha256}
        store.acknowledge(made, replace(draft, detail={**draft.detail, **detail}))
        self._changed()
        return made

    def acknowledgements(self, entry: str) -> list[Acknowledgement]:
        """Return who confirmed an entry and when, newest first; none without the right."""
        if not self._may_look():
            return []
        return list(self._session.vault.registers.acknowledgements(entry))

    def training(self) -> list[TrainingLine]:
        """Return where everybody stands, who is overdue first; none without the right."""
        if not self._may_look():
            return []
        lines = [
            line
            for member in self._session.vault.policy.members
            for line in self._lines(member.id, member.name, member.role)
        ]
        order = (Standing.OVERDUE, Standing.MISSING, Standing.OUTDATED, Standing.DONE)
        return sorted(
            lines, key=lambda line: (order.index(line.standing), line.person_name.casefold())
        )

    # --- breaches --------------------------------------------------------------------------------

    def assess(
        self, since: datetime, until: datetime, person: UserId | None = None, entry: str = ""
    ) -> Affected:
        """Count what a lost workstation (person None) or account could have exposed.

        GDPR Art. 33(3)(a). Raises Refused, InvalidInput.
        """
        draft = self._permit(Action.BREACH_ASSESSED, entry, Register.BREACHES)
        if since >= until:
            raise InvalidInput("Nothing was counted.", "The time ends before it begins.")
        self._session.vault.append_audit(draft)
        return self._session.vault.registers.affected(since, until, person)

    def breach_window(self, entry: RegisterEntry) -> tuple[datetime, datetime]:
        """Return the time (UTC) that a breach is about, up to now where no end is known."""
        noticed = entry.values["noticed_at"]
        begin = moment(entry.values.get("happened_from", noticed))
        end = entry.values.get("happened_until")
        return begin, moment(end) if end else self._session.clock.now()

    def _lines(self, person: UserId, name: str, role: str) -> list[TrainingLine]:
        store = self._session.vault.registers
        known = tuple(a for a in store.acknowledgements() if a.person == person)
        today = self._session.clock.now().date()
        return [
            training_line(entry, person, name, known, today)
            for entry in store.entries(Register.TRAINING)
            if concerns(entry, role)
        ]

    def _permit(self, action: Action, entry: str, register: Register) -> AuditDraft:
        return self._session.permit(
            Permission.PRIVACY_MANAGE,
            action,
            DataCategory.REGISTER,
            entry,
            detail={"register": register.value},
        )

    def _may_look(self) -> bool:
        return self._session.look(
            Permission.PRIVACY_MANAGE, Action.LIST_READ, DataCategory.REGISTER
        )

    def _changed(self) -> None:
        self._bus.publish(HistoryChanged(frozenset({"registers", "audit"})))
