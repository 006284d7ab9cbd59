"""Whose policy holds: publish to the fleet, or follow the one who does."""

from __future__ import annotations

from softphone.app.bus import Bus
from softphone.app.ports.fleet import FleetState
from softphone.app.session import Session
from softphone.domain.audit import Action, DataCategory
from softphone.domain.events import HistoryChanged
from softphone.domain.permissions import EndorsedDevice, Permission


class Fleet:
    """Use cases around the fleet's policy and its workstations; runs on the vault's thread."""

    def __init__(self, session: Session, bus: Bus) -> None:
        self._session = session
        self._bus = bus

    def state(self) -> FleetState:
        """Return whose policy holds here; no right is needed to see whose rules one works under."""
        return self._session.vault.fleet_state()

    def own_key(self) -> tuple[str, str]:
        """Return this workstation's identifier and the key that others endorse."""
        return self._session.vault.device, self._session.vault.log_key

    def devices(self) -> tuple[EndorsedDevice, ...]:
        """Return whose erasures are believed; nobody's without the right to manage the policy."""
        if not self._session.look(
            Permission.POLICY_MANAGE, Action.LIST_READ, DataCategory.SETTINGS
        ):
            return ()
        return self._session.vault.policy.devices

    def waiting(self) -> int:
        """Return how many erasures wait for their workstation to be endorsed."""
        return self._session.vault.held_back()

    def publish(self) -> None:
        """Offer these rules to the fleet, now and after each change. Raises Refused."""
        draft = self._session.permit(
            Permission.POLICY_MANAGE,
            Action.POLICY_FOLLOWED,
            DataCategory.RIGHTS,
            detail={"publishes": "yes"},
        )
        self._session.vault.publish_to_fleet(draft)
        self._changed()

    def follow(self, policy_key: str) -> None:
        """Take the rules from whoever holds this key, from now on. Raises Refused, InvalidInput.

        The key must come from that workstation itself, never from the server.
        """
        self._follow(policy_key)

    def unfollow(self) -> None:
        """Follow nobody: the rules stay, nobody's erasures are believed. Raises Refused."""
        self._follow("")

    def _follow(self, policy_key: str) -> None:
        draft = self._session.permit(
            Permission.POLICY_MANAGE,
            Action.POLICY_FOLLOWED,
            DataCategory.RIGHTS,
            detail={"follows": policy_key.strip()},
        )
        self._session.vault.follow_policy(policy_key, draft)
        self._changed()

    def _changed(self) -> None:
        self._bus.publish(HistoryChanged(frozenset({"policy", "audit"})))
