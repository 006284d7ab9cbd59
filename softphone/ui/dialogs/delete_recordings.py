"""Before recordings are deleted: what will be gone, in words, and what may not go."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from softphone.app.deleting import DeletionPlan
from softphone.ui.translation import counted, tr
from softphone.ui.widgets.basic import Button, Sign, label
from softphone.ui.words import length


class DeleteRecordingsDialog(QDialog):
    """Accepted when the person wants them gone."""

    def __init__(self, plan: DeletionPlan, grace_s: int, parent: QWidget | None) -> None:
        super().__init__(parent)
        count = len(plan.recordings)
        people = counted(plan.people, "{n} person", "{n} people")
        title = (
            counted(
                count, "Delete {n} recording of {people}", "Delete {n} recordings of {people}",
                people=people,
            )
            if count
            else tr("Nothing can be deleted")
        )  # fmt: skip
        self.setWindowTitle(title)
        self.setMinimumWidth(480)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(12)
        column.addWidget(label(title, "title", wrap=True))
        if count:
            words = tr(
                "{length} of sound go for good, on this workstation and on all that have copies: "
                "keys first, then files. For {n} seconds you can undo it; after that nobody can.",
                length=length(plan.audio_ms),
                n=grace_s,
            )
            column.addWidget(label(words, "secondary", wrap=True))
        for why, times in plan.refused:
            kept = counted(times, "{n} recording stays:", "{n} recordings stay:")
            column.addWidget(Sign("prohibit", f"{kept} {tr(why)}", "hold.text", wrap=True))
        self.cancel = Button(tr("Cancel"))
        self.cancel.clicked.connect(self.reject)
        self.delete = Button(tr("Delete"), kind="stop", icon="trash")
        self.delete.setVisible(bool(count))
        self.delete.clicked.connect(self.accept)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(self.cancel)
        foot.addWidget(self.delete)
        column.addLayout(foot)
        self.cancel.setDefault(True)
        self.cancel.setFocus()
