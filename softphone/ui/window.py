"""The one window: first start, unlocking, and the shell; size and place of both shapes."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from PySide6.QtCore import QByteArray, QDate, QLocale, QSettings, QSize, Qt
from PySide6.QtGui import QCloseEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QDialog, QMainWindow, QWidget

from softphone.app.desk import Desk
from softphone.app.office import Office
from softphone.domain.call import Call, CallState, RecordingState
from softphone.domain.events import CallChanged, Event, HistoryChanged, WorkstationLeft
from softphone.domain.workplace import LockReason
from softphone.ui.announce import announce
from softphone.ui.dialogs.gate import UnlockPage
from softphone.ui.dialogs.own_password import OwnPasswordPage
from softphone.ui.dispatcher import Dispatcher
from softphone.ui.idle import IdleLock
from softphone.ui.shortcuts import SHORTCUTS, keys_for
from softphone.ui.store import Store
from softphone.ui.theme.theme import Theme, ThemeChoice, active_name
from softphone.ui.translation import tr
from softphone.ui.widgets.locked_calls import LockedCalls
from softphone.ui.words import Words, call_name, call_state
from softphone.ui.workplace import Rights, Workplace, read_rights

if TYPE_CHECKING:  # large, and not needed to unlock: loaded meanwhile, or when it is time
    from softphone.ui.recovery_sheet import RecoverySheet
    from softphone.ui.shell import Shell

SHELL = "softphone.ui.shell"
_SIZES = {"desk": QSize(1280, 800), "phone": QSize(360, 640)}
_LEAST = {"desk": QSize(1100, 720), "phone": QSize(360, 640)}


class MainWindow(QMainWindow):
    """Opens at the page that fits: first start, unlocking, or the shell once signed in."""

    def __init__(
        self, office: Office, theme: Theme, settings: QSettings, *, start_in: str = "desk"
    ) -> None:
        super().__init__()
        self.setWindowTitle("Softphone")
        self.office = office
        self.theme = theme
        self.settings = settings
        self.dispatcher = Dispatcher(self)
        self.store = Store(office.bus, office.clock, self.dispatcher, self)
        self.shell: Shell | None = None
        self.shape = start_in if start_in in _SIZES else "desk"
        self._waiting_dial = ""
        self._said: dict[str, tuple[str, str]] = {}
        self._entered_by_somebody = False
        self.idle = IdleLock(office.clock, lambda: bool(self.store.state.live_calls), self)
        self.idle.due.connect(lambda: self.lock(LockReason.IDLE))
        self.store.happened.connect(self._announce)
        theme.changed.connect(lambda _name: settings.setValue("theme", theme.choice.value))
        self._open_gate()
        self._fit(self.shape)

    # what others may do with the window
    def dial_text(self, text: str) -> None:
        """Call what was passed from outside; before signing in it waits until then."""
        if self.shell is None:
            self._waiting_dial = text
            return
        self.shell.dial_text(text)

    def sign_in(self, name: str, password: str) -> None:
        """Sign in at once, without the page."""
        future = self.office.lane.submit(lambda: self.office.sign_in(name, password))
        gate = self.centralWidget()
        failed = gate.say_error if isinstance(gate, UnlockPage) else None
        self.dispatcher.run(future, self.enter, failed, owner=self)

    def lock(self, why: LockReason = LockReason.PERSON) -> None:
        """Drop the keys and ask for the password again; a call that is on goes on.

        What is personal goes from the screen at once, even while the vault finishes something.
        """
        if not self._entered_by_somebody:
            return
        self._entered_by_somebody = False
        self.idle.stop()
        popup = QApplication.activePopupWidget()
        if popup is not None:
            popup.close()
        if self.shell is not None:
            self.shell.panel.notes.flush()
        self.shell = None
        future = self.office.lane.submit(lambda: self.office.lock(why))
        self._show_unlock()
        gate = self.centralWidget()
        failed = gate.say_error if isinstance(gate, UnlockPage) else None
        self.dispatcher.run(future, lambda _done: None, failed, owner=gate)

    def show_page(self, key: str) -> None:
        """Bring a page to the front."""
        if self.shell is not None:
            self.shell.show_page(key)

    def set_shape(self, shape: str) -> None:
        """Switch between ``desk`` and ``phone``; both remember size and place."""
        if shape == self.shape or shape not in _SIZES:
            return
        self._remember()
        self.shape = shape
        if self.shell is not None:
            self.shell.set_shape(shape)
        self._fit(shape)
        self._stay_on_top()

    def enter(self, desk: Desk) -> None:
        """Open the shell for a signed-in person, once they have a password of their own."""
        self._entered_by_somebody = True
        future = self.office.lane.submit(
            lambda: (read_rights(desk), desk.session.vault.password_due)
        )
        self.dispatcher.run(future, lambda found: self._entered(desk, *found), owner=self)

    # inside
    def _entered(self, desk: Desk, rights: Rights, password_due: bool) -> None:
        self.idle.begin(rights.workplace.lock_after_min)
        if not password_due:
            self._open_shell(desk, rights)
            return
        page = OwnPasswordPage(self.office, self.dispatcher, desk)
        page.chosen.connect(self.enter)
        self._show(page)
        page.focus_first()

    def _open_gate(self) -> None:
        self.shell = None
        self._entered_by_somebody = False
        self.idle.stop()
        future = self.office.lane.submit(self.office.has_vault)
        self._show(QWidget())
        self.dispatcher.run(future, self._open_first, owner=self)

    def _open_first(self, exists: bool) -> None:
        if self.shell is not None:
            return
        if exists:
            self._show_unlock()
            return
        first = import_module("softphone.ui.dialogs.set_up").SetUpPage(self.office, self.dispatcher)
        first.created.connect(self._created)
        self._show(first)
        first.focus_first()

    def _show_unlock(self) -> None:
        calls = LockedCalls(self.office, self.store)
        unlock = UnlockPage(self.office, self.dispatcher, calls=calls)
        unlock.unlocked.connect(self.enter)
        deeds = {"answer": calls.answer, "hang_up": calls.hang_up}
        for shortcut in SHORTCUTS:
            if shortcut.name in deeds:
                made = QShortcut(QKeySequence(keys_for(self.settings, shortcut)), unlock)
                made.activated.connect(deeds[shortcut.name])
        self._show(unlock)
        unlock.focus_first()

    def _created(self, desk: Desk, key: str, workstation: str) -> None:
        future = self.office.lane.submit(lambda: self.office.recovery_words(key))
        day = self.office.clock.now().astimezone(ZoneInfo(self.office.time_zone)).date()
        made_on = QLocale().toString(
            QDate(day.year, day.month, day.day), QLocale.FormatType.LongFormat
        )
        sheet = import_module("softphone.ui.recovery_sheet").RecoverySheet
        self.dispatcher.run(
            future,
            lambda words: self._show_key(desk, sheet(key, words, workstation, made_on)),
            owner=self,
        )

    def _show_key(self, desk: Desk, sheet: RecoverySheet) -> None:
        page = import_module("softphone.ui.dialogs.set_up").RecoveryPage(sheet)
        page.done.connect(lambda: self.enter(desk))
        self._show(page)
        page.focus_first()

    def _open_shell(self, desk: Desk, rights: Rights) -> None:
        work = Workplace(
            office=self.office,
            desk=desk,
            rights=rights,
            dispatcher=self.dispatcher,
            store=self.store,
            theme=self.theme,
            words=Words(self.office.time_zone),
        )
        shell: Shell = import_module(SHELL).Shell(work, self.settings)
        self.shell = shell
        self.idle.change(rights.workplace.lock_after_min)
        shell.set_shape(self.shape)
        self._show(shell)
        shell.show_outside(self)
        shell.shape_wanted.connect(self.set_shape)
        shell.lock_wanted.connect(lambda: self.lock())
        shell.theme_wanted.connect(self._other_theme)
        if self._waiting_dial:
            text, self._waiting_dial = self._waiting_dial, ""
            shell.dial_text(text)

    def _read_rights_again(self) -> None:
        """A new policy is in force: buttons must say what holds now, not what held before."""
        shell = self.shell
        if shell is None:
            return
        desk = shell.work.desk
        future = self.office.lane.submit(lambda: read_rights(desk))
        self.dispatcher.run(future, lambda rights: self._renew(shell, rights), owner=shell)

    def _renew(self, shell: Shell, rights: Rights) -> None:
        """Make the shell anew where anything differs; nothing typed is lost."""
        known = shell.work.rights
        if self.shell is not shell or known == replace(rights, policy_version=known.policy_version):
            return
        dialog = QApplication.activeModalWidget()
        if isinstance(dialog, QDialog):
            # What is being written there is refused or taken by the rules of now in any case.
            dialog.finished.connect(self._read_rights_again)
            return
        page = shell.page_in_front()
        if page in shell.pages and shell.pages[page].holds_forms:
            # They hold what is being written, and say what became of a change made here.
            shell.stack.currentChanged.connect(
                self._read_rights_again, Qt.ConnectionType.SingleShotConnection
            )
            return
        shell.panel.notes.flush()
        self._open_shell(shell.work.desk, rights)
        if self.shell is not None:
            self.shell.show_page(page)

    def _show(self, content: QWidget) -> None:
        old = self.takeCentralWidget()
        self.setCentralWidget(content)
        if old is not None:
            old.hide()
            old.deleteLater()

    def _other_theme(self) -> None:
        dark = active_name() == "dark"
        self.theme.choose(ThemeChoice.LIGHT if dark else ThemeChoice.DARK)

    def _fit(self, shape: str) -> None:
        screen = self.screen().availableGeometry()
        central = self.centralWidget()
        for layout in (central.layout() if central is not None else None, self.layout()):
            if layout is not None:
                layout.activate()
        self.setMinimumSize(_LEAST[shape].boundedTo(screen.size()))
        kept = self.settings.value(f"window/{shape}")
        if not (isinstance(kept, QByteArray) and self.restoreGeometry(kept)):
            self.resize(_SIZES[shape].boundedTo(screen.size()))

    def _stay_on_top(self) -> None:
        wanted = self.shape == "phone" and self.settings.value("window/on_top", "true") == "true"
        flag = Qt.WindowType.WindowStaysOnTopHint
        if bool(self.windowFlags() & flag) != wanted:
            visible = self.isVisible()
            self.setWindowFlag(flag, wanted)
            if visible:
                self.show()

    def _remember(self) -> None:
        self.settings.setValue(f"window/{self.shape}", self.saveGeometry())

    def _announce(self, event: Event) -> None:
        if isinstance(event, WorkstationLeft):
            self.settings.clear()
            self._open_gate()
            return
        if isinstance(event, HistoryChanged) and "policy" in event.kinds:
            self._read_rights_again()
            return
        if not isinstance(event, CallChanged):
            return
        call: Call = event.call
        said = (call.state.value, call.recording.value)
        if self._said.get(call.id) == said:
            return
        self._said[call.id] = said
        # Nobody's name is said while the window is locked.
        name = f"{call_name(call)}: " if self.shell is not None else ""
        words = f"{name}{call_state(call)[0]}"
        if call.live and call.recording is RecordingState.RECORDING:
            words = tr("{state}, recording", state=words)
        if not call.live:
            self._said.pop(call.id, None)
        incoming = call.state is CallState.INCOMING
        announce(self, words, urgent=incoming)
        if incoming and not self.isActiveWindow():
            QApplication.alert(self)  # asks for attention in the task bar, takes no focus

    def closeEvent(self, event: QCloseEvent) -> None:
        """Remember size and place; save what is not saved."""
        self._remember()
        if self.shell is not None:
            self.shell.panel.notes.flush()
        self.store.close()
        super().closeEvent(event)
