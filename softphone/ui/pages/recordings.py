"""Recordings: the list above, the player below."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from PySide6.QtCore import QEvent, QObject, QSettings, Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QSplitter, QVBoxLayout, QWidget

from softphone.app.deleting import DeletionPlan
from softphone.app.ports import RecordingFilter
from softphone.domain.permissions import Permission
from softphone.domain.recording import Recording
from softphone.domain.register import Field
from softphone.ui.announce import announce
from softphone.ui.dialogs.delete_recordings import DeleteRecordingsDialog
from softphone.ui.dialogs.form import FormDialog
from softphone.ui.dialogs.recording_filter import RecordingFilterDialog
from softphone.ui.dispatcher import OnError
from softphone.ui.models.paging import PagedModel
from softphone.ui.pages.page import Page
from softphone.ui.pages.recording_rows import RecordingDelegate, describe_recording
from softphone.ui.translation import counted, tr
from softphone.ui.widgets.basic import Button, label
from softphone.ui.widgets.chip import Chip
from softphone.ui.widgets.deletion_strip import GRACE_S, DeletionStrip
from softphone.ui.widgets.filter_line import FilterLine
from softphone.ui.widgets.handover_menu import HandOverMenu
from softphone.ui.widgets.player_pane import JUMP_MS, PlayerPane
from softphone.ui.widgets.relay_strip import RelayStrip
from softphone.ui.widgets.rows import RowView, TableHead
from softphone.ui.words import refusal
from softphone.ui.workplace import Workplace

LONG_MS = 180_000
NONE = RecordingFilter()


class RecordingsPage(Page):
    """Filters, rows, and the player of the selected one."""

    key = "recordings"

    def __init__(self, work: Workplace, settings: QSettings) -> None:
        super().__init__(work, tr("Recordings"))
        self.review = Button(tr("Mark as reviewed"), kind="main", icon="check")
        self.review.clicked.connect(self._mark)
        self.tags = Button(tr("Tags"), icon="tag")
        self.tags.clicked.connect(self._tag)
        self.delete = Button(tr("Delete"), icon="trash")
        self.delete.clicked.connect(self._preview_deletion)
        self.hand_over = HandOverMenu(work, self._chosen_row)
        self.hand_over.told.connect(self._tell)
        self.relay = RelayStrip(work)
        self.relay.told.connect(self._tell)
        for button in (self.delete, self.tags, self.hand_over):
            self.header.addWidget(button)
        self.set_main_action(self.review)
        self._make_filters()
        self.model: PagedModel[Recording] = PagedModel(self._fetch, describe_recording)
        self.model.loaded.connect(self._loaded)
        self.delegate = RecordingDelegate(work)
        self.view = RowView(tr("Recordings"), self.delegate)
        self.view.setModel(self.model)
        self.view.setSelectionMode(RowView.SelectionMode.ExtendedSelection)
        self.player = PlayerPane(work, settings)
        self.player.playing.connect(self._playing)
        self.view.activated.connect(self._play)
        self.view.selectionModel().currentChanged.connect(lambda *_args: self._selected())
        self.view.installEventFilter(self)
        self.player.installEventFilter(self)
        self.player.wave.installEventFilter(self)
        upper = QWidget()
        column = QVBoxLayout(upper)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(TableHead(self.delegate.columns, self.view))
        column.addWidget(self.view, 1)
        split = QSplitter(Qt.Orientation.Vertical)
        split.setChildrenCollapsible(False)
        split.addWidget(upper)
        split.addWidget(self.player)
        split.setStretchFactor(0, 1)
        split.setHandleWidth(2)
        split.setSizes([1000, 336])
        self.deletion = DeletionStrip(work)
        self.deletion.ended.connect(self.reload)
        self.told = label("", "secondary", wrap=True)
        self.told.setContentsMargins(24, 0, 24, 8)
        self.told.setVisible(False)
        self.column.addWidget(self.deletion)
        self.column.addWidget(self.relay)
        self.column.addWidget(self.told)
        self.set_content(split)
        if self.states is not None:
            self.model.failed.connect(self.states.show_error)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.timeout.connect(self.model.reload)
        self._selected()

    def show_recording(self, row: Recording) -> None:
        """Select one recording, loaded or not."""
        index = self.model.find(lambda known: known.id == row.id)
        if index.isValid():
            self.view.setCurrentIndex(index)
        self.player.show_recording(row)

    def reload(self) -> None:
        """Read the newest recordings."""
        if self.states is not None and not (self.model.rowCount() and self.states.state == "full"):
            self.states.show_loading()
        self.model.reload()
        self.hand_over.reload()
        self.relay.reload()
        wanted, desk = self._filter(), self.work.desk
        self.work.ask(
            self, lambda: desk.recordings.count(wanted), self._counted, lambda _error: None
        )

    def changed(self, kinds: frozenset[str]) -> None:
        """Follow new recordings and notes."""
        if kinds & {"recordings", "contacts"}:
            self._soon.start(200)
        if "packages" in kinds:
            self.hand_over.reload()
            self.relay.reload()
        if "notes" in kinds:
            self.player.reload_notes()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Space and K play or pause, J and L jump, wherever no text is typed."""
        if (
            isinstance(event, QKeyEvent)
            and event.type() is QEvent.Type.KeyPress
            and not isinstance(watched, QLineEdit)
            and event.modifiers() == Qt.KeyboardModifier.NoModifier
            and self._key(event.key())
        ):
            return True
        return super().eventFilter(watched, event)

    def _key(self, key: int) -> bool:
        deeds: dict[int, Callable[[], None]] = {
            Qt.Key.Key_Space: self.player.toggle,
            Qt.Key.Key_K: self.player.toggle,
            Qt.Key.Key_J: lambda: self.player.jump(-JUMP_MS),
            Qt.Key.Key_L: lambda: self.player.jump(JUMP_MS),
            Qt.Key.Key_N: lambda: self._go(1),
            Qt.Key.Key_P: lambda: self._go(-1),
            Qt.Key.Key_Delete: self._preview_deletion,
        }
        deed = deeds.get(key)
        if deed is not None:
            deed()
        return deed is not None

    def _go(self, rows: int) -> None:
        """Select the next or the previous recording."""
        self.view.select_row(self.view.currentIndex().row() + rows)

    def _chosen_row(self) -> Recording | None:
        row = self.view.value()
        return row if isinstance(row, Recording) else None

    def _tell(self, words: str) -> None:
        self.told.setText(words)
        self.told.setVisible(True)
        announce(self, words)

    def _chosen(self) -> list[Recording]:
        rows = [index.data(Qt.ItemDataRole.UserRole) for index in self.view.selectedIndexes()]
        return [row for row in rows if isinstance(row, Recording)]

    def _preview_deletion(self) -> None:
        wanted = [row.id for row in self._chosen()]
        if wanted and not self.deletion.busy:
            desk = self.work.desk
            self.work.ask(self, lambda: desk.deletions.preview(wanted), self._ask_deletion)

    def _ask_deletion(self, plan: DeletionPlan) -> None:
        self.ask_deletion(plan)

    def ask_deletion(self, plan: DeletionPlan) -> DeleteRecordingsDialog:
        """Say what would go, and delete it if that is wanted."""
        dialog = DeleteRecordingsDialog(plan, GRACE_S, self)
        dialog.accepted.connect(lambda: self._delete(plan))
        dialog.open()
        return dialog

    def _delete(self, plan: DeletionPlan) -> None:
        if self.player.row is not None and self.player.row.id in plan.recordings:
            self.player.stop()
        self.deletion.begin(plan)

    def _tag(self) -> None:
        row = self.view.value()
        if not isinstance(row, Recording):
            return
        tagging, recording = self.work.desk.tagging, row.id
        FormDialog(
            self.work,
            tr("Tags"),
            (Field("tags", "Tags, separated by commas"),),
            lambda values: tagging.put(recording, values["tags"].split(",")),
            self,
            values={"tags": ", ".join(row.tags)},
        ).open()

    def open_filter(self) -> RecordingFilterDialog:
        """Ask for more conditions."""
        dialog = RecordingFilterDialog(self.work, self._more, self)
        dialog.accepted.connect(lambda: self._take_filter(dialog))
        dialog.open()
        return dialog

    def _take_filter(self, dialog: RecordingFilterDialog) -> None:
        if isinstance(dialog.result_value, RecordingFilter):
            self._more = dialog.result_value
            self.more.setText(tr("More filters, set") if self._more != NONE else tr("More filters"))
            self.reload()

    def _make_filters(self) -> None:
        self._more = NONE
        self.more = Button(tr("More filters"), icon="funnel")
        self.more.clicked.connect(self.open_filter)
        self.search = FilterLine(tr("Find an agent or contact"))
        self.search.setFixedWidth(220)
        self.week = Chip(tr("Last 7 days"))
        self.long = Chip(tr("Over 3 minutes"))
        self.unreviewed = Chip(tr("Not reviewed yet"))
        self.clear = Button(tr("Clear filters"), kind="link")
        self.clear.clicked.connect(self._clear)
        self.search.changed.connect(self.reload)
        self.filters.addWidget(self.search)
        for chip in (self.week, self.long, self.unreviewed):
            chip.toggled.connect(lambda _on: self.reload())
            self.filters.addWidget(chip)
        self.filters.addWidget(self.more)
        self.filters.addStretch(1)
        self.filters.addWidget(self.clear)

    def _clear(self) -> None:
        for chip in (self.week, self.long, self.unreviewed):
            chip.setChecked(False)
        self._more = NONE
        self.more.setText(tr("More filters"))
        self.search.clear()
        self.reload()

    def _filter(self) -> RecordingFilter:
        since = self.work.office.clock.now() - timedelta(days=7) if self.week.isChecked() else None
        more = self._more
        longer = LONG_MS if self.long.isChecked() else 0
        return replace(
            more,
            text=self.search.text().strip(),
            since=max((t for t in (since, more.since) if t), default=None),
            longer_than_ms=max(longer, more.longer_than_ms),
            reviewed=False if self.unreviewed.isChecked() else None,
        )

    def _filtered(self) -> bool:
        return self._filter() != NONE

    def _fetch(
        self,
        limit: int,
        offset: int,
        done: Callable[[list[Recording]], None],
        failed: OnError,
    ) -> None:
        wanted, desk = self._filter(), self.work.desk
        self.work.ask(self, lambda: desk.recordings.page(wanted, limit, offset), done, failed)

    def _counted(self, count: int) -> None:
        words = counted(count, "{n} recording", "{n} recordings")
        if self._filtered():
            words = counted(count, "{n} matches", "{n} match")
        team = tr("Team {team}", team=self.work.rights.team)
        self.subtitle.setText(f"{team}, {words}")

    def _loaded(self) -> None:
        if self.states is None:
            return
        self.clear.setVisible(self._filtered())
        if self.model.rowCount():
            self.states.show_full()
            shown = self.player.row
            index = self.model.find(lambda known: shown is not None and known.id == shown.id)
            self.view.setCurrentIndex(index if index.isValid() else self.model.index(0))
        elif self._filtered():
            self.states.show_empty(
                "magnifying-glass",
                tr("No recording matches"),
                tr("Clear the filters to see all recordings."),
            )
        else:
            self.states.show_empty(
                "sound-wave",
                tr("No recordings yet"),
                tr("Sealed recordings of your team's calls appear here to listen to and review."),
            )
        self._selected()

    def _selected(self) -> None:
        row = self.view.value()
        if not isinstance(row, Recording):
            for button in (self.review, self.tags, self.delete):
                button.set_refused(tr("Select a recording first."))
            return
        self.delete.set_refused(refusal(self.work.rights.decisions[Permission.RECORDINGS_DELETE]))
        closed = tr("This recording is sealed for others.")
        if row.keyless:
            closed = tr("This recording came back from a backup without its key.")
        self.tags.set_refused(closed if row.refused else "")
        self.player.show_recording(row)
        if row.refused:
            self.review.set_refused(closed)
        elif row.reviewed_by:
            self.review.set_refused(tr("This recording has been reviewed."))
        else:
            self.review.set_refused("")

    def _play(self) -> None:
        row = self.view.value()
        if isinstance(row, Recording):
            self.player.show_recording(row)
            self.player.toggle()

    def _playing(self, recording: object) -> None:
        self.delegate.playing = recording  # type: ignore[assignment]
        self.view.viewport().update()

    def _mark(self) -> None:
        row = self.view.value()
        if isinstance(row, Recording):
            desk, recording = self.work.desk, row.id
            self.work.ask(
                self, lambda: desk.recordings.mark_reviewed(recording), lambda _done: None
            )
