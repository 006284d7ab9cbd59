"""The recordings of calls: which are recorded, what interrupts them, and what follows a transfer.

A recording's state and its effect are one thing: nothing is captured while it is paused, on hold,
or between the two calls of a transfer, and each such stretch is a gap with its reason.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from softphone.app.media import SAMPLE_RATE_HZ, NoticeSounds, Spoken
from softphone.app.ports import RecordingPlan
from softphone.domain.call import Call, RecordingState
from softphone.domain.call_policy import Notice
from softphone.domain.events import (
    EngineEvent,
    NoticeHeard,
    RecordingPaused,
    RecordingResumed,
    RecordingStarted,
)
from softphone.domain.ids import AccountId, CallId, RecordingId, new_id
from softphone.domain.permissions import RecordingMode
from softphone.domain.recording import GapReason, RecordingOrder
from softphone.engine.notice import NoticeSource
from softphone.engine.recorder import Recorder, Take
from softphone.engine.stack import StackTaps

Shown = tuple[RecordingState, RecordingId | None, str]
"""State, identifier, and whom it is sealed for."""
NOT_RECORDED: Shown = (RecordingState.OFF, None, "")


class CallRecordings:
    """Takes by call; lives on the SIP thread."""

    def __init__(
        self,
        recorder: Recorder,
        taps: Callable[[], StackTaps],
        tell: Callable[[EngineEvent], None],
        notices: NoticeSounds,
    ) -> None:
        self._recorder = recorder
        self._taps = taps
        self._tell = tell
        self._notices = notices
        self.plan: RecordingPlan | None = None
        self.accounts: dict[AccountId, str] = {}
        """Addresses of record, for rules."""
        self._takes: dict[CallId, Take] = {}
        self._shown: dict[CallId, Shown] = {}
        self._asked: dict[CallId, GapReason] = {}
        self._paused: dict[CallId, GapReason] = {}
        self._held: set[CallId] = set()
        self._orphans: dict[CallId, CallId] = {}
        self._legs: dict[CallId, frozenset[CallId]] = {}
        self._not_to_record: set[CallId] = set()
        self._sounding: dict[CallId, NoticeSource] = {}
        self._languages: dict[CallId, str] = {}
        self._announced: dict[CallId, Spoken] = {}
        self._people: dict[CallId, str] = {}
        """Whose voice a recording has in a call: the far side's number."""

    def shown(self, call: Call) -> Shown:
        """Return what is shown of a call's recording."""
        state, recording, label = self._shown.get(call.id, NOT_RECORDED)
        if not call.live and state is not RecordingState.FAILED:
            state = RecordingState.OFF
        return state, recording, label

    def forget(self, call: CallId) -> None:
        """Drop what is known of an ended call."""
        self._not_to_record.discard(call)
        self._shown.pop(call, None)
        self._asked.pop(call, None)
        self._languages.pop(call, None)
        self._announced.pop(call, None)
        self._people.pop(call, None)

    def use_language(self, call: CallId, language: str) -> None:
        """Announce in this language, if the announcement is still to come."""
        self._languages[call] = language

    # --- following the calls --------------------------------------------------------------------

    def established(self, call: Call) -> None:
        """Begin where the rules say so; go on with the recording of a call this one replaces."""
        before = call.replaces
        if before in self._not_to_record:
            self._not_to_record.add(call.id)
        if before is not None and before in self._takes:
            self._hand_on(before, call)
        elif self.plan is not None and self.plan.mode is RecordingMode.AUTOMATIC:
            self.start(call)

    def changed(self, call: Call, calls: Mapping[CallId, Call]) -> None:
        """Follow holds and conferences of a live call."""
        if call.id not in self._takes:
            return
        held = call.held_by_us or call.held_by_them
        if held != (call.id in self._held):
            (self._held.add if held else self._held.discard)(call.id)
            self._settle(call.id)
        together = frozenset(c.id for c in calls.values() if c.conference and c.live)
        for one in self._takes:
            legs = together - {one} if one in together else frozenset()
            for leg in sorted(legs ^ self._legs.get(one, frozenset())):
                self._recorder.mark(self._takes[one], GapReason.CONFERENCE, leg)
            self._legs[one] = legs

    def ended(self, call: Call, calls: Mapping[CallId, Call]) -> None:
        """Seal, unless the far side has moved us to a call that is not answered yet."""
        heir = next((c for c in calls.values() if c.live and c.replaces == call.id), None)
        if call.id in self._takes and heir is not None:
            self._orphans[heir.id] = call.id
            self._detach(call.id)
            self._settle(call.id)
            return
        self.stop(call.id)
        before = self._orphans.pop(call.id, None)
        if before is not None:
            self.stop(before)

    # --- deeds ----------------------------------------------------------------------------------

    def start(self, call: Call) -> None:
        """Begin a recording where plan and rules permit."""
        plan = self.plan
        if plan is None or call.id in self._takes or plan.mode is RecordingMode.OFF:
            return
        if call.id in self._not_to_record:
            return
        address = self.accounts.get(call.account, "")
        permitted = plan.calls.records(call.direction, address, call.number, plan.agent)
        if not plan.targets or not call.live or not permitted:
            return
        recording = RecordingId(new_id())
        order = RecordingOrder(
            recording=recording,
            call=call.id,
            agent=plan.agent,
            team=plan.team,
            direction=call.direction,
            number=call.number,
            started_at=datetime.now(UTC),
            codec=plan.codec,
            sample_rate_hz=SAMPLE_RATE_HZ,
            targets=plan.targets,
        )
        take = self._takes[call.id] = self._recorder.start(order)
        label = plan.targets[0].label
        self._shown[call.id] = (RecordingState.RECORDING, recording, label)
        self._people[call.id] = call.number
        self._taps().attach_recording(call.id, take.agent, take.customer)
        self._sound(call.id, plan)
        self._tell(RecordingStarted(call.id, recording, label))
        self._beeps(call.id, plan)

    def pause(self, call: CallId, reason: GapReason) -> None:
        """Capture nothing until resumed, hold or no hold."""
        if call in self._takes:
            self._asked[call] = reason
            self._settle(call)

    def resume(self, call: CallId) -> None:
        """Take back a pause; a hold still captures nothing."""
        # A click may come when the call has just ended and its take with it.
        if self._asked.pop(call, None) is not None and call in self._takes:
            self._settle(call)

    def withdraw(self, call: CallId) -> None:
        """End the take, and begin none in this call until it is permitted again."""
        self._not_to_record.add(call)
        self.stop(call)
        if call in self._shown:
            _, recording, label = self._shown[call]
            self._shown[call] = (RecordingState.OFF, recording, label)

    def permit(self, call: Call) -> None:
        """Take a withdrawal back; an automatic recording begins anew."""
        self._not_to_record.discard(call.id)
        automatic = self.plan is not None and self.plan.mode is RecordingMode.AUTOMATIC
        if automatic and call.established_at is not None:
            self.start(call)

    def stop(self, call: CallId) -> None:
        """Seal a recording."""
        take = self._takes.pop(call, None)
        self._held.discard(call)
        self._paused.pop(call, None)
        self._legs.pop(call, None)
        if take is not None:
            self._detach(call)
            self._recorder.finish(take)

    def failed(self, call: CallId) -> None:
        """Show a recording as failed, and take its taps away."""
        owner = next((c for c, t in self._takes.items() if t.order.call == call), call)
        self.stop(owner)
        if owner in self._shown:
            _, recording, label = self._shown[owner]
            self._shown[owner] = (RecordingState.FAILED, recording, label)

    def tick(self) -> None:
        """Take away notices that have been heard to their end."""
        for call, source in tuple(self._sounding.items()):
            if source.done:
                self._hush(call)
                if call in self._takes:
                    spoken = self._announced[call]
                    number = self._people[call]
                    self._tell(NoticeHeard(call, number, False, spoken.language, spoken.version))

    # --- inside ---------------------------------------------------------------------------------

    def _sound(self, call: CallId, plan: RecordingPlan) -> None:
        if plan.calls.notice is Notice.NONE:
            return
        beep = plan.calls.notice is Notice.BEEP
        pcm = self._notices.beep() if beep else self._announcement(call)
        source = NoticeSource(pcm, max(plan.calls.beep_every_s, 2) if beep else 0)
        self._sounding[call] = source
        self._taps().attach_notice(call, source)

    def _beeps(self, call: CallId, plan: RecordingPlan) -> None:
        if plan.calls.notice is Notice.BEEP:
            self._tell(NoticeHeard(call, self._people[call], beep=True))

    def _announcement(self, call: CallId) -> bytes:
        spoken = self._notices.announcement(self._languages.get(call, ""))
        self._announced[call] = spoken
        return spoken.pcm

    def _hush(self, call: CallId) -> None:
        if self._sounding.pop(call, None) is not None:
            self._taps().detach_notice(call)

    def _detach(self, call: CallId) -> None:
        self._hush(call)
        self._taps().detach_recording(call)

    def _hand_on(self, before: CallId, call: Call) -> None:
        """Go on with a transferred call's recording, unless who is there now is not recorded.

        The conversation keeps its direction: it is one, whoever placed its later calls.
        """
        plan, order = self.plan, self._takes[before].order
        address = self.accounts.get(call.account, "")
        if plan is None or plan.calls.records(order.direction, address, call.number, plan.agent):
            self._move(before, call)
            return
        self._orphans.pop(call.id, None)
        self.stop(before)

    def _move(self, before: CallId, call: Call) -> None:
        """Let the recording of a transferred call go on in the call that replaces it."""
        if before in self._orphans.values():
            self._orphans.pop(call.id, None)
        else:
            self._detach(before)
        take = self._takes.pop(before)
        self._held.discard(before)
        self._takes[call.id] = take
        if before in self._paused:
            self._paused[call.id] = self._paused.pop(before)
        if before in self._asked:
            self._asked[call.id] = self._asked.pop(before)
        shown = self._shown[call.id] = self._shown.get(before, NOT_RECORDED)
        self._shown[before] = (RecordingState.OFF, *shown[1:])
        self._recorder.mark(take, GapReason.TRANSFER, call.id)
        take.begin_anew()
        self._people[call.id] = call.number
        self._taps().attach_recording(call.id, take.agent, take.customer)
        another = call.number != self._people.get(before)
        if self.plan is not None and (another or self.plan.calls.notice is Notice.BEEP):
            self._sound(call.id, self.plan)
        if self.plan is not None and another:
            self._beeps(call.id, self.plan)
        self._settle(call.id)

    def _settle(self, call: CallId) -> None:
        """Bring the take in step with what was asked for and with the hold."""
        take = self._takes[call]
        reason = self._asked.get(call)
        if reason is None and call in self._held:
            reason = GapReason.HOLD
        if reason is None and call in self._orphans.values():
            reason = GapReason.TRANSFER
        if reason is self._paused.get(call) or take.failed:
            return
        if self._paused.pop(call, None) is not None:
            self._recorder.resume(take)
        if reason is not None:
            self._paused[call] = reason
            self._recorder.pause(take, reason)
        _, recording, label = self._shown[call]
        state = RecordingState.PAUSED if reason is not None else RecordingState.RECORDING
        self._shown[call] = (state, recording, label)
        identifier = take.order.recording
        self._tell(
            RecordingPaused(call, identifier, reason)
            if reason is not None
            else RecordingResumed(call, identifier)
        )
