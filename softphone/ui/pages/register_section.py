"""A register: its entries by title, what is due, add, change, take out, import, export."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from softphone.app.registers import RegisterImport
from softphone.domain.errors import InvalidInput
from softphone.domain.register import Register, RegisterEntry
from softphone.ui.dialogs.register_entry import EntryDialog
from softphone.ui.pages.list_section import ListSection, where
from softphone.ui.pages.section import Section
from softphone.ui.translation import counted, tr
from softphone.ui.widgets.basic import Button
from softphone.ui.widgets.file_dialogs import ask_existing_file, ask_new_file
from softphone.ui.widgets.line_list import Line
from softphone.ui.widgets.notice import Notice
from softphone.ui.workplace import Workplace


@dataclass(frozen=True, slots=True)
class RegisterLook:
    """What a register is called and for; texts are English and translated when shown."""

    title: str
    lead: str
    icon: str
    empty: str
    add: str
    detail: tuple[str, ...]
    """Fields that stand in the second line of a row."""


LOOKS: dict[Register, RegisterLook] = {
    Register.CONTROLLER: RegisterLook(
        "Organisation",
        "Who answers for the data. Every document that is handed out names it.",
        "buildings",
        "Enter the organisation, so that answers name who gives them.",
        "Enter the organisation",
        ("address", "officer"),
    ),
    Register.PROCESSORS: RegisterLook(
        "Processors",
        "Who processes data for you (Art. 28): purpose, country, safeguards, contract.",
        "handshake",
        "Add everybody who receives data on your behalf: the telephone provider, hosting, IT.",
        "Add processor",
        ("purpose", "country"),
    ),
    Register.AGREEMENTS: RegisterLook(
        "Agreements",
        "Processing agreements by version, and who accepted which (Art. 28(3)).",
        "file-text",
        "Add the text of an agreement; whoever accepts it is kept with the version.",
        "Add agreement",
        ("party", "valid_from"),
    ),
    Register.ACTIVITIES: RegisterLook(
        "Processing record",
        "What this program does is in the record by itself (Art. 30). Add what you do besides.",
        "list-bullets",
        "The record can be written already. Add activities that this program cannot know of.",
        "Add activity",
        ("basis", "data"),
    ),
    Register.BREACHES: RegisterLook(
        "Breaches",
        "The authority has to know within 72 hours (Art. 33).",
        "warning-octagon",
        "Nothing happened so far. If a workstation is lost, enter it here: the clock runs, and "
        "the log tells what could be affected.",
        "Report a breach",
        ("workstation", "what"),
    ),
}


class RegisterSection(ListSection):
    """One register."""

    def __init__(self, work: Workplace, notice: Notice, register: Register) -> None:
        self.register = register
        self.look = LOOKS[register]
        super().__init__(work, notice, tr(self.look.title), tr(self.look.lead))
        if register is Register.ACTIVITIES:
            record = Button(tr("Write the record"), icon="file-arrow-down")
            record.clicked.connect(
                lambda: ask_new_file(
                    self, tr("Processing record"), "record.html", self.write_record
                )
            )
            self.add_action(record)
        if register is not Register.CONTROLLER:
            for words, icon, act in (
                (tr("Import"), "upload-simple", self._import),
                (tr("Export"), "download-simple", self._export),
            ):
                button = Button(words, icon=icon)
                button.clicked.connect(act)
                self.add_action(button)
        self.add = self.add_action(Button(tr(self.look.add), kind="main", icon="plus"))
        self.add.clicked.connect(lambda: self.open_entry(None))

    def lines(self, limit: int, offset: int) -> list[Line]:
        """Return the entries as rows."""
        now = self.work.office.clock.now()
        found = self.work.desk.registers.entries(self.register)[offset : offset + limit]
        return [self._line(entry, now) for entry in found]

    def empty(self) -> tuple[str, str, str]:
        """Say what the register is for."""
        return self.look.icon, tr("Nothing entered yet"), tr(self.look.empty)

    def open_chosen(self) -> None:
        """Open the chosen entry."""
        entry = self.list.chosen()
        if isinstance(entry, RegisterEntry):
            self.open_entry(entry)

    def open_entry(self, entry: RegisterEntry | None) -> EntryDialog:
        """Open an entry, or an empty form."""
        dialog = EntryDialog(self.work, self.notice, self.register, tr(self.look.add), entry, self)
        dialog.open()
        return dialog

    def write_record(self, path: Path) -> None:
        """Write the record of processing."""
        answers = self.work.desk.answers
        self.ask(lambda: answers.processing_record(path), where(path))

    def export_to(self, path: Path) -> None:
        """Write the register as a workbook."""
        answers = self.work.desk.answers
        self.ask(lambda: answers.register(self.register, path), where(path))

    def import_from(self, path: Path) -> None:
        """Try an import out; with no problem in any row it is carried out."""
        desk, register = self.work.desk, self.register

        def work() -> RegisterImport:
            rows = desk.answers.read_register(register, path)
            tried = desk.registers.import_rows(register, rows, dry_run=True)
            if tried.problems:
                first = tried.problems[0]
                raise InvalidInput(
                    tr("Nothing was imported."),
                    tr("Row {n}: {why}", n=first.row, why=tr(first.why)),
                    counted(
                        len(tried.problems),
                        "Correct {n} row and try again.",
                        "Correct {n} rows and try again.",
                    ),
                )
            return desk.registers.import_rows(register, rows, dry_run=False)

        def done(result: RegisterImport) -> None:
            self.notice.show_done(
                tr("{added} added, {changed} changed", added=result.added, changed=result.changed)
            )

        self.work.ask(self, work, done, self.notice.show_error)

    def _export(self) -> None:
        name = f"{self.register.value}.xlsx"
        ask_new_file(self, tr(self.look.title), name, self.export_to)

    def _import(self) -> None:
        ask_existing_file(self, tr(self.look.title), self.import_from, tr("Workbooks (*.xlsx)"))

    def _line(self, entry: RegisterEntry, now: datetime) -> Line:
        parts = [entry.values.get(key, "").replace("\n", " ") for key in self.look.detail]
        detail = " · ".join(part for part in parts if part)
        state, icon, role = due_words(entry, now, self.work)
        return Line(entry.title, detail, state, icon, entry, role)


def due_words(entry: RegisterEntry, now: datetime, work: Workplace) -> tuple[str, str, str]:
    """Return words, icon and role for what is due with an entry."""
    if entry.due_at is None:
        if entry.register is Register.BREACHES:
            return tr("Reported or decided"), "check", "text.secondary"
        return tr("Version {n}", n=entry.revision), "file-text", "text.secondary"
    if entry.register is Register.BREACHES:
        hours = int((entry.due_at - now).total_seconds() // 3600)
        if hours < 0:
            return tr("Overdue: the 72 hours are over"), "warning", "stop.text"
        return (
            counted(hours, "{n} hour left to report", "{n} hours left to report"),
            "hourglass",
            "hold.text",
        )
    if entry.due_at <= now:
        return tr("Review is due"), "warning", "hold.text"
    return tr("Review {when}", when=work.words.day(entry.due_at, now)), "calendar", "text.secondary"


def register_maker(register: Register) -> Callable[[Workplace, Notice], Section]:
    """Return what makes the section of a register."""
    return lambda work, notice: RegisterSection(work, notice, register)
