"""Answering a data subject: the file as a workbook, and erasure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from softphone.app.bus import Bus
from softphone.app.ports import Delivery, OnRow, OpenFile, WorkbookWriter
from softphone.app.session import Session
from softphone.domain.audit import Action, DataCategory, Result
from softphone.domain.errors import InvalidInput, Refused
from softphone.domain.events import HistoryChanged
from softphone.domain.ids import ContactId, NoteId
from softphone.domain.passwords import check_password
from softphone.domain.permissions import Permission
from softphone.domain.privacy import (
    ErasurePlan,
    ErasureProof,
    ErasureReason,
    ErasureReceipt,
    ErasureStep,
    RestrictionKind,
)
from softphone.domain.receipt import parse_receipt, receipt_json


class Privacy:
    """Use cases of the privacy centre; runs on the vault's thread."""

    def __init__(
        self,
        session: Session,
        workbooks: WorkbookWriter,
        bus: Bus,
        delivery: Delivery | None = None,
    ) -> None:
        self._session = session
        self._delivery = delivery
        self._workbooks = workbooks
        self._bus = bus

    def export_contact(
        self,
        contact: ContactId,
        destination: Path,
        time_zone: str,
        passphrase: str = "",
        on_row: OnRow = lambda _done: True,
    ) -> Path:
        """Write everything held about a contact as an Excel workbook.

        With a passphrase the workbook is handed out as an age file. Raises Refused, InvalidInput
        (a weak passphrase), StorageFailed, Cancelled, NotFound (erased meanwhile).
        """
        if passphrase:
            check_password(passphrase, (self._session.vault.user.name,))
        draft = self._session.permit(
            Permission.CONTACTS_EXPORT,
            Action.CONTACT_EXPORTED,
            DataCategory.WHOLE_RECORD,
            contact,
            detail={"sealed": "yes" if passphrase else "no"},
        )
        delivery = self._opened(destination, passphrase)
        vault = self._session.vault
        data = vault.contact_file(contact, draft)

        def going_on(done: int) -> bool:
            vault.contact(contact)  # who was erased meanwhile is not handed out
            return on_row(done)

        self._workbooks.write(
            data,
            destination,
            vault.user.name,
            self._session.clock.now(),
            time_zone,
            delivery=delivery,
            on_row=going_on,
        )
        self._bus.publish(HistoryChanged(frozenset({"audit"})))
        return destination

    def _opened(self, destination: Path, passphrase: str) -> OpenFile | None:
        if not passphrase:
            return None
        if self._delivery is None:
            raise InvalidInput("Nothing was exported.", "This program seals no files.")
        return self._delivery.open(destination, passphrase)

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
        mentions: tuple[NoteId, ...] = (),
    ) -> ErasureReceipt:
        """Erase a person, and the chosen notes of others that mention them.

        Under a legal hold nothing goes: the erasure is queued, and the refusal, which is written,
        says who decided. Raises Refused, StorageFailed.
        """
        draft = self._session.permit(
            Permission.CONTACTS_ERASE, Action.ERASURE_INTENDED, DataCategory.WHOLE_RECORD, contact
        )
        vault = self._session.vault
        try:
            receipt = vault.erase_contact(contact, reason, on_step, mentions)
        except Refused:
            refused = replace(draft, result=Result.REFUSED, detail={"reason": reason.value})
            held = {one.kind for one in vault.restrictions.of_contact(contact)}
            if RestrictionKind.HELD in held:
                vault.restrictions.queue_erasure(contact, refused)
            else:  # the hold is on somebody else, who is heard in one of the recordings
                vault.append_audit(refused)
            self._bus.publish(HistoryChanged(frozenset({"restrictions", "audit"})))
            raise
        self._bus.publish(
            HistoryChanged(
                frozenset({"calls", "recordings", "contacts", "notes", "requests", "audit"})
            )
        )
        return receipt

    def prove_erased(
        self, text: str, words: Sequence[str], folders: Sequence[Path] = ()
    ) -> ErasureProof:
        """Check a receipt (JSON text) and search every byte here for words about the person.

        Files in the folders that hold one of them are named and left alone. The words are not
        written anywhere. Raises Refused, InvalidInput, NotFound, ProofInvalid.
        """
        read = parse_receipt(text)
        draft = self._session.permit(
            Permission.CONTACTS_ERASE,
            Action.REMAINS_SEARCHED,
            DataCategory.WHOLE_RECORD,
            read.receipt.erasure,
        )
        wanted = tuple(dict.fromkeys(word.strip() for word in words if word.strip()))
        proof = self._session.vault.prove_erased(read, wanted, folders, draft)
        self._bus.publish(HistoryChanged(frozenset({"audit"})))
        return proof

    def receipt_text(self, receipt: ErasureReceipt) -> str:
        """Return a receipt as JSON: no personal data, with the keys that prove it."""
        return receipt_json(receipt, self._session.vault.log_key)
