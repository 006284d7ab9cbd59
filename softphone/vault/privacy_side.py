"""The privacy centre's side of an unlocked vault: registers, requests, restrictions, retention."""

from __future__ import annotations

from softphone.domain.audit import AuditDraft
from softphone.domain.ids import DeviceId
from softphone.domain.retention import RetentionRule
from softphone.vault.leave_order import leave_ordered, order_leaving
from softphone.vault.registers import Registers
from softphone.vault.requests import Requests
from softphone.vault.restrictions import Restrictions
from softphone.vault.retention import Retention
from softphone.vault.stores import Stores


class PrivacySide:
    """``PrivacyStores``."""

    _stores: Stores

    @property
    def registers(self) -> Registers:
        """The registers that the law asks for."""
        return self._stores.registers

    @property
    def requests(self) -> Requests:
        """What data subjects asked for."""
        return self._stores.requests

    @property
    def restrictions(self) -> Restrictions:
        """Restricted processing, legal holds, rectifications."""
        return self._stores.restrictions

    @property
    def retention(self) -> Retention:
        """What goes by itself."""
        return self._stores.retention

    def set_retention(self, rules: tuple[RetentionRule, ...], draft: AuditDraft) -> None:
        """Publish a policy with these rules. Raises Refused (no policy key)."""
        self._stores.people.set_retention(rules, draft)
        self._stores.sign_head()

    def order_leaving(self, device: DeviceId, draft: AuditDraft) -> None:
        """Order another workstation to destroy everything. Raises InvalidInput, NotFound."""
        order_leaving(self._stores.core, device, draft)

    def leave_ordered(self) -> bool:
        """Whether an endorsed workstation ordered this one to destroy everything."""
        return leave_ordered(self._stores.core)
