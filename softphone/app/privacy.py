"""Answering a data subject: the file as a workbook, and erasure."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from softphone.app.bus import Bus
from softphone.app.ports import WorkbookWriter
from softphone.app.session import Session
from softphone.domain.audit import Action, DataCategory
from softphone.domain.events import HistoryChanged
from softphone.domain.ids import ContactId
from softphone.domain.permissions import Permission
from softphone.domain.privacy import ErasurePlan, ErasureReason, ErasureReceipt, ErasureStep


class Privacy:
    """Use cases of the privacy centre; runs on the vault's thread."""

    def __init__(self, session: Session, workbooks: WorkbookWriter, bus: Bus) -> None:
        self._session = session
        self._workbooks = workbooks
        self._bus = bus

    def export_contact(self, contact: ContactId, destination: Path, time_zone: str) -> Path:
        """Write everything held about a contact as an Excel workbook. Raises Refused."""
        draft = self._session.permit(
            Permission.CONTACTS_EXPORT, Action.CONTACT_EXPORTED, DataCategory.WHOLE_RECORD, contact
        )
        data = self._session.vault.contact_file(contact, draft)
        self._workbooks.write(
            data,
            destination,
            self._session.vault.user.name,
            self._session.clock.now(),
            time_zone,
        )
        self._bus.publish(HistoryChanged(frozenset({"audit"})))
        return destination

    def plan(self, contact: ContactId) -> ErasurePlan:
        """Count what would go. Raises Refused."""
        self._session.permit(
            Permission.CONTACTS_ERASE, Action.ERASURE_INTENDED, DataCategory.WHOLE_RECORD, contact
        )
        return self._session.vault.plan_erasure(contact)

    def erase(
        self,
        contact: ContactId,
        reason: ErasureReason = ErasureReason.SUBJECT_REQUEST,
        on_step: Callable[[ErasureStep], None] = lambda _step: None,
    ) -> ErasureReceipt:
        """Erase a person. Raises Refused, StorageFailed."""
        self._session.permit(
            Permission.CONTACTS_ERASE, Action.ERASURE_INTENDED, DataCategory.WHOLE_RECORD, contact
        )
        receipt = self._session.vault.erase_contact(contact, reason, on_step)
        self._bus.publish(
            HistoryChanged(frozenset({"calls", "recordings", "contacts", "notes", "audit"}))
        )
        return receipt
