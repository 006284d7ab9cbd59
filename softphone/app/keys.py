"""New keys of the listeners after a compromise."""

from __future__ import annotations

from dataclasses import dataclass

from softphone.app.bus import Bus
from softphone.app.session import Session
from softphone.domain.audit import Action, DataCategory
from softphone.domain.events import HistoryChanged
from softphone.domain.permissions import Permission

BATCH = 500
"""Headers a transaction."""


@dataclass(frozen=True, slots=True)
class KeysReplaced:
    """What was done: new epochs begun, and headers wrapped anew."""

    epochs: int
    rewrapped: int


class Keys:
    """Use cases around the listeners' keys; runs on the vault's thread.

    Two persons take part, as granting is not hearing: whoever manages the policy begins new
    epochs, and whoever may listen wraps the headers that only they can open.
    """

    def __init__(self, session: Session, bus: Bus) -> None:
        self._session = session
        self._bus = bus

    def replace(self) -> KeysReplaced:
        """Do as much of it as the signed-in person may. Raises Refused when that is nothing."""
        epochs = rewrapped = 0
        listens = self._session.may(Permission.RECORDINGS_LISTEN).allowed
        if self._session.may(Permission.POLICY_MANAGE).allowed or not listens:
            draft = self._session.permit(
                Permission.POLICY_MANAGE, Action.KEYS_REPLACED, DataCategory.RIGHTS
            )
            epochs = self._session.vault.replace_group_keys(draft)
        if listens:
            draft = self._session.permit(
                Permission.RECORDINGS_LISTEN, Action.KEYS_REPLACED, DataCategory.RECORDING
            )
            while count := self._session.vault.rewrap_recordings(draft, BATCH):
                rewrapped += count
        self._bus.publish(HistoryChanged(frozenset({"policy", "recordings", "audit"})))
        return KeysReplaced(epochs, rewrapped)
