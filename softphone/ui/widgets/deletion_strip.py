"""A deletion: some seconds in which it can be undone, then progress with a way to stop."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QWidget

from softphone.app.deleting import Deletion, DeletionPlan
from softphone.ui.announce import announce
from softphone.ui.translation import counted, tr
from softphone.ui.widgets.basic import Button, ElidedLabel
from softphone.ui.widgets.states import error_line
from softphone.ui.workplace import Workplace

GRACE_S = 10


class DeletionStrip(QWidget):
    """Nothing is destroyed before the seconds are over; what is destroyed stays destroyed."""

    ended = Signal()

    def __init__(self, work: Workplace) -> None:
        super().__init__()
        self._work = work
        self._plan: DeletionPlan | None = None
        self._job: Deletion | None = None
        self._stop = False
        self._left = 0
        self.words = ElidedLabel("", "secondary")
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedWidth(160)
        self.bar.setAccessibleName(tr("Progress of the deletion"))
        self.undo = Button(tr("Undo"), icon="arrow-counter-clockwise")
        self.stop = Button(tr("Stop"))
        self.close_button = Button(kind="plain", icon="x", name=tr("Close"))
        self.undo.clicked.connect(self._undo)
        self.stop.clicked.connect(self._halt)
        self.close_button.clicked.connect(self.hide)
        self._clock = QTimer(self)
        self._clock.setInterval(1000)
        self._clock.timeout.connect(self.tick)
        row = QHBoxLayout(self)
        row.setContentsMargins(24, 0, 24, 8)
        row.setSpacing(12)
        row.addWidget(self.words, 1)
        for part in (self.bar, self.undo, self.stop, self.close_button):
            row.addWidget(part)
        self.hide()

    @property
    def busy(self) -> bool:
        """Whether a deletion waits or is under way."""
        return self._plan is not None or self._job is not None

    def begin(self, plan: DeletionPlan) -> None:
        """Wait the seconds of grace, then delete."""
        self._plan, self._left, self._stop = plan, GRACE_S, False
        self._clock.start()
        self._count_down()
        self._parts(undo=True)
        self.undo.setFocus()

    def tick(self) -> None:
        """One second of grace is over."""
        self._left -= 1
        if self._left > 0:
            self._count_down()
            return
        self._clock.stop()
        plan, self._plan = self._plan, None
        if plan is not None:
            self._parts(stop=True)
            desk = self._work.desk
            self._ask(lambda: desk.deletions.begin(plan), self._begun)

    def _begun(self, job: Deletion) -> None:
        self._job = job
        self._next(finished=False)

    def _next(self, *, finished: bool) -> None:
        job = self._job
        if job is None:
            return
        self.bar.setRange(0, max(1, job.total))
        self.bar.setValue(job.done)
        if finished or self._stop:
            self._job = None
            self._ended(job)
            return
        self._say(tr("Deleting {n} of {total}", n=job.done + 1, total=job.total))
        self._ask(job.step, lambda done: self._next(finished=done))

    def _ended(self, job: Deletion) -> None:
        words = counted(
            job.done - len(job.problems),
            "{n} recording is deleted for good.",
            "{n} recordings are deleted for good.",
        )
        if left := job.total - job.done:
            words += " " + counted(left, "{n} was not touched.", "{n} were not touched.")
        for error in job.problems[:1]:
            words += " " + error_line(error)
        self._finish(words)

    def _undo(self) -> None:
        self._clock.stop()
        self._plan = None
        self._finish(tr("Nothing was deleted."))

    def _halt(self) -> None:
        self._stop = True
        self.stop.setEnabled(False)

    def _failed(self, error: Exception) -> None:
        self._job = None
        self._finish(error_line(error))

    def _finish(self, words: str) -> None:
        self._say(words)
        self._parts()
        announce(self, words)
        self.ended.emit()

    def _count_down(self) -> None:
        plan = self._plan
        if plan is not None:
            count = counted(len(plan.recordings), "{n} recording", "{n} recordings")
            self._say(
                tr(
                    "{recordings} will be deleted in {n} s. Until then everything is still there; "
                    "afterwards the keys are destroyed and nothing brings them back.",
                    recordings=count,
                    n=self._left,
                )
            )

    def _say(self, words: str) -> None:
        self.words.setText(words)
        self.words.setAccessibleName(words)

    def _parts(self, *, undo: bool = False, stop: bool = False) -> None:
        self.undo.setVisible(undo)
        self.bar.setVisible(stop)
        self.stop.setVisible(stop)
        self.stop.setEnabled(stop)
        self.close_button.setVisible(not undo and not stop)
        self.show()

    def _ask(self, work: Callable[[], object], done: Callable[..., None]) -> None:
        self._work.ask(self, work, done, self._failed)
