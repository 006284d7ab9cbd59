"""Whether the agent takes calls, and why not."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from softphone.domain.call import Availability


class AgentState(StrEnum):
    """What the agent is doing, as far as calls go."""

    AVAILABLE = "available"
    BREAK = "break"
    AFTER_CALL_WORK = "after_call_work"


@dataclass(frozen=True, slots=True)
class AgentStatus:
    """A state with its reason; times are UTC. ``until`` is when it ends by itself, if it does.

    ``wish`` is what happens to calls while the agent is available.
    """

    state: AgentState = AgentState.AVAILABLE
    reason: str = ""
    since: datetime | None = None
    until: datetime | None = None
    wish: Availability = field(default_factory=Availability)

    @property
    def takes_calls(self) -> bool:
        """Whether calls are put through."""
        return self.state is AgentState.AVAILABLE


class LineState(StrEnum):
    """What a watched line is doing (RFC 4235)."""

    UNKNOWN = "unknown"
    FREE = "free"
    RINGING = "ringing"
    BUSY = "busy"
