"""What the person on the line has agreed to, in words, with one button each to change it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from softphone.app.consents import CallConsents
from softphone.domain.call import Call
from softphone.domain.consent import RECORDING, Consent, Purpose
from softphone.domain.errors import NotFound
from softphone.domain.ids import CallId, ContactId, RecordingId
from softphone.domain.permissions import Permission
from softphone.ui.announce import announce
from softphone.ui.consent_words import state_words
from softphone.ui.dialogs.read_out import ReadOutDialog
from softphone.ui.translation import counted, tr
from softphone.ui.widgets.basic import Button, Sign, label
from softphone.ui.widgets.combo import Combo
from softphone.ui.widgets.states import error_line
from softphone.ui.words import isolated, refusal
from softphone.ui.workplace import Workplace

_NOTHING = CallConsents((), {}, ())
_KEYS = {RECORDING: "Ctrl+Y", "marketing": "Ctrl+Shift+Y"}


class _Line(QWidget):
    """One purpose: its state in words, and the button that changes it."""

    def __init__(self, purpose: Purpose, press: Callable[[], None]) -> None:
        super().__init__()
        self.purpose = purpose
        self.state = Sign(small=True, elide=True)
        self.button = Button(tr("Consents"))
        self.button.clicked.connect(lambda: press())
        title = label(tr(purpose.title), "small")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        column = QVBoxLayout()
        column.setSpacing(0)
        column.addWidget(title)
        column.addWidget(self.state)
        row.addLayout(column, 1)
        row.addWidget(self.button)


class ConsentStrip(QFrame):
    """Part of the call panel. Withdrawing consent to recording ends the recording."""

    recorded = Signal()

    def __init__(self, work: Workplace) -> None:
        super().__init__()
        self.setObjectName("strip")
        self._work = work
        self._call: Call | None = None
        self._asked_for: tuple[CallId, str] | None = None
        self._found = _NOTHING
        self._erasable: RecordingId | None = None
        self._compact = False
        self._crowded = False
        self.lines: dict[str, _Line] = {}
        self.who = Combo(tr("Who is on the line"))
        self.who.setVisible(False)
        self.who.activated.connect(lambda _row: self._chosen())
        self.shared = label("", "small", wrap=True)
        self.shared.setVisible(False)
        self.problem = Sign(small=True, wrap=True)
        self.problem.setVisible(False)
        self.read_out = Button(tr("Text to read out"), kind="link", icon="file-text")
        self.read_out.clicked.connect(self._read_out)
        self.erase = Button(tr("Erase what was recorded"), kind="stop", icon="trash")
        self.erase.setVisible(False)
        self.erase.clicked.connect(self._erase)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(12, 8, 8, 8)
        self._column.setSpacing(6)
        for part in (self.shared, self.who, self.problem, self.erase):
            self._column.addWidget(part)
        self._column.addWidget(self.read_out, 0, Qt.AlignmentFlag.AlignLeft)

    def set_compact(self, compact: bool) -> None:
        """Show recording alone in the small shape."""
        self._compact = compact
        self.read_out.setVisible(not compact)
        for line in self.lines.values():
            line.setVisible(not compact or line.purpose.key == RECORDING)

    def show_call(self, call: Call, *, crowded: bool = False) -> None:
        """Show what stands for the person of a call; asks once a call.

        ``crowded`` where other calls need the room of the small shape: keys work all the same.
        """
        self._crowded = crowded and self._compact
        talking = call.live and call.established_at is not None
        self._call = call
        offered = self._erasable is not None and self._erasable == call.recording_id
        self.setVisible(not self._crowded and ((talking and bool(self._found.purposes)) or offered))
        if self._asked_for != (call.id, call.number):
            if self._asked_for is None or self._asked_for[0] != call.id:
                self._erasable = None
                self.erase.setVisible(False)
                self.problem.setVisible(False)
            self._asked_for = (call.id, call.number)
            self.reload()

    def reload(self) -> None:
        """Read again what stands."""
        call, desk = self._call, self._work.desk
        if call is not None:
            self._work.ask(
                self, lambda: desk.consents.of_call(call.number), self._show, self._failed
            )

    def toggle(self, purpose: str) -> None:
        """Record consent, or its withdrawal: by button or by key."""
        call, desk, who = self._call, self._work.desk, self._who()
        if call is None or not call.live or purpose not in self.lines:
            return
        standing = self._stands(purpose)
        withdraw = standing is not None and standing.stands(self._work.office.clock.now())
        work = desk.consents.withdraw_in_call if withdraw else desk.consents.give_in_call
        recording = call.recording_id if withdraw and purpose == RECORDING else None
        self._work.ask(
            self,
            lambda: work(call, purpose, who),
            lambda change: self._done(change, recording),
            self._failed,
        )

    def _read_out(self) -> None:
        call, found = self._call, self._found
        if call is not None:
            language = found.contacts[0].language if found.contacts else ""
            ReadOutDialog(self._work, call, language, self.window()).open()

    def _show(self, found: CallConsents) -> None:
        self._found = found
        wanted = [p.key for p in found.purposes]
        if list(self.lines) != wanted:
            for line in self.lines.values():
                line.hide()
                line.deleteLater()
            self.lines = {}
            for place, purpose in enumerate(found.purposes):
                line = _Line(purpose, lambda key=purpose.key: self.toggle(key))  # type: ignore[misc]
                self.lines[purpose.key] = line
                self._column.insertWidget(place, line)
            self.set_compact(self._compact)
        self._show_who(found)
        self._say_states()
        if self._call is not None:
            self.show_call(self._call, crowded=self._crowded)

    def _show_who(self, found: CallConsents) -> None:
        several = len(found.contacts) > 1
        self.shared.setVisible(several)
        self.who.setVisible(several)
        if not several:
            self.who.clear()
            return
        chosen = self._who()
        self.shared.setText(
            counted(
                len(found.contacts),
                "{n} contact has this number.",
                "{n} contacts have this number. Shown is the newest; say who it is:",
            )
        )
        self.who.clear()
        for contact in found.contacts:
            self.who.addItem(isolated(contact.name), contact.id)
        self.who.setCurrentIndex(max(0, self.who.findData(chosen)))

    def _chosen(self) -> None:
        who, desk = self._who(), self._work.desk
        if who is not None:
            self._work.ask(
                self,
                lambda: {c.purpose: c for c in desk.consents.history(who)},
                self._show_stands,
                self._failed,
            )

    def _show_stands(self, stands: dict[str, Consent]) -> None:
        self._found = CallConsents(self._found.contacts, stands, self._found.purposes)
        self._say_states()

    def _who(self) -> ContactId | None:
        chosen = self.who.currentData()
        if chosen:
            return ContactId(str(chosen))
        return self._found.contacts[0].id if self._found.contacts else None

    def _stands(self, purpose: str) -> Consent | None:
        return self._found.stands.get(purpose)

    def _say_states(self) -> None:
        now = self._work.office.clock.now()
        why = refusal(self._work.rights.decisions[Permission.CONTACTS_EDIT])
        for key, line in self.lines.items():
            change = self._stands(key)
            words, icon, role = state_words(change, now)
            line.state.set(icon, words, role)
            given = change is not None and change.stands(now)
            text = tr("Withdraws") if given else tr("Agrees")
            line.button.set_text(text)
            keys = f" ({_KEYS[key]})" if key in _KEYS else ""
            line.button.setToolTip(f"{tr(line.purpose.title)}: {text}{keys}")
            line.button.setAccessibleName(f"{tr(line.purpose.title)}: {text}")
            if why:
                line.button.set_refused(why)

    def _done(self, change: Consent, recording: RecordingId | None) -> None:
        self.problem.setVisible(False)
        title = next((p.title for p in self._found.purposes if p.key == change.purpose), "")
        words, _, _ = state_words(change, self._work.office.clock.now())
        announce(self, f"{tr(title)}: {words}")
        if recording is not None:
            self._erasable = recording
            why = refusal(self._work.rights.decisions[Permission.RECORDINGS_DELETE])
            self.erase.set_refused(why)
            self.erase.setVisible(True)
            self._say("info", why or tr("Recording has stopped. What was recorded is kept."))
        self.recorded.emit()
        self.reload()

    def _erase(self) -> None:
        recording, desk = self._erasable, self._work.desk
        if recording is None:
            return
        self.erase.setEnabled(False)
        self._work.ask(
            self, lambda: desk.recordings.delete(recording), lambda _r: self._erased(), self._failed
        )

    def _erased(self) -> None:
        self._erasable = None
        self.erase.setVisible(False)
        self._say("check", tr("What was recorded in this call is erased."))
        announce(self, tr("What was recorded in this call is erased."))

    def _failed(self, error: Exception) -> None:
        self.erase.setEnabled(True)
        if isinstance(error, NotFound) and self._erasable is not None:
            self._say("clock", tr("The recording is being put away. Press again in a moment."))
            return
        self._say("warning", error_line(error))

    def _say(self, icon: str, words: str) -> None:
        self.problem.set(icon, words, "hold.text" if icon == "warning" else "text.secondary")
        self.problem.setVisible(True)
