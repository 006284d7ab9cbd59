"""Answering a request for erasure: what goes, what stays and why, who is mentioned elsewhere."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QHBoxLayout,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from softphone.domain.ids import NoteId
from softphone.domain.privacy import STEP_ORDER, ErasurePlan, ErasureReceipt, ErasureStep
from softphone.domain.request import DataRequest
from softphone.ui.announce import announce
from softphone.ui.dialogs.erase import STEP_WORDS, erase_words, with_others
from softphone.ui.translation import counted, tr
from softphone.ui.widgets.basic import Button, Sign, divider, frame, label
from softphone.ui.widgets.file_dialogs import ask_folder
from softphone.ui.widgets.fleet_progress import FleetProgress
from softphone.ui.widgets.states import error_line
from softphone.ui.workplace import Workplace


class AnswerErasureDialog(QDialog):
    """The preview, the choice of mentions, the question in words, the steps, the receipt."""

    def __init__(self, work: Workplace, request: DataRequest, parent: QWidget | None) -> None:
        super().__init__(parent)
        self._work = work
        self._request = request
        self._asked = False
        self.folder: Path | None = None
        self.mentions: dict[NoteId, QCheckBox] = {}
        self.setWindowTitle(tr("Erase a person"))
        self.setMinimumSize(640, 520)
        self.title = label(tr("Erasure for {name}", name=request.name), "title", wrap=True)
        self._inside = QVBoxLayout()
        self._inside.setSpacing(8)
        self._inside.setContentsMargins(0, 0, 8, 0)
        holder = QWidget()
        holder.setLayout(self._inside)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setWidget(holder)
        self.problem = Sign(wrap=True)
        self.problem.setVisible(False)
        self.choose = Button(tr("Folder for the receipt"), icon="folder-open")
        self.choose.clicked.connect(self._ask_folder)
        self.cancel = Button(tr("Cancel"))
        self.cancel.clicked.connect(self.reject)
        self.erase = Button(tr("Erase"), kind="stop", icon="trash")
        self.erase.setEnabled(False)
        self.erase.clicked.connect(self.pressed)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(self.cancel)
        foot.addWidget(self.erase)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(12)
        column.addWidget(self.title)
        column.addWidget(scroll, 1)
        column.addWidget(self.choose)
        column.addWidget(self.problem)
        column.addLayout(foot)
        privacy, contact = work.desk.privacy, request.contact
        if contact is not None:
            work.ask(self, lambda: privacy.plan(contact), self._planned, self._failed)

    def reject(self) -> None:
        """Close, unless the erasure is under way."""
        if self.cancel.isEnabled():
            super().reject()

    def set_folder(self, folder: Path) -> None:
        """Choose where the receipt goes."""
        self.folder = folder
        self.choose.set_text(tr("Receipt to {folder}", folder=folder.name or str(folder)))
        self._ready()

    def pressed(self) -> None:
        """Ask once more in the same words, then erase."""
        if not self._asked:
            self._asked = True
            words = erase_words(self._plan)
            self._say("warning", tr("{words}? Press once more to do it.", words=words))
            self.cancel.setFocus()
            return
        self._begin()

    def _planned(self, plan: ErasurePlan) -> None:
        self._plan = plan
        if plan.hold is not None:
            words = tr(
                "{who} put this person's data under a legal hold: {why} Nothing can be erased "
                "now; the request is remembered.",
                who=plan.hold.by,
                why=plan.hold.reason,
            )
            self._inside.addWidget(Sign("lock", words, "hold.text", wrap=True))
        card, inside = frame("card", margins=16, spacing=6)
        inside.addWidget(label(tr("This goes"), "strong"))
        recordings = counted(plan.recordings, "{n} recording", "{n} recordings")
        for icon, words, more in (
            ("sound-wave", recordings, with_others(plan)),
            ("clock", counted(plan.calls, "{n} call", "{n} calls"), ""),
            ("note", counted(plan.notes, "{n} note", "{n} notes"), ""),
            ("user", tr("The contact, with all names and numbers"), ""),
            (
                "checked-list",
                counted(
                    plan.audit_details,
                    "Names in {n} audit entry",
                    "Names in {n} audit entries",
                ),
                "",
            ),
        ):
            inside.addWidget(Sign(icon, words))
            if more:
                inside.addWidget(label(more, "small", wrap=True))
        self._inside.addWidget(card)
        card, inside = frame("card", margins=16, spacing=6)
        inside.addWidget(label(tr("This stays, and why"), "strong"))
        for kept in plan.stays:
            said = f"{tr(kept.what)}: {kept.count}"
            inside.addWidget(Sign("check", said, "text.primary"))
            inside.addWidget(label(tr(kept.why), "small", wrap=True))
        self._inside.addWidget(card)
        if plan.mentions:
            self._show_mentions(plan)
        self._inside.addStretch(1)
        self.erase.set_text(erase_words(plan))
        self._ready()

    def _show_mentions(self, plan: ErasurePlan) -> None:
        card, inside = frame("card", margins=16, spacing=6)
        inside.addWidget(label(tr("Notes of others that may mention the person"), "strong"))
        inside.addWidget(
            label(tr("Read each one. What you mark goes as well; the rest stays."), "small")
        )
        for mention in plan.mentions:
            box = QCheckBox(f"{mention.found}: {mention.text[:160]}")
            box.setAccessibleName(mention.text)
            box.setToolTip(mention.text)
            self.mentions[mention.note] = box
            inside.addWidget(box)
            inside.addWidget(divider())
        self._inside.addWidget(card)

    def _ready(self) -> None:
        planned = hasattr(self, "_plan")
        held = planned and self._plan.hold is not None
        why = ""
        if held:
            why = tr("A legal hold stops it.")
        elif self.folder is None:
            why = tr("Choose a folder for the receipt first.")
        self.erase.set_refused(why if planned else tr("Counting what will go"))

    def _begin(self) -> None:
        folder = self.folder
        if folder is None:
            return
        chosen = tuple(note for note, box in self.mentions.items() if box.isChecked())
        self.erase.setEnabled(False)
        self.cancel.setEnabled(False)
        self.problem.setVisible(False)
        answers, request = self._work.desk.answers, self._request.id
        post = self._work.dispatcher.post

        def on_step(step: ErasureStep) -> None:
            post(lambda: self._step(step))

        self._work.ask(
            self,
            lambda: answers.erase(request, folder, chosen, on_step)[0],
            self._done,
            self._failed,
        )

    def _step(self, step: ErasureStep) -> None:
        place = STEP_ORDER.index(step) + 1
        words = tr(STEP_WORDS[step])
        self.erase.set_text(tr("Step {n} of {total}", n=place, total=len(STEP_ORDER)))
        announce(self, tr("{words}, done", words=words))

    def _done(self, receipt: ErasureReceipt) -> None:
        words = tr(
            "The person is erased. Remains found: {n}. The receipt is in {folder}.",
            n=receipt.remains_found,
            folder=self.folder,
        )
        self._say("check", words)
        announce(self, words)
        self.progress = FleetProgress(self._work)
        self._inside.insertWidget(0, self.progress)
        self.erase.setVisible(False)
        self.choose.setVisible(False)
        self.cancel.setEnabled(True)
        self.cancel.set_text(tr("Close"))

    def _failed(self, error: Exception) -> None:
        self._say("warning", error_line(error))
        self.cancel.setEnabled(True)

    def _say(self, icon: str, words: str) -> None:
        self.problem.set(icon, words, "hold.text" if icon == "warning" else "text.primary")
        self.problem.setVisible(True)

    def _ask_folder(self) -> None:
        ask_folder(self, tr("Folder for the receipt"), self.set_folder)
