"""Whether the agent takes calls, and what happens to those they do not take."""

from __future__ import annotations

from dataclasses import replace

from softphone.app.numbers import normalise
from softphone.app.ports import Phone
from softphone.app.session import Session
from softphone.domain.agent import AgentState
from softphone.domain.audit import Action, DataCategory
from softphone.domain.call import Availability
from softphone.domain.errors import InvalidInput
from softphone.domain.permissions import Permission


class Duty:
    """Use cases of the agent's own state; runs on the vault's thread."""

    def __init__(self, session: Session, phone: Phone) -> None:
        self._session = session
        self._phone = phone

    def reasons(self) -> tuple[str, ...]:
        """Return the reasons for a break that the policy knows."""
        return self._session.vault.policy.calls.break_reasons

    def enter(self, state: AgentState, reason: str = "") -> None:
        """Take calls, or do not and say why. Raises InvalidInput, Refused."""
        if state is AgentState.BREAK and reason not in self.reasons():
            raise InvalidInput(
                "Your state was not changed.",
                "A break needs one of the reasons that your organisation knows.",
                f"Choose one of: {', '.join(self.reasons())}.",
            )
        draft = self._session.permit(
            Permission.CALLS_PLACE,
            Action.AGENT_STATE_CHANGED,
            DataCategory.NONE,
            owner=self._session.user,
            detail={"state": state.value, "reason": reason},
        )
        self._session.vault.append_audit(draft)
        self._phone.set_agent_state(state, "" if state is AgentState.AVAILABLE else reason)

    def set_availability(self, availability: Availability) -> None:
        """Set what happens to incoming calls: forward, do not disturb, answer. Raises Refused."""
        draft = self._session.permit(
            Permission.CALLS_PLACE,
            Action.AVAILABILITY_CHANGED,
            DataCategory.NONE,
            owner=self._session.user,
        )
        self._session.vault.append_audit(draft)
        self._phone.set_availability(availability)

    def send_on(self, wish: Availability) -> None:
        """Send callers to these targets as people write them. Raises InvalidInput, Refused."""
        region = self._session.vault.policy.default_region

        def target(text: str) -> str:
            return normalise(text.strip(), region) if text.strip() else ""

        self.set_availability(
            replace(
                wish,
                forward_always=target(wish.forward_always),
                forward_busy=target(wish.forward_busy),
                forward_no_answer=target(wish.forward_no_answer),
            )
        )
