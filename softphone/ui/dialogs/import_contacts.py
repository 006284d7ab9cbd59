"""Contacts from a file: what the columns mean, what would happen, then the run and its report."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QPlainTextEdit,
    QProgressBar,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from softphone.app.importing import CheckRunner, ImportRunner, guess_mapping
from softphone.app.ports import ContactSource
from softphone.domain.contact_import import (
    OUTCOME_WORDS,
    Field,
    ImportReport,
    OnDuplicate,
    Outcome,
    Target,
    Undone,
)
from softphone.paths import write_private
from softphone.ui.announce import announce
from softphone.ui.dialogs.consent import titled
from softphone.ui.dialogs.import_mapping import DecisionTable, MappingTable
from softphone.ui.translation import counted, tr
from softphone.ui.widgets.basic import Button, ElidedLabel, Sign, label
from softphone.ui.widgets.combo import Combo
from softphone.ui.widgets.file_dialogs import ask_existing_file, ask_new_file
from softphone.ui.widgets.states import error_line
from softphone.ui.words import number
from softphone.ui.workplace import Workplace

DUPLICATE_WORDS: dict[OnDuplicate, str] = {
    OnDuplicate.SKIP: "Leave them as they are",
    OnDuplicate.UPDATE: "Add what the file says",
    OnDuplicate.ASK: "Ask me for each",
}


class ImportDialog(QDialog):
    """One window for the whole way; each step can be gone back from until the run begins."""

    def __init__(self, work: Workplace, parent: QWidget | None) -> None:
        super().__init__(parent)
        self._work = work
        self._path: Path | None = None
        self._columns: tuple[str, ...] = ()
        self._report: ImportReport | None = None
        self._stop = False
        self._busy = False
        self.setWindowTitle(tr("Import contacts"))
        self.setMinimumSize(680, 560)
        self.choose = Button(tr("Choose a file"), icon="file-text")
        self.choose.clicked.connect(self._ask_file)
        self.file = ElidedLabel(tr("vCard, CSV or Excel (.xlsx)"), "secondary")
        self.mapping = MappingTable()
        self.decisions = DecisionTable()
        self.duplicates = Combo(tr("Contacts that are there already"))
        for how, words in DUPLICATE_WORDS.items():
            self.duplicates.addItem(tr(words), how.value)
        self.duplicates.activated.connect(lambda _row: self._show_step("check"))
        self.outcome = Sign(wrap=True)
        self.problems = QPlainTextEdit()
        self.problems.setReadOnly(True)
        self.problems.setAccessibleName(tr("Rows with problems"))
        self.problems.setMinimumHeight(96)
        self.bar = QProgressBar()
        self.bar.setRange(0, 1000)
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(tr("Progress"))
        self.check = Button(tr("Check the file"), kind="main", icon="magnifying-glass")
        self.check.clicked.connect(self.begin_check)
        self.run = Button(tr("Import contacts"), kind="main", icon="check")
        self.run.clicked.connect(self.begin_run)
        self.undo = Button(tr("Undo this import"), icon="arrow-counter-clockwise")
        self.undo.clicked.connect(self._undo)
        self.keep = Button(tr("Save the report"), icon="download-simple")
        self.keep.clicked.connect(self._save_report)
        self.close_button = Button(tr("Cancel"))
        self.close_button.clicked.connect(self.reject)
        self._lay_out()
        self._show_step("file")

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(12)
        top.addWidget(self.choose)
        top.addWidget(self.file, 1)
        inside = QWidget()
        inner = QVBoxLayout(inside)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(12)
        for part in (self.mapping, self.decisions, self.problems):
            inner.addWidget(part)
        inner.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(inside)
        foot = QHBoxLayout()
        foot.addWidget(self.undo)
        foot.addWidget(self.keep)
        foot.addStretch(1)
        for button in (self.close_button, self.check, self.run):
            foot.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(12)
        column.addWidget(label(tr("Import contacts"), "title"))
        column.addLayout(top)
        self._policy = QWidget()
        policy = titled(tr("Contacts that are there already"), self.duplicates)
        policy.setContentsMargins(0, 0, 0, 0)
        self._policy.setLayout(policy)
        column.addWidget(self._policy)
        column.addWidget(self.bar)
        column.addWidget(self.outcome)
        column.addWidget(scroll, 1)
        column.addLayout(foot)

    # what is chosen

    def open_file(self, path: Path) -> None:
        """Look at a file."""
        importing = self._work.desk.importing

        def look() -> tuple[ContactSource, tuple[Target, ...]]:
            source = importing.open(path)
            try:
                return source, guess_mapping(source)
            finally:
                source.close()

        self._path = path
        self._work.ask(self, look, lambda found: self._opened(*found), self._failed)

    def _opened(self, source: ContactSource, mapping: tuple[Target, ...]) -> None:
        if self._path is None:
            return
        self.file.setText(f"{self._path.name} ({source.read_as})")
        self._columns = source.columns
        self.mapping.show_columns(source.columns, source.sample, mapping)
        self._show_step("check")
        if not source.columns:
            self._say("info", tr("Cards say themselves what they hold; nothing is to be mapped."))

    def _ask_file(self) -> None:
        words = tr("Contacts ({patterns})", patterns="*.vcf *.vcard *.csv *.txt *.tsv *.xlsx")
        every = tr("All files ({patterns})", patterns="*")
        ask_existing_file(self, tr("Import contacts"), self.open_file, f"{words};;{every}")

    # the dry run

    def begin_check(self) -> None:
        """Say what the import would do; a batch at a time, so that calls are not kept waiting."""
        path, mapping, how = self._path, self.mapping.targets(), self._how()
        if path is None:
            return
        if self._columns and not any(t.field in _NAMES for t in mapping):
            self._say("warning", tr("Say first which column holds the names."), "hold.text")
            return
        importing = self._work.desk.importing

        def begin() -> tuple[ContactSource, CheckRunner]:
            source = importing.open(path)
            return source, importing.begin_check(source, mapping, how)

        self._begin(tr("Checking"))
        self._work.ask(self, begin, lambda found: self._check_on(*found), self._failed)

    def _check_on(self, source: ContactSource, runner: CheckRunner) -> None:
        def done() -> None:
            source.close()
            self._checked(runner.report)

        def stopped() -> None:
            source.close()
            self._ended(tr("The check was cancelled."))

        def failed(error: Exception) -> None:
            source.close()
            self._failed(error)

        self._steps(runner, done, stopped, failed)

    def _checked(self, report: ImportReport) -> None:
        self._report = report
        self._busy = False
        self._show_step("run")
        self._say("info", self._counts(report))
        self._list(report)
        self.decisions.show_rows(
            [r for r in report.rows if r.outcome is Outcome.UNDECIDED]
            if self._how() is OnDuplicate.ASK
            else []
        )
        count = report.count(Outcome.CREATED) + report.count(Outcome.UPDATED)
        many = count + report.count(Outcome.UNDECIDED)
        self.run.set_text(counted(count, "Import {n} contact", "Import {n} contacts"))
        self.run.setEnabled(many > 0)

    # the run

    def begin_run(self) -> None:
        """Import."""
        path, mapping, how = self._path, self.mapping.targets(), self._how()
        if path is None:
            return
        decisions = self.decisions.choices()
        importing = self._work.desk.importing

        def begin() -> ImportRunner:
            return importing.begin(importing.open(path), mapping, how, decisions)

        self._begin(tr("Importing"))
        self._work.ask(self, begin, self._run_on, self._failed)

    def _run_on(self, runner: ImportRunner) -> None:
        self._steps(
            runner,
            lambda: self._work.ask(self, runner.finish, self._imported, self._failed),
            lambda: self._work.ask(
                self,
                runner.cancel,
                lambda _undone: self._ended(tr("Cancelled. Nothing of the file was kept.")),
                self._failed,
            ),
            lambda error: self._work.ask(
                self, runner.cancel, lambda _undone: self._failed(error), self._failed
            ),
        )

    def _imported(self, report: ImportReport) -> None:
        self._report = report
        self._busy = False
        self._show_step("done")
        words = self._counts(report)
        self._say("check", words, "go.text")
        self._list(report)
        announce(self, words)

    def _undo(self) -> None:
        report, importing = self._report, self._work.desk.importing
        if report is None or not report.run:
            return
        run = report.run
        self.undo.setEnabled(False)
        self._work.ask(self, lambda: importing.undo(run), self._undone, self._failed)

    def _undone(self, undone: Undone) -> None:
        words = tr(
            "Undone: {removed} removed, {restored} as before, {kept} kept: changed since then.",
            removed=number(undone.removed),
            restored=number(undone.restored),
            kept=number(len(undone.kept)),
        )
        self._say("check", words, "go.text")

    # common

    def reject(self) -> None:
        """Stop what is under way; close otherwise."""
        if self._busy:
            self._stop = True
            return
        super().reject()

    def _steps(
        self,
        runner: CheckRunner | ImportRunner,
        on_end: Callable[[], None],
        on_stop: Callable[[], None],
        on_error: Callable[[Exception], None],
    ) -> None:
        def more(there_is: bool) -> None:
            self.bar.setValue(int(1000 * runner.done))
            self._say("hourglass", self._counts(runner.report))
            if self._stop:
                on_stop()
            elif there_is:
                step()
            else:
                on_end()

        def step() -> None:
            self._work.ask(self, runner.step, more, on_error)

        step()

    def _begin(self, words: str) -> None:
        self._stop, self._busy = False, True
        self.bar.setValue(0)
        self._show_step("busy")
        self._say("hourglass", words)

    def _ended(self, words: str) -> None:
        self._busy = False
        self._show_step("check")
        self._say("info", words)

    def _failed(self, error: Exception) -> None:
        self._busy = False
        self._show_step("check" if self._path else "file")
        self._say("warning", error_line(error), "hold.text")

    def _how(self) -> OnDuplicate:
        return OnDuplicate(str(self.duplicates.currentData()))

    def _counts(self, report: ImportReport) -> str:
        parts = [
            f"{tr(OUTCOME_WORDS[outcome])}: {number(report.count(outcome))}"
            for outcome in Outcome
            if report.count(outcome)
        ]
        return " · ".join(parts) or tr("No contacts found so far")

    def _list(self, report: ImportReport) -> None:
        self.problems.setPlainText(report_text(report))
        self.problems.setVisible(bool(report.rows))

    def _say(self, icon: str, words: str, role: str = "text.primary") -> None:
        self.outcome.set(icon, words, role)
        self.outcome.setVisible(bool(words))

    def _show_step(self, step: str) -> None:
        self.bar.setVisible(step == "busy")
        self.choose.setVisible(step in ("file", "check", "run"))
        self._policy.setVisible(step in ("check", "run"))
        self._policy.setEnabled(step != "busy")
        self.mapping.setVisible(step == "check" and bool(self._columns))
        self.decisions.setVisible(step == "run" and self._how() is OnDuplicate.ASK)
        self.problems.setVisible(step in ("run", "done"))
        self.check.setVisible(step in ("file", "check"))
        self.check.setEnabled(step == "check")
        self.run.setVisible(step == "run")
        self.undo.setVisible(step == "done")
        self.undo.setEnabled(step == "done")
        self.keep.setVisible(step in ("run", "done"))
        self.close_button.set_text(tr("Close") if step == "done" else tr("Cancel"))
        if step in ("file", "check"):
            self._say("", "")

    def _save_report(self) -> None:
        name = tr("Import report") + ".txt"
        ask_new_file(self, tr("Save the report"), name, self.save_report)

    def save_report(self, path: Path) -> None:
        """Write the report beside the person's own files; it names rows, not people."""
        text = self.problems.toPlainText()
        self._work.ask(
            self,
            lambda: write_private(path, f"{text}\n".encode()),
            lambda _none: self._say("check", tr("The file is at {path}", path=path), "go.text"),
            self._failed,
        )


_NAMES = (Field.NAME, Field.GIVEN, Field.FAMILY, Field.COMPANY)


def report_text(report: ImportReport) -> str:
    """Return the report as lines: the row, what became of it, and why."""
    lines = [
        tr("Row {row}: {outcome}. {why}", row=r.row, outcome=tr(OUTCOME_WORDS[r.outcome]),
           why=tr(r.what))
        for r in report.rows
    ]  # fmt: skip
    return "\n".join(lines)
