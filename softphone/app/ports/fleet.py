"""The policy of a whole fleet, as synchronisation and the use cases see it in the vault."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from softphone.domain.audit import AuditDraft


@dataclass(frozen=True, slots=True)
class FleetState:
    """Whose policy holds here. Times are UTC.

    ``policy_key`` is this workstation's own, for others to follow; ``follows`` the one that it
    follows, empty when it follows nobody; ``version`` 0 before the first policy came.
    """

    policy_key: str
    publishes: bool
    follows: str
    version: int = 0
    issued_at: datetime | None = None
    not_after: datetime | None = None


class FleetSource(Protocol):
    """What comes from and goes to the server about the fleet's policy."""

    def policy_etag(self) -> str | None:
        """Return the ETag of the fleet's policy kept here, empty at first; None: nobody's."""
        ...

    def receive_policy(self, note: bytes, etag: str) -> bool:
        """Put a newer policy of the followed key in force (audited); returns whether it is new.

        Raises ServerMisbehaved (audited) for one that is forged, older than the one in force,
        another of the same version, or expired.
        """
        ...

    def policy_to_publish(self) -> str:
        """Return the signed policy that waits for the server, or an empty string."""
        ...

    def policy_published(self, note: str) -> None:
        """The server has it."""
        ...


class FleetStore(Protocol):
    """What an administrator decides about the fleet's policy."""

    def fleet_state(self) -> FleetState:
        """Return whose policy holds here."""
        ...

    def follow_policy(self, policy_key: str, draft: AuditDraft) -> None:
        """Publish a policy that follows the fleet's; an empty key ends it.

        Raises InvalidInput (no usable key, own key), Refused (no policy key).
        """
        ...

    def publish_to_fleet(self, draft: AuditDraft) -> None:
        """Offer this workstation's rules to the fleet, now and after each change.

        Raises Refused (no policy key, or it follows another one).
        """
        ...
