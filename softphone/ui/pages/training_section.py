"""Training: the courses, and who has finished which version until when."""

from __future__ import annotations

from softphone.domain.register import Register, RegisterEntry, Standing, TrainingLine
from softphone.ui.dialogs.register_entry import EntryDialog
from softphone.ui.pages.list_section import ListSection
from softphone.ui.translation import tr
from softphone.ui.widgets.basic import Button
from softphone.ui.widgets.chip import Chip
from softphone.ui.widgets.line_list import Line
from softphone.ui.widgets.notice import Notice
from softphone.ui.workplace import Workplace

STANDING_WORDS: dict[Standing, tuple[str, str, str]] = {
    Standing.MISSING: ("Not finished", "circle", "hold.text"),
    Standing.OUTDATED: ("Knows an older version", "arrows-clockwise", "hold.text"),
    Standing.OVERDUE: ("Overdue", "warning", "stop.text"),
    Standing.DONE: ("Finished", "check", "text.secondary"),
}


class TrainingSection(ListSection):
    """People first, who is overdue on top; the courses behind a switch."""

    def __init__(self, work: Workplace, notice: Notice) -> None:
        super().__init__(
            work,
            notice,
            tr("Training"),
            tr("Who has read and confirmed what. Everybody finds their texts under Settings."),
        )
        self.courses = Chip(tr("Courses"))
        self.courses.toggled.connect(lambda _on: self.list.lines.reload())
        self.add_action(self.courses)
        self.add = self.add_action(Button(tr("Add course"), kind="main", icon="plus"))
        self.add.clicked.connect(lambda: self.open_course(None))

    def lines(self, limit: int, offset: int) -> list[Line]:
        """Return people or courses; runs on the lane."""
        registers = self.work.desk.registers
        if self.courses.isChecked():
            found = registers.entries(Register.TRAINING)[offset : offset + limit]
            return [self._course(entry) for entry in found]
        return [self._person(line) for line in registers.training()[offset : offset + limit]]

    def empty(self) -> tuple[str, str, str]:
        """Say what training is for."""
        return (
            "student",
            tr("No courses yet"),
            tr("Add a text that everybody, or some roles, have to read and confirm."),
        )

    def open_chosen(self) -> None:
        """Open the chosen course, or the course of the chosen person."""
        value = self.list.chosen()
        entry = value.entry if isinstance(value, TrainingLine) else value
        if isinstance(entry, RegisterEntry):
            self.open_course(entry)

    def open_course(self, entry: RegisterEntry | None) -> EntryDialog:
        """Add or change a course."""
        dialog = EntryDialog(
            self.work, self.notice, Register.TRAINING, tr("Add course"), entry, self
        )
        dialog.open()
        return dialog

    def _course(self, entry: RegisterEntry) -> Line:
        for_whom = entry.values.get("roles") or tr("For everybody")
        words = tr("Version {n}", n=entry.revision)
        return Line(entry.title, for_whom, words, "file-text", entry)

    def _person(self, line: TrainingLine) -> Line:
        words, icon, role = STANDING_WORDS[line.standing]
        now = self.work.office.clock.now()
        detail = line.entry.title
        if line.done_at is not None:
            detail = f"{detail} · {self.work.words.day(line.done_at, now)}"
        if line.renew_on is not None:
            detail = f"{detail} · {tr('again {day}', day=line.renew_on.isoformat())}"
        return Line(line.person_name, detail, tr(words), icon, line, role)
