"""The line at the bottom: connection, devices, synchronisation, person, and the recording."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from softphone.app.state import PhoneState
from softphone.domain.account import Registration, RegistrationState
from softphone.domain.call import RecordingState
from softphone.ui.translation import counted, tr
from softphone.ui.widgets.agent_button import AgentButton
from softphone.ui.widgets.basic import Button, Sign
from softphone.ui.workplace import Workplace


class StatusBar(QWidget):
    """Words and icons, never colour alone."""

    theme_pressed = Signal()
    keys_pressed = Signal()
    lock_pressed = Signal()

    def __init__(self, work: Workplace) -> None:
        super().__init__()
        self.setObjectName("statusBar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(tr("Status"))
        self._work = work
        self.registration = Sign(small=True, elide=True)
        self.recording = Sign(small=True, elide=True)
        self.devices = Sign(small=True, elide=True)
        self.sync = Sign(small=True, elide=True)
        self.mail = Sign(small=True)
        self.agent = AgentButton(work)
        self.user = Sign(small=True)
        self.theme = Button(kind="plain", icon="moon", name=tr("Light or dark"))
        self.keys = Button(kind="plain", icon="keyboard", name=tr("Keyboard shortcuts (F1)"))
        self.lock = Button(kind="plain", icon="lock-simple", name=tr("Lock the window (Ctrl+L)"))
        self.theme.clicked.connect(self.theme_pressed)
        self.keys.clicked.connect(self.keys_pressed)
        self.lock.clicked.connect(self.lock_pressed)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 0, 4, 0)
        row.setSpacing(8)
        self._wide: list[QWidget] = []
        for number, part in enumerate((self.registration, self.recording, self.devices, self.sync)):
            if number:
                edge = QFrame()
                edge.setObjectName("divider")
                edge.setFixedSize(1, 14)
                row.addWidget(edge)
                if part is self.recording:
                    self._recording_edge = edge
                if part is self.devices:
                    self._wide.append(edge)
            row.addWidget(part)
        row.addStretch(1)
        row.addWidget(self.mail)
        row.addWidget(self.agent)
        row.addWidget(self.user)
        for button in (self.theme, self.keys, self.lock):
            button.setFixedSize(28, 26)
            row.addWidget(button)
        self._wide += [self.devices, self.user, self.keys, self.theme, self.lock]
        self._compact = False
        self._retry = QTimer(self)
        self._retry.setInterval(1000)
        work.store.changed.connect(self.show_state)
        work.theme.changed.connect(lambda name: self._show_theme(name))
        self.set_compact(False)

    def set_compact(self, compact: bool) -> None:
        """Leave out what does not fit in the phone shape."""
        self._compact = compact
        self.setFixedHeight(28 if compact else 32)
        for part in self._wide:
            part.setVisible(not compact)
        self.agent.set_compact(compact)
        self.show_state(self._work.store.state)

    def show_state(self, state: PhoneState) -> None:
        """Show the state of everything."""
        self._show_registration(state)
        self._show_recording(state)
        self._show_sync(state)
        self._show_mail(state)
        if state.microphone or state.speaker:
            names = list(dict.fromkeys(n for n in (state.microphone, state.speaker) if n))
            self.devices.set("headset", tr("Headset: {name}", name=", ".join(names)))
        else:
            self.devices.set("headset", tr("No headset"), "hold.text")
        rights = self._work.rights
        self.user.set("user", f"{rights.name}, {tr(rights.role)}")

    def _show_mail(self, state: PhoneState) -> None:
        new = sum(found.new for found in state.mail.values())
        self.mail.setVisible(bool(new))
        if new:
            self.mail.set(
                "voicemail",
                str(new) if self._compact else counted(new, "{n} new message", "{n} new messages"),
                "accent.text",
            )

    def _show_theme(self, name: str) -> None:
        self.theme.set_icon("sun" if name == "dark" else "moon")

    def _show_registration(self, state: PhoneState) -> None:
        sign = self.registration
        if state.engine_problem and not state.engine_running:
            sign.set("warning", tr("The phone is starting again"), "hold.text")
            sign.setToolTip(tr(state.engine_problem))
            return
        if not state.registrations:
            sign.set("warning", tr("No account"), "hold.text")
            sign.setToolTip(tr("Add an account in Settings."))
            return
        worst = max(state.registrations.values(), key=lambda r: _SEVERITY[r.state])
        icon, words, tint = self._registration_words(worst)
        sign.set(icon, words, tint)
        sign.setToolTip(" ".join(p for p in (tr(worst.what), tr(worst.why)) if p))

    def _registration_words(self, found: Registration) -> tuple[str, str, str]:
        since = self._work.words.time(found.since)
        if found.state is RegistrationState.REGISTERED:
            words = tr("Registered")
            if found.plain:
                return "lock-open", tr("Not encrypted ({how})", how=found.plain), "hold.text"
            if found.tls and not self._compact:
                words = f"{words}, {found.tls}"
            return "lock-simple", words, "text.secondary"
        if found.state is RegistrationState.REGISTERING:
            return "arrows-clockwise", tr("Registering"), "text.secondary"
        if found.state is RegistrationState.UNREGISTERED:
            return "warning", tr("Not registered since {time}", time=since), "hold.text"
        words = tr("Not registered since {time}", time=since)
        if found.why and not self._compact:
            words = f"{words}: {tr(found.why).rstrip('.')}"
        return "warning", words, "hold.text"

    def _show_recording(self, state: PhoneState) -> None:
        calls = state.live_calls
        talking = [c for c in calls if c.established_at is not None]
        self.recording.setVisible(bool(talking))
        self._recording_edge.setVisible(bool(talking))
        if not talking:
            return
        if any(c.id in state.recording_problems for c in talking):
            self.recording.set("warning", tr("Recording failed"), "hold.text")
        elif any(c.recording is RecordingState.RECORDING for c in talking):
            self.recording.set("record-dot", tr("Recording"), "stop.text")
        elif any(c.recording is RecordingState.PAUSED for c in talking):
            self.recording.set("pause", tr("Recording paused"), "hold.text")
        else:
            self.recording.set("circle", tr("Not recording"))

    def _show_sync(self, state: PhoneState) -> None:
        if state.sync_problem:
            words = tr("Not synchronised, {n} waiting", n=state.sync_waiting)
            words = tr("Not synchronised") if self._compact else words
            self.sync.set("warning", words, "hold.text")
            self.sync.setToolTip(tr(state.sync_problem))
            return
        self.sync.setToolTip("")
        if state.sync_confirmed_at is None:
            only = tr("Local") if self._compact else tr("This workstation only")
            self.sync.set("desktop", only)
            return
        time = self._work.words.time(state.sync_confirmed_at)
        words = tr("Sync confirmed {time}", time=time)
        if self._compact:
            self.sync.set("arrows-clockwise", tr("Synced {time}", time=time))
            return
        if state.sync_waiting:
            words = tr("{done}, {n} waiting", done=words, n=state.sync_waiting)
        self.sync.set("arrows-clockwise", words)


_SEVERITY = {
    RegistrationState.REGISTERED: 0,
    RegistrationState.REGISTERING: 1,
    RegistrationState.UNREGISTERED: 2,
    RegistrationState.FAILED: 3,
}
