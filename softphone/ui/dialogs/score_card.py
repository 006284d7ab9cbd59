"""The score card of a recording: the policy's questions, and what others answered."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import (
    QButtonGroup,
    QDialog,
    QHBoxLayout,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from softphone.domain.recording import Recording
from softphone.domain.score import ScoreCard
from softphone.domain.workplace import Question
from softphone.ui.translation import tr
from softphone.ui.widgets.basic import Button, Sign, divider, frame, label
from softphone.ui.widgets.states import error_line
from softphone.ui.workplace import Workplace


class QuestionRow(QWidget):
    """One question with its points in segments; yes and no for a single point."""

    def __init__(self, question: Question, points: int | None, changed: Callable[[], None]) -> None:
        super().__init__()
        self.question = question
        self._group = QButtonGroup(self)
        edge, inside = frame("segments", margins=0, spacing=0)
        edge.setAccessibleName(question.text)
        row = QHBoxLayout()
        row.setSpacing(0)
        for number in range(question.most + 1):
            words = (tr("No"), tr("Yes"))[number] if question.most == 1 else str(number)
            name = tr("{question}: {points}", question=question.text, points=words)
            segment = Button(words, kind="segment", name=name)
            segment.setCheckable(True)
            segment.setChecked(number == points)
            segment.clicked.connect(changed)
            self._group.addButton(segment, number)
            row.addWidget(segment)
        inside.addLayout(row)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(label(question.text, wrap=True))
        beside = QHBoxLayout()
        beside.addWidget(edge)
        beside.addStretch(1)
        column.addLayout(beside)

    @property
    def points(self) -> int | None:
        """The points chosen, or None."""
        chosen = self._group.checkedId()
        return None if chosen < 0 else chosen

    def choose(self, points: int) -> None:
        """Press a segment."""
        self._group.button(points).click()


class ScoreCardDialog(QDialog):
    """Answers are kept for each reviewer; a second time they are put in place of the first."""

    def __init__(
        self,
        work: Workplace,
        recording: Recording,
        questions: Sequence[Question],
        cards: Sequence[ScoreCard],
        parent: QWidget | None,
    ) -> None:
        super().__init__(parent)
        self._work = work
        self._recording = recording.id
        self.setWindowTitle(tr("Score card"))
        self.setMinimumWidth(520)
        user = work.store.state.user
        mine = next((c for c in cards if user is not None and c.reviewer == user.id), None)
        given = {a.question: a.points for a in mine.answers} if mine else {}
        self.rows = [QuestionRow(q, given.get(q.text), self._refresh) for q in questions]
        self.total = Sign(small=True)
        self.problem = Sign(wrap=True)
        self.problem.setVisible(False)
        self.save = Button(tr("Save"), kind="main", icon="check")
        self.save.clicked.connect(self.submit)
        self.cancel = Button(tr("Cancel"))
        self.cancel.clicked.connect(self.reject)
        own = user is not None and recording.agent == user.id
        self._refused = tr("It is your own call. Somebody else has to review it.") if own else ""
        self._lay_out([card for card in cards if card is not mine])
        self._refresh()

    def submit(self) -> None:
        """Keep the answers."""
        points = {row.question.text: row.points for row in self.rows}
        given = {text: number for text, number in points.items() if number is not None}
        scoring, recording = self._work.desk.scoring, self._recording
        self.save.setEnabled(False)
        self._work.ask(
            self, lambda: scoring.save(recording, given), lambda _card: self.accept(), self._failed
        )

    def _lay_out(self, others: Sequence[ScoreCard]) -> None:
        inside = QWidget()
        body = QVBoxLayout(inside)
        body.setContentsMargins(0, 0, 8, 0)
        body.setSpacing(16)
        for row in self.rows:
            body.addWidget(row)
        if others:
            body.addWidget(divider())
            body.addWidget(label(tr("What others answered"), "label"))
        now = self._work.office.clock.now()
        for card in others:
            head = tr(
                "{name}, {when}: {n} %",
                name=card.reviewer_name,
                when=self._work.words.when(card.at, now),
                n=card.percent,
            )
            body.addWidget(label(head, "strong", wrap=True))
            for answer in card.answers:
                said = f"{answer.question}  {answer.points} / {answer.most}"
                body.addWidget(label(said, "small", wrap=True))
        body.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setWidget(inside)
        scroll.setMinimumHeight(min(480, 60 * len(self.rows) + 90 * len(others)))
        foot = QHBoxLayout()
        foot.addWidget(self.total, 1)
        foot.addWidget(self.cancel)
        foot.addWidget(self.save)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(12)
        column.addWidget(label(self.windowTitle(), "title"))
        column.addWidget(scroll, 1)
        column.addWidget(self.problem)
        column.addLayout(foot)

    def _refresh(self) -> None:
        chosen = [row.points for row in self.rows]
        done = [points for points in chosen if points is not None]
        most = sum(row.question.most for row in self.rows)
        whole = len(done) == len(self.rows)
        if whole and most:
            self.total.set("checked-list", tr("{n} %", n=round(100 * sum(done) / most)))
        else:
            self.total.set(
                "checked-list", tr("{n} of {total} answered", n=len(done), total=len(self.rows))
            )
        self.save.set_refused(
            self._refused or ("" if whole else tr("Answer every question first."))
        )

    def _failed(self, error: Exception) -> None:
        self.problem.set("warning", error_line(error), "hold.text")
        self.problem.setVisible(True)
        self._refresh()
