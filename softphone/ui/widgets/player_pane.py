"""The player under the list of recordings. Nothing opens, and nothing is logged, before Play."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QSettings, Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from softphone.domain.contact import Note
from softphone.domain.ids import RecordingId
from softphone.domain.permissions import Decision, Permission
from softphone.domain.recording import Recording
from softphone.domain.score import ScoreCard
from softphone.domain.workplace import Question
from softphone.ui.dialogs.download import DownloadDialog
from softphone.ui.dialogs.score_card import ScoreCardDialog
from softphone.ui.models.timeline import Timeline
from softphone.ui.translation import tr
from softphone.ui.widgets.balance_bar import BalanceBar
from softphone.ui.widgets.basic import Button, ElidedLabel, Sign, label
from softphone.ui.widgets.note_list import NoteList
from softphone.ui.widgets.states import error_line
from softphone.ui.widgets.tempo_bar import TempoBar
from softphone.ui.widgets.waveform import BINS, Waveform
from softphone.ui.words import length, refusal
from softphone.ui.workplace import Workplace

JUMP_MS = 10_000
ONE_ROW = 1100


@dataclass(frozen=True, slots=True)
class _Facts:
    notes: tuple[Note, ...]
    listen: Decision
    download: Decision
    cards: tuple[ScoreCard, ...]
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class _Opened:
    problem: str
    peaks: tuple[Sequence[float], Sequence[float]]


class PlayerPane(QWidget):
    """Waveform, transport, notes at a moment, and why there is no download."""

    playing = Signal(object)
    """The identifier of the recording that plays, or None."""
    accesses_wanted = Signal(str, str)
    """The recording's identifier and title: who listened to it?"""

    def __init__(self, work: Workplace, settings: QSettings) -> None:
        super().__init__()
        self.setAccessibleName(tr("Player"))
        self._work = work
        self._player = work.office.player
        self._row: Recording | None = None
        self._opened: RecordingId | None = None
        self._is_playing = False
        self._cards: tuple[ScoreCard, ...] = ()
        self._questions: tuple[Question, ...] = ()
        self.title = ElidedLabel("", "card")
        self.when = label("", "secondary")
        self.sealed = Sign("lock", small=True)
        self.play = Button(kind="round", icon="play", name=tr("Play (Space)"))
        self.back = Button(tr("10 s"), icon="arrow-counter-clockwise", name=tr("Back 10 seconds"))
        self.forward = Button(tr("10 s"), icon="arrow-clockwise", name=tr("Forward 10 seconds"))
        self.back.setToolTip(tr("Back 10 seconds (J)"))
        self.forward.setToolTip(tr("Forward 10 seconds (L)"))
        self.time = label("", "secondary")
        user = work.store.state.user
        self.tempo = TempoBar(self._player, settings, user.id if user else "")
        self.balance = BalanceBar(self._player)
        self.wave = Waveform()
        self.problem = Sign("warning", "", "hold.text", wrap=True)
        self.download = Button(tr("Download"), icon="download-simple")
        self.score = Button(tr("Score card"), icon="clipboard-text")
        self.accesses = Button(tr("Who listened"), icon="checked-list")
        self.accesses.setVisible(work.rights.may(Permission.AUDIT_READ))
        self.download_why = label("", "small", wrap=True)
        self.notes = NoteList(work)
        self.note_title = label(tr("Notes"), "label")
        self.note_line = QLineEdit()
        self.note_line.setAccessibleName(tr("Note at this moment"))
        self.note_line.setPlaceholderText(tr("Note at this moment"))
        self.note_line.setMaxLength(2000)
        self._clock = QTimer(self)
        self._clock.setInterval(100)
        self._clock.timeout.connect(self._tick)
        self._connect()
        self._lay_out()
        self.setMinimumWidth(600)  # not that of one row: it must become narrow to take two

    @property
    def row(self) -> Recording | None:
        """The recording it shows."""
        return self._row

    def show_recording(self, row: Recording) -> None:
        """Show what is known of a recording without hearing it."""
        if self._row is not None and self._row.id == row.id:
            self._row = row
            return
        self.stop()
        self._row = row
        now = self._work.office.clock.now()
        # Who came into it by a transfer is heard, too.
        heard = ", ".join((row.contact_name, *(one.name for one in row.joined)))
        self.title.setText(tr("{agent} with {contact}", agent=row.agent_name, contact=heard))
        self.when.setText(self._work.words.when(row.started_at, now))
        who = self._work.rights.group_labels.get(row.group, row.team)
        self.sealed.set("lock", tr("Sealed for {who}. Listening is logged.", who=who))
        customer = row.contact_name.split(" ")[0]
        if row.joined:
            customer = f"{customer} +{len(row.joined)}"
        line = Timeline(row.audio_ms, row.gaps)
        self.wave.show_recording(line, row.agent_name.split(" ")[0], customer)
        self.problem.setVisible(False)
        self.notes.show_notes(())
        self._enable(False, "")
        self._show_time(0)
        self.wave.say(tr("Press Play to open the recording."))
        self._ask_facts(row)

    def stop(self) -> None:
        """Stop and forget the audio."""
        self._set_playing(False)
        if self._opened is not None:
            self._opened = None
            self._work.office.lane.submit(self._player.unload)

    def toggle(self) -> None:
        """Play or pause; the first time opens the recording, which is logged."""
        row = self._row
        if row is None or not self.play.isEnabled():
            return
        if self._opened != row.id:
            self._open(row)
            return
        if self._is_playing:
            self._player.pause()
        else:
            if self._player.position_ms() >= row.audio_ms:
                self._player.seek(0)
            self._player.play()
        self._set_playing(not self._is_playing)

    def jump(self, by_ms: int) -> None:
        """Go back or forward."""
        if self._row is not None and self._opened == self._row.id:
            wanted = self._player.position_ms() + by_ms
            self.seek(min(max(0, wanted), self._row.audio_ms))

    def seek(self, audio_ms: int) -> None:
        """Go to a moment."""
        if self._row is not None and self._opened == self._row.id:
            self._player.seek(audio_ms)
            self._show_time(audio_ms)

    def reload_notes(self) -> None:
        """Read the notes again."""
        if self._row is not None:
            self._ask_facts(self._row)

    def open_score(self) -> ScoreCardDialog | None:
        """Ask the policy's questions about the recording that is shown."""
        if self._row is None:
            return None
        dialog = ScoreCardDialog(self._work, self._row, self._questions, self._cards, self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()
        return dialog

    def open_download(self) -> DownloadDialog | None:
        """Hand out the recording that is shown."""
        if self._row is None:
            return None
        dialog = DownloadDialog(self._work, self._row, self)
        dialog.open()
        return dialog

    def _connect(self) -> None:
        self.play.clicked.connect(self.toggle)
        self.back.clicked.connect(lambda: self.jump(-JUMP_MS))
        self.forward.clicked.connect(lambda: self.jump(JUMP_MS))
        self.wave.sought.connect(self.seek)
        self.notes.chosen.connect(self.seek)
        self.note_line.returnPressed.connect(self._add_note)
        self.accesses.clicked.connect(self._ask_who)
        self.score.clicked.connect(self.open_score)
        self.download.clicked.connect(self.open_download)

    def _ask_who(self) -> None:
        if self._row is not None:
            title = f"{self.title.text()}   {self.when.text()}"
            self.accesses_wanted.emit(str(self._row.id), title)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(12)
        head.addWidget(self.title)
        head.addWidget(self.when)
        head.addStretch(1)
        head.addWidget(self.sealed)
        bar = QHBoxLayout()
        bar.setSpacing(8)
        for part in (self.back, self.play, self.forward, self.time):
            bar.addWidget(part)
        bar.addStretch(1)
        self._second_bar = QHBoxLayout()
        self._bar = bar
        bar.addWidget(self.tempo)
        foot = QHBoxLayout()
        foot.setSpacing(12)
        foot.addWidget(self.balance)
        foot.addWidget(self.score)
        foot.addWidget(self.download)
        foot.addWidget(self.accesses)
        foot.addStretch(1)
        left = QVBoxLayout()
        left.setSpacing(8)
        for layout in (head, bar, self._second_bar):
            left.addLayout(layout)
        left.addWidget(self.problem)
        left.addWidget(self.wave)
        left.addLayout(foot)
        left.addWidget(self.download_why)
        left.addStretch(1)
        side = QVBoxLayout()
        side.setSpacing(4)
        side.addWidget(self.note_title)
        side.addWidget(self.notes, 1)
        side.addWidget(self.note_line)
        right = QWidget()
        right.setLayout(side)
        right.setFixedWidth(240)
        side.setContentsMargins(0, 0, 0, 0)
        row = QHBoxLayout(self)
        row.setContentsMargins(24, 12, 16, 12)
        row.setSpacing(16)
        row.addLayout(left, 1)
        row.addWidget(right)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the speed under the transport where both do not fit beside each other."""
        super().resizeEvent(event)
        narrow = self.width() < ONE_ROW
        if narrow != (self._second_bar.count() > 0):
            wanted = self._second_bar if narrow else self._bar
            wanted.addWidget(self.tempo)
            if narrow:
                self._second_bar.addStretch(1)
            else:
                self._second_bar.takeAt(0)

    def _ask_facts(self, row: Recording) -> None:
        desk = self._work.desk

        def facts() -> _Facts:
            may = desk.session.may
            return _Facts(
                tuple(desk.recordings.notes(row.id)),
                may(Permission.RECORDINGS_LISTEN, owner=row.agent, team=row.team),
                may(Permission.RECORDINGS_DOWNLOAD, owner=row.agent, team=row.team),
                tuple(desk.scoring.cards(row.id)),
                desk.scoring.questions(),
            )

        self._work.ask(self, facts, lambda found: self._show_facts(row, found))

    def _show_facts(self, row: Recording, facts: _Facts) -> None:
        if self._row is None or self._row.id != row.id:
            return
        refused = refusal(facts.listen) or tr(row.refused)
        if refused:
            self.wave.say(refused)
            self._enable(False, refused)
        else:
            self._enable(True, "")
        self.download.set_refused(refusal(facts.download) or refused)
        self.download_why.setText(refusal(facts.download))
        self.download_why.setVisible(not facts.download.allowed)
        self._cards, self._questions = facts.cards, facts.questions
        self.score.setVisible(bool(facts.cards or facts.questions))
        self.score.set_refused(refused)
        cards = facts.cards
        mean = round(sum(card.percent for card in cards) / len(cards)) if cards else 0
        self.score.set_text(tr("Score card, {n} %", n=mean) if cards else tr("Score card"))
        notes = facts.notes if not refused else ()
        self.note_title.setText(tr("Notes") + (f"  {len(notes)}" if notes else ""))
        self.notes.show_notes(notes)
        self.wave.show_notes(notes if self._opened == row.id or not refused else ())

    def _enable(self, on: bool, why: str) -> None:
        self.play.set_refused("" if on else why or tr("Select a recording first."))
        if on:
            self.play.setToolTip(tr("Play (Space)"))
        opened = on and self._row is not None and self._opened == self._row.id
        for button in (self.back, self.forward):
            button.setEnabled(opened)
        self.note_line.setEnabled(opened)

    def _open(self, row: Recording) -> None:
        self.wave.say(tr("Opening"))
        self.play.setEnabled(False)
        desk, player = self._work.desk, self._player

        def load() -> _Opened:
            reader = desk.recordings.open(row.id)
            player.load(reader, row.audio_ms)
            return _Opened(reader.problem, player.waveform(BINS))

        self._work.ask(
            self,
            load,
            lambda opened: self._loaded(row, opened),
            lambda error: self._not_loaded(row, error),
        )

    def _loaded(self, row: Recording, opened: _Opened) -> None:
        if self._row is None or self._row.id != row.id:
            self._work.office.lane.submit(self._player.unload)
            return
        self._opened = row.id
        self.wave.show_peaks(opened.peaks)
        self.problem.set("warning", tr(opened.problem), "hold.text")
        self.problem.setVisible(bool(opened.problem))
        self._enable(True, "")
        self._player.play()
        self._set_playing(True)

    def _not_loaded(self, row: Recording, error: Exception) -> None:
        if self._row is None or self._row.id != row.id:
            return
        words = error_line(error)
        self.wave.say(words)
        self.problem.set("warning", words, "hold.text")
        self.problem.setVisible(True)
        self._enable(True, "")

    def _set_playing(self, on: bool) -> None:
        self._is_playing = on
        self.play.set_icon("pause" if on else "play")
        self.play.setAccessibleName(tr("Pause (Space)") if on else tr("Play (Space)"))
        (self._clock.start if on else self._clock.stop)()
        self.playing.emit(self._row.id if on and self._row else None)

    def _tick(self) -> None:
        position = self._player.position_ms()
        self._show_time(position)
        if self._row is not None and position >= self._row.audio_ms:
            self._player.pause()
            self._set_playing(False)

    def _show_time(self, audio_ms: int) -> None:
        line = self.wave.timeline
        at, total = length(line.to_call(audio_ms)), length(line.total_ms)
        self.time.setText(tr("{at} of {total}", at=at, total=total))
        self.wave.show_position(audio_ms)

    def _add_note(self) -> None:
        text, row = self.note_line.text().strip(), self._row
        if not text or row is None:
            return
        at, desk, recording = self._player.position_ms(), self._work.desk, row.id
        self.note_line.clear()
        self._work.ask(
            self,
            lambda: desk.recordings.add_note(recording, text, at),
            lambda _note: self.reload_notes(),
            lambda error: self._note_failed(text, error),
        )

    def _note_failed(self, text: str, error: Exception) -> None:
        self.note_line.setText(text)
        self._work.dispatcher.failed.emit(error)
