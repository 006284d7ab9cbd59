"""Notes and wrap-up of a call: saved while typing, kept apart for each call."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from softphone.domain.call import Call
from softphone.domain.events import CallForgotten, Event
from softphone.domain.ids import CallId, ContactId, NoteId, new_id
from softphone.ui.translation import tr
from softphone.ui.widgets.basic import label
from softphone.ui.widgets.combo import Combo
from softphone.ui.workplace import Workplace

SAVE_AFTER_MS = 1500
WRAP_UPS = (
    "",
    "Order status",
    "New order",
    "Delivery date changed",
    "Address change",
    "Complaint",
    "Refund",
    "Callback",
)


@dataclass
class _Draft:
    note: NoteId
    contact: ContactId | None = None
    text: str = ""
    saved: str = ""
    saved_at: str = ""
    wrap_up: str = ""


class NoteEdit(QPlainTextEdit):
    """A note; leaving it saves at once, Tab moves on."""

    def __init__(self, owner: CallNotes) -> None:
        super().__init__()
        self._owner = owner
        self.setTabChangesFocus(True)
        self.setAccessibleName(tr("Notes about this call"))

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Save what was typed."""
        super().focusOutEvent(event)
        self._owner.flush()


class CallNotes(QWidget):
    """The notes field, the wrap-up choice, and when it was saved."""

    def __init__(self, work: Workplace) -> None:
        super().__init__()
        self._work = work
        self._drafts: dict[CallId, _Draft] = {}
        self._in_history: set[CallId] = set()
        self._call: CallId | None = None
        self.edit = NoteEdit(self)
        self.edit.textChanged.connect(self._typed)
        self.saved = label("", "small")
        self.wrap_up: QComboBox = Combo(tr("Wrap-up"))
        for words in WRAP_UPS:
            self.wrap_up.addItem(tr(words) if words else tr("Not chosen"), tr(words or ""))
        self.wrap_up.activated.connect(lambda _index: self._chosen())
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SAVE_AFTER_MS)
        self._timer.timeout.connect(self.flush)
        self._title = label(tr("Notes"), "label")
        self._wrap_title = label(tr("Wrap-up"), "label")
        self._wrap_title.setBuddy(self.wrap_up)
        head = QHBoxLayout()
        head.addWidget(self._title, 1)
        head.addWidget(self.saved)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(head)
        column.addWidget(self.edit, 1)
        column.addSpacing(8)
        column.addWidget(self._wrap_title)
        column.addWidget(self.wrap_up)
        work.store.happened.connect(self._happened)

    def set_compact(self, compact: bool) -> None:
        """Keep to one line in the phone shape."""
        for part in (self._title, self.saved, self._wrap_title, self.wrap_up):
            part.setVisible(not compact)
        self.edit.setMinimumHeight(40 if compact else 72)
        self.edit.setMaximumHeight(40 if compact else 16777215)
        off, needed = Qt.ScrollBarPolicy.ScrollBarAlwaysOff, Qt.ScrollBarPolicy.ScrollBarAsNeeded
        self.edit.setVerticalScrollBarPolicy(off if compact else needed)
        self.edit.setHorizontalScrollBarPolicy(off)
        mode = QPlainTextEdit.LineWrapMode
        self.edit.setLineWrapMode(mode.NoWrap if compact else mode.WidgetWidth)
        self.edit.setPlaceholderText(tr("Notes") if compact else "")

    def show_call(self, call: Call, contact: ContactId | None) -> None:
        """Switch to the notes of a call; those of the one before are saved first."""
        if call.id == self._call:
            self._drafts[call.id].contact = contact or self._drafts[call.id].contact
            return
        self.flush()
        self._call = call.id
        draft = self._drafts.setdefault(call.id, _Draft(NoteId(new_id()), contact))
        self.edit.blockSignals(True)
        self.edit.setPlainText(draft.text)
        self.edit.blockSignals(False)
        self.saved.setText(draft.saved_at)
        self.wrap_up.setCurrentIndex(max(0, self.wrap_up.findData(draft.wrap_up)))

    def flush(self) -> None:
        """Save now what is not saved yet."""
        self._timer.stop()
        draft = self._drafts.get(self._call) if self._call else None
        call = self._call
        if draft is None or call is None or draft.text == draft.saved or not draft.text.strip():
            return
        text, desk = draft.text, self._work.desk
        draft.saved = text
        self.saved.setText(tr("Saving"))
        self._work.ask(
            self,
            lambda: desk.people.add_note(
                text, contact=draft.contact, call=call, note_id=draft.note
            ),
            lambda note: self._saved(draft, self._work.words.time(note.written_at)),
            lambda error: self._not_saved(draft, error),
        )

    def _typed(self) -> None:
        if self._call is None:
            return
        self._drafts[self._call].text = self.edit.toPlainText()
        self.saved.setText("")
        self._timer.start()

    def _saved(self, draft: _Draft, time: str) -> None:
        draft.saved_at = tr("Saved {time}", time=time)
        if self._call and self._drafts.get(self._call) is draft and draft.text == draft.saved:
            self.saved.setText(draft.saved_at)

    def _not_saved(self, draft: _Draft, error: Exception) -> None:
        draft.saved = ""
        self.saved.setText(tr("Not saved"))
        self._work.dispatcher.failed.emit(error)

    def _chosen(self) -> None:
        if self._call is None:
            return
        self._drafts[self._call].wrap_up = str(self.wrap_up.currentData())
        if self._call in self._in_history:
            self._send_wrap_up(self._call)

    def _happened(self, event: Event) -> None:
        if isinstance(event, CallForgotten) and event.call in self._drafts:
            self._in_history.add(event.call)
            if self._drafts[event.call].wrap_up:
                self._send_wrap_up(event.call)

    def _send_wrap_up(self, call: CallId) -> None:
        words, desk = self._drafts[call].wrap_up, self._work.desk
        self._work.ask(self, lambda: desk.calls.set_wrap_up(call, words), lambda _done: None)

    def event(self, event: QEvent) -> bool:
        """Save when the panel goes away."""
        if event.type() is QEvent.Type.Hide:
            self.flush()
        return super().event(event)
