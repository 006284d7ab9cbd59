"""What the search line finds: contacts, calls, recordings and commands, grouped."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt

from softphone.app.numbers import display
from softphone.app.ports import RecordingFilter
from softphone.domain.call import Direction
from softphone.domain.contact import Contact, HistoryEntry
from softphone.domain.permissions import Permission
from softphone.domain.recording import Recording
from softphone.ui.translation import tr
from softphone.ui.words import DISPOSITIONS, length
from softphone.ui.workplace import Workplace

Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()
_DIALLABLE = re.compile(r"[+0-9*#(][0-9 ()./*#-]*|\S+@\S+|(sips?|tel|callto):\S+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Found:
    """One result; ``run`` is what Enter does."""

    group: str
    icon: str
    title: str
    detail: str
    hint: str
    run: Callable[[], None] | None


@dataclass(frozen=True, slots=True)
class Command:
    """Something that can be done by typing its words."""

    words: str
    icon: str
    keys: str
    run: Callable[[], None]


@dataclass(frozen=True, slots=True)
class Hits:
    """What the vault found."""

    contacts: tuple[Contact, ...] = ()
    calls: tuple[HistoryEntry, ...] = ()
    recordings: tuple[Recording, ...] = ()


def look_up(work: Workplace, text: str) -> Hits:
    """Search the vault; runs on the lane."""
    desk, rights = work.desk, work.rights
    recordings: tuple[Recording, ...] = ()
    if rights.may(Permission.RECORDINGS_LISTEN):
        recordings = tuple(desk.recordings.page(RecordingFilter(text=text), 2, 0))
    return Hits(
        contacts=tuple(desk.people.contacts(text, 4, 0)),
        calls=tuple(desk.calls.history(text, 2, 0)),
        recordings=recordings,
    )


def _state(row: Recording, group: str) -> str:
    if row.keyless:
        return tr("Without its key")
    return tr("Only {who}", who=group) if row.refused else length(row.audio_ms)


def diallable(text: str) -> bool:
    """Say whether the text looks like a number or an address rather than a name."""
    return bool(_DIALLABLE.fullmatch(text.strip()))


class Finder:
    """Turns hits and commands into results."""

    def __init__(
        self,
        work: Workplace,
        dial: Callable[[str], None],
        open_recording: Callable[[Recording], None],
    ) -> None:
        self._work = work
        self._dial = dial
        self._open_recording = open_recording
        self.commands: list[Command] = []

    def results(self, text: str, hits: Hits) -> list[Found]:
        """Return the results in the order they are shown."""
        found: list[Found] = []
        if diallable(text):
            found.append(
                Found(
                    tr("Dial"), "phone", tr("Call {number}", number=text.strip()), "", tr("call"),
                    lambda: self._dial(text.strip()),
                )
            )  # fmt: skip
        found += [self._contact(c) for c in hits.contacts if c.numbers]
        found += [self._call(c) for c in hits.calls]
        found += [self._recording(r) for r in hits.recordings]
        found += self._matching(text)
        return found

    def _contact(self, contact: Contact) -> Found:
        number = contact.numbers[0]
        return Found(
            tr("Contacts"), "user", contact.name, display(number), tr("call"),
            lambda: self._dial(number),
        )  # fmt: skip

    def _call(self, call: HistoryEntry) -> Found:
        when = self._work.words.when(call.started_at, self._work.office.clock.now())
        outgoing = call.direction is Direction.OUTGOING
        return Found(
            tr("Calls"),
            "arrow-up-right" if outgoing else "arrow-down-left",
            call.contact_name or display(call.number),
            f"{when}, {length(call.talk_ms)}" if call.talk_ms else when,
            tr(call.wrap_up) if call.wrap_up else tr(DISPOSITIONS[call.disposition]),
            lambda: self._dial(call.number),
        )

    def _recording(self, row: Recording) -> Found:
        when = self._work.words.when(row.started_at, self._work.office.clock.now())
        label = self._work.rights.group_labels.get(row.group, "")
        return Found(
            tr("Recordings"),
            "lock" if row.refused else "play",
            row.contact_name,
            when,
            _state(row, label),
            lambda: self._open_recording(row),
        )

    def _matching(self, text: str) -> list[Found]:
        wanted = text.casefold().split()
        found = []
        for command in self.commands:
            words = command.words.casefold().split()
            if all(any(w.startswith(part) for w in words) for part in wanted):
                found.append(
                    Found(
                        tr("Commands"), command.icon, command.words, "", command.keys, command.run
                    )
                )
        return found[:6]


class FoundModel(QAbstractListModel):
    """The results, for the list under the search line."""

    def __init__(self) -> None:
        super().__init__()
        self._rows: list[Found] = []

    def show(self, rows: list[Found]) -> None:
        """Replace all results."""
        self.beginResetModel()
        self._rows = rows
        self.endResetModel()

    def rows(self) -> list[Found]:
        """Return the results."""
        return self._rows

    def begins_group(self, row: int) -> bool:
        """Say whether a row is the first of its group."""
        return row == 0 or self._rows[row].group != self._rows[row - 1].group

    def rowCount(self, parent: Index = _ROOT) -> int:
        """Return how many results there are."""
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return the result (UserRole) or its words."""
        if not 0 <= index.row() < len(self._rows):
            return None
        found = self._rows[index.row()]
        if role == Qt.ItemDataRole.UserRole:
            return found
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            parts = (found.group, found.title, found.detail, found.hint)
            return ", ".join(part for part in parts if part)
        return None
