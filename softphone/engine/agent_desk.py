"""The agent's state in the phone itself: it holds while the window is gone."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from softphone.domain.agent import AgentState, AgentStatus
from softphone.domain.call import Availability, Call


class AgentDesk:
    """Whether calls are put through; after-call work begins and ends by itself."""

    def __init__(
        self,
        tell: Callable[[AgentStatus], None],
        apply: Callable[[Availability], None],
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """``tell`` gets each new status, ``apply`` what is to happen to incoming calls."""
        self._tell = tell
        self._apply = apply
        self._now = now
        self.status = AgentStatus(since=now())
        self.after_call_work_s = 0

    def wish(self, availability: Availability) -> None:
        """Set what happens to calls while the agent is available."""
        if availability == self.status.wish:
            return
        self.status = replace(self.status, wish=availability)
        self._apply(self._in_force())
        self._tell(self.status)

    def enter(self, state: AgentState, reason: str = "", until: datetime | None = None) -> None:
        """Go to a state; the same one with the same reason changes nothing."""
        if (state, reason) == (self.status.state, self.status.reason):
            return
        self.status = AgentStatus(state, reason, self._now(), until, self.status.wish)
        self._apply(self._in_force())
        self._tell(self.status)

    def call_ended(self, call: Call, others: Collection[Call]) -> None:
        """Begin after-call work when the last call that was answered is over."""
        talked = call.established_at is not None
        if not talked or not self.after_call_work_s or any(other.live for other in others):
            return
        if self.status.state is AgentState.AVAILABLE:
            until = self._now() + timedelta(seconds=self.after_call_work_s)
            self.enter(AgentState.AFTER_CALL_WORK, until=until)

    def tick(self) -> None:
        """End what ends by itself."""
        until = self.status.until
        if until is not None and self._now() >= until:
            self.enter(AgentState.AVAILABLE)

    def _in_force(self) -> Availability:
        if self.status.takes_calls:
            return self.status.wish
        return replace(self.status.wish, do_not_disturb=True)
