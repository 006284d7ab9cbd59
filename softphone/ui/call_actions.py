"""What can be done with calls, for buttons, shortcuts and the command line alike."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from softphone.app.campaigns import Clearance
from softphone.domain.call import Call, CallState, RecordingState
from softphone.domain.contact import Contact
from softphone.domain.errors import InvalidInput, Refused
from softphone.domain.recording import GapReason
from softphone.ui.dispatcher import OnError
from softphone.ui.store import main_call, ringing_calls
from softphone.ui.words import call_name
from softphone.ui.workplace import Workplace


class CallActions(QObject):
    """Acts on the call that is shown large unless told which."""

    contacts_changed = Signal()

    def __init__(self, work: Workplace, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._work = work
        self._contacts: dict[str, Contact | None] = {}

    @property
    def main(self) -> Call | None:
        """The call that is shown large."""
        return main_call(self._work.store.state.live_calls)

    @property
    def ringing(self) -> tuple[Call, ...]:
        """Calls that wait for an answer."""
        return ringing_calls(self._work.store.state.live_calls)

    def contact(self, call: Call) -> Contact | None:
        """Return the contact of a call as far as known; asks once and tells when it came."""
        if call.number and call.number not in self._contacts:
            self._contacts[call.number] = None
            number = call.number
            self._work.ask(
                self,
                lambda: self._work.desk.people.find(number),
                lambda found: self._found(number, found),
            )
        return self._contacts.get(call.number)

    def name(self, call: Call) -> str:
        """Return who a call is with."""
        contact = self.contact(call)
        return call_name(call, contact.name if contact else "")

    def forget_contacts(self) -> None:
        """Look names up again: contacts changed."""
        self._contacts.clear()
        self.contacts_changed.emit()

    def dial(self, text: str, on_error: OnError | None = None) -> None:
        """Call what was typed; the call that is on is put on hold."""
        current, free = self.main, self._line_is_free

        def begin() -> None:
            _need(free)
            if current is not None and current.state is CallState.ESTABLISHED:
                self._work.office.phone.hold(current.id, True)
            self._work.desk.calls.dial(text)

        self._work.ask(self, begin, lambda _done: None, on_error)

    def dial_marketing(
        self, text: str, reason: str, on_error: OnError, on_refused: Callable[[Clearance], None]
    ) -> None:
        """Call for marketing: a basis is looked for first; what is missing is told."""
        campaigns = self._work.desk.campaigns

        def refused(error: Exception) -> None:
            on_error(error)
            if isinstance(error, Refused):
                self._work.ask(self, lambda: campaigns.clear(text), on_refused, on_error)

        self._work.ask(self, lambda: campaigns.dial(text, reason), lambda _done: None, refused)

    def transfer(self, text: str, on_done: Callable[[], None], on_error: OnError) -> None:
        """Send the caller to what was typed, without asking there first."""
        call = self.main
        if call is not None:
            calls, id_ = self._work.desk.calls, call.id
            self._work.ask(
                self, lambda: calls.transfer(id_, text), lambda _none: on_done(), on_error
            )

    def ask_first(self, text: str, on_done: Callable[[], None], on_error: OnError) -> None:
        """Hold the caller and call what was typed."""
        calls, free = self._work.desk.calls, self._line_is_free

        def begin() -> None:
            _need(free)
            calls.dial(calls.resolve(text))

        self._work.ask(self, begin, lambda _none: on_done(), on_error)

    @property
    def _line_is_free(self) -> bool:
        state = self._work.store.state
        return len(state.live_calls) < state.build.lines

    @property
    def on_hold(self) -> Call | None:
        """The call that waits beside the one that is on; of several, the one last put there."""
        main, store = self.main, self._work.store
        waiting = [
            c
            for c in store.state.live_calls
            if c.held_by_us and main is not None and c.id != main.id
        ]
        since = store.held_since
        return max(waiting, key=lambda c: since[c.id], default=None)

    def connect_both(self, on_error: OnError) -> None:
        """Connect the held call with the one that is on, and leave."""
        call, held, calls = self.main, self.on_hold, self._work.desk.calls
        if call is not None and held is not None:
            first, second = held.id, call.id
            self._work.ask(self, lambda: calls.connect(first, second), lambda _none: None, on_error)

    def conference(self) -> None:
        """Speak with both at once."""
        call, held = self.main, self.on_hold
        if call is not None and held is not None:
            self._work.office.phone.conference(held.id, call.id)

    def answer(self, call: Call | None = None) -> None:
        """Answer the call that rang first; the call that is on is put on hold."""
        wanted = call or next(iter(self.ringing), None)
        if wanted is None:
            return
        current = self.main
        if current is not None and current.state is CallState.ESTABLISHED:
            self._work.office.phone.hold(current.id, True)
        self._work.office.phone.answer(wanted.id)

    def hang_up(self, call: Call | None = None, status: int = 0) -> None:
        """End the call that is shown large, or decline the one that rings (with a reason)."""
        wanted = call or self.main or next(iter(self.ringing), None)
        if wanted is not None:
            self._work.office.phone.hang_up(wanted.id, status)

    def redial(self, on_error: OnError | None = None) -> None:
        """Call again whom the person called last."""
        calls = self._work.desk.calls
        self._work.ask(self, calls.redial, lambda _id: None, on_error)

    def toggle_mute(self) -> None:
        """Mute or unmute."""
        call = self.main
        if call is not None and call.established_at is not None:
            self._work.office.phone.mute(call.id, not call.muted)

    def toggle_hold(self) -> None:
        """Hold or resume."""
        call = self.main
        if call is not None and call.established_at is not None:
            self._work.office.phone.hold(call.id, not call.held_by_us)

    def swap(self, call: Call) -> None:
        """Go on with a held call; the one that is on is put on hold."""
        current = self.main
        if current is not None and current.id != call.id and current.state is CallState.ESTABLISHED:
            self._work.office.phone.hold(current.id, True)
        self._work.office.phone.hold(call.id, False)

    def toggle_recording(self, reason: GapReason = GapReason.CARD_PAYMENT) -> None:
        """Pause, resume, or begin recording."""
        call = self.main
        if call is None or call.established_at is None:
            return
        phone = self._work.office.phone
        if call.recording is RecordingState.RECORDING:
            phone.pause_recording(call.id, reason)
        elif call.recording is RecordingState.PAUSED:
            phone.resume_recording(call.id)
        else:
            phone.start_recording(call.id)

    def digits(self, digits: str) -> None:
        """Send tones."""
        call = self.main
        if call is not None:
            self._work.office.phone.send_dtmf(call.id, digits)

    def _found(self, number: str, contact: Contact | None) -> None:
        self._contacts[number] = contact
        if contact is not None:
            self.contacts_changed.emit()


def _need(free: bool) -> None:
    """Refuse a call for which there is no line. Raises InvalidInput."""
    if not free:
        raise InvalidInput(
            "The call was not placed.", "All lines are in use.", "End one of your calls first."
        )
