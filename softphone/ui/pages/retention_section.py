"""How long each class of data is kept, what the next run deletes, and what went before."""

from __future__ import annotations

from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QSpinBox,
)

from softphone.domain.permissions import Permission
from softphone.domain.retention import (
    CHOICES,
    DATA_WORDS,
    LONGEST_DAYS,
    DataClass,
    RetentionPreview,
    RetentionRule,
    RetentionRun,
)
from softphone.ui.pages.section import Section
from softphone.ui.translation import counted, tr
from softphone.ui.widgets.basic import Button, Sign, clear, frame, label
from softphone.ui.widgets.combo import Combo
from softphone.ui.widgets.notice import Notice
from softphone.ui.words import number, refusal
from softphone.ui.workplace import Workplace

_OWN = -1
"""Marks the choice of a period of one's own."""


class RuleRow:
    """One class of data: choices with their reasons, days of one's own, and the preview."""

    def __init__(self, data: DataClass, grid: QGridLayout, row: int) -> None:
        self.data = data
        title = label(tr(DATA_WORDS[data]), "strong")
        self.choice = Combo(tr(DATA_WORDS[data]))
        for choice in CHOICES[data]:
            if choice.keep_days is None:
                self.choice.addItem(tr(choice.why), None)
            else:
                words = tr("{n} days: {why}", n=number(choice.keep_days), why=tr(choice.why))
                self.choice.addItem(words, choice.keep_days)
        self.choice.addItem(tr("Another period"), _OWN)
        self.days = QSpinBox()
        self.days.setRange(1, LONGEST_DAYS)
        self.days.setSuffix(" " + tr("days"))
        self.days.lineEdit().setTextMargins(8, 0, 0, 0)  # a style sheet's padding does not reach it
        self.days.setAccessibleName(tr("Days for {data}", data=tr(DATA_WORDS[data])))
        self.seen = label("", "small")
        self.choice.currentIndexChanged.connect(lambda _index: self._choose())
        self.choice.setMinimumWidth(120)
        grid.addWidget(title, row, 0)
        grid.addWidget(self.choice, row, 1)
        grid.addWidget(self.days, row, 2)
        grid.addWidget(self.seen, row + 1, 1, 1, 2)
        self.show_rule(None)

    def rule(self) -> RetentionRule | None:
        """Return what is chosen, None to keep the data."""
        chosen = self.choice.currentData()
        if chosen is None:
            return None
        if chosen == _OWN:
            return RetentionRule(self.data, self.days.value(), "")
        why = next(c.why for c in CHOICES[self.data] if c.keep_days == chosen)
        return RetentionRule(self.data, int(chosen), why)

    def show_rule(self, rule: RetentionRule | None) -> None:
        """Show a rule that is in force."""
        wanted = None if rule is None else rule.keep_days
        place = self.choice.findData(wanted)
        if place < 0:
            place = self.choice.findData(_OWN)
            self.days.setValue(wanted or 1)
        self.choice.setCurrentIndex(place)
        self._choose()

    def show_preview(self, seen: RetentionPreview | None) -> None:
        """Say what the next run would delete."""
        if seen is None:
            self.seen.setText(tr("Nothing goes by itself."))
            return
        words = counted(seen.due, "The next run deletes {n}.", "The next run deletes {n}.")
        if seen.held:
            more = counted(
                seen.held, "{n} stays: its person is held.", "{n} stay: their people are held."
            )
            words = f"{words} {more}"
        self.seen.setText(words)

    def _choose(self) -> None:
        own = self.choice.currentData() == _OWN
        self.days.setVisible(own)


class RetentionSection(Section):
    """Rules, preview, run, reports."""

    def __init__(self, work: Workplace, notice: Notice) -> None:
        super().__init__(work, notice, tr("Retention"))
        self.rows: dict[DataClass, RuleRow] = {}
        self._stopped = False
        card, inside = frame("card", margins=16, spacing=12)
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(1, 1)
        for place, data in enumerate(DataClass):
            self.rows[data] = RuleRow(data, grid, 2 * place)
        inside.addLayout(grid)
        inside.addLayout(self._buttons())
        self.problem = Sign(wrap=True)
        self.problem.setVisible(False)
        inside.addWidget(self.problem)
        reports, self._reports = frame("card", margins=16, spacing=6)
        self.fill(
            tr("Retention"),
            tr(
                "Personal data goes by itself when its purpose has ended. The program looks "
                "once a day. What is under a legal hold or restricted stays."
            ),
            card,
            reports,
        )

    def activate(self) -> None:
        """Read rules, preview and reports."""
        keeping = self.work.desk.keeping

        def read() -> tuple[tuple[RetentionRule, ...], list[RetentionPreview], list[RetentionRun]]:
            return keeping.rules(), keeping.preview(), keeping.runs(10)

        self.work.ask(self, read, self._show, self.notice.show_error)

    def changed(self, kinds: frozenset[str]) -> None:
        """Read again when rules or reports changed."""
        if "retention" in kinds:
            self.activate()

    def chosen(self) -> tuple[RetentionRule, ...]:
        """Return the rules as they are chosen now."""
        rules = (row.rule() for row in self.rows.values())
        return tuple(rule for rule in rules if rule is not None)

    def try_out(self) -> None:
        """Say what the rules as chosen would delete."""
        keeping, rules = self.work.desk.keeping, self.chosen()
        self.work.ask(self, lambda: keeping.preview(rules), self._previewed, self._failed)

    def save(self) -> None:
        """Let the rules as chosen hold from now on."""
        keeping, rules = self.work.desk.keeping, self.chosen()
        self.work.ask(
            self,
            lambda: keeping.set_rules(rules),
            lambda _done: self._say("check", tr("These periods hold from now on.")),
            self._failed,
        )

    def run(self) -> None:
        """Delete now; pressed again while it runs, it stops after the present step."""
        if self.run_now.property("running"):
            self._stopped = True
            return
        self._stopped = False
        self.run_now.setProperty("running", True)
        self.run_now.set_text(tr("Stop"))
        keeping, post = self.work.desk.keeping, self.work.dispatcher.post

        def on_deleted(data: DataClass, count: int) -> bool:
            words = tr("{data}: {n} deleted", data=tr(DATA_WORDS[data]), n=number(count))
            post(lambda: self._say("hourglass", words))
            return not self._stopped

        self.work.ask(self, lambda: keeping.run(on_deleted), self._ran, self._failed)

    def _ran(self, run: RetentionRun) -> None:
        self._end_run()
        self._say("check", counted(run.total, "{n} row was deleted.", "{n} rows were deleted."))

    def _end_run(self) -> None:
        self.run_now.setProperty("running", False)
        self.run_now.set_text(tr("Run now"))

    def _buttons(self) -> QHBoxLayout:
        decisions = self.work.rights.decisions
        self.preview_now = Button(tr("Try out"), icon="eye")
        self.preview_now.clicked.connect(self.try_out)
        self.run_now = Button(tr("Run now"), icon="trash")
        self.run_now.clicked.connect(self.run)
        self.run_now.set_refused(refusal(decisions[Permission.PRIVACY_MANAGE]))
        self.save_now = Button(tr("Save the periods"), kind="main", icon="check")
        self.save_now.clicked.connect(self.save)
        self.save_now.set_refused(refusal(decisions[Permission.POLICY_MANAGE]))
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addStretch(1)
        for button in (self.preview_now, self.run_now, self.save_now):
            row.addWidget(button)
        return row

    def _show(
        self,
        read: tuple[tuple[RetentionRule, ...], list[RetentionPreview], list[RetentionRun]],
    ) -> None:
        rules, preview, runs = read
        in_force = {rule.data: rule for rule in rules}
        for data, row in self.rows.items():
            row.show_rule(in_force.get(data))
        self._previewed(preview)
        clear(self._reports)
        self._reports.addWidget(label(tr("Earlier runs"), "strong"))
        if not runs:
            self._reports.addWidget(label(tr("Nothing was deleted yet."), "secondary"))
        for run in runs:
            self._reports.addWidget(Sign("clock", self._run_words(run), wrap=True))

    def _run_words(self, run: RetentionRun) -> str:
        went = ", ".join(
            f"{tr(DATA_WORDS[data])}: {number(count)}" for data, count in run.counts if count
        )
        who = run.by or tr("by itself")
        when = self.work.words.full(run.at)
        return f"{when}, {who}. {went or tr('Nothing was due.')}"

    def _previewed(self, preview: list[RetentionPreview]) -> None:
        by_class = {seen.rule.data: seen for seen in preview}
        for data, row in self.rows.items():
            row.show_preview(by_class.get(data))

    def _failed(self, error: Exception) -> None:
        self._end_run()
        self.notice.show_error(error)

    def _say(self, icon: str, words: str) -> None:
        self.problem.set(icon, words, "text.primary")
        self.problem.setVisible(True)
