"""Reading and checking the audit log."""

from __future__ import annotations

from pathlib import Path

from softphone.app.bus import Bus
from softphone.app.ports import BundleWriter
from softphone.app.session import Session
from softphone.domain.audit import (
    Action,
    AuditDraft,
    AuditFilter,
    AuditRow,
    AuditVerdict,
    DataCategory,
    Result,
)
from softphone.domain.audit_bundle import EntryProof
from softphone.domain.errors import SoftphoneError
from softphone.domain.events import HistoryChanged
from softphone.domain.permissions import Permission


class Auditing:
    """Use cases around the audit log; runs on the vault's thread."""

    def __init__(self, session: Session, bus: Bus) -> None:
        self._session = session
        self._bus = bus

    def open(self) -> None:
        """Note that the log is being read. Raises Refused."""
        draft = self._session.permit(Permission.AUDIT_READ, Action.AUDIT_READ, DataCategory.AUDIT)
        self._session.vault.append_audit(draft)
        self._session.looked(Action.AUDIT_READ, DataCategory.AUDIT, allowed=True)

    def rows(self, wanted: AuditFilter, limit: int, offset: int) -> list[AuditRow]:
        """Return entries, newest first; nothing without the right."""
        if not self._may_look():
            return []
        return list(self._session.vault.audit_rows(wanted, limit, offset))

    def count(self, wanted: AuditFilter) -> int:
        """Return how many entries match."""
        if not self._may_look():
            return 0
        return self._session.vault.audit_count(wanted)

    def _may_look(self) -> bool:
        return self._session.look(Permission.AUDIT_READ, Action.AUDIT_READ, DataCategory.AUDIT)

    def verify(self) -> AuditVerdict:
        """Check the whole log; the outcome is an entry of its own. Raises Refused."""
        draft = self._session.permit(
            Permission.AUDIT_READ, Action.AUDIT_VERIFIED, DataCategory.AUDIT
        )
        verdict = self._session.vault.verify_audit()
        result = Result.DONE if verdict.holds else Result.FAILED
        self._session.vault.append_audit(
            AuditDraft(draft.action, draft.category, "", result, draft.actor)
        )
        self._bus.publish(HistoryChanged(frozenset({"audit"})))
        return verdict

    def prove(self, index: int) -> EntryProof:
        """Return the proof of one entry, to be handed out. Raises Refused, NotFound."""
        draft = self._session.permit(
            Permission.AUDIT_READ,
            Action.AUDIT_EXPORTED,
            DataCategory.AUDIT,
            detail={"entry": str(index)},
        )
        vault = self._session.vault
        proof = vault.audit_proof(index)
        vault.append_audit(draft)
        self._bus.publish(HistoryChanged(frozenset({"audit"})))
        return proof

    def export(self, destination: Path, writer: BundleWriter) -> Path:
        """Write the whole log, this export included, as a bundle without personal detail.

        Raises Refused, InvalidInput, StorageFailed.
        """
        draft = self._session.permit(
            Permission.AUDIT_READ, Action.AUDIT_EXPORTED, DataCategory.AUDIT
        )
        vault = self._session.vault
        vault.append_audit(draft)
        try:
            writer.write(vault.audit_bundle(), destination)
        except SoftphoneError:
            failed = AuditDraft(draft.action, draft.category, "", Result.FAILED, draft.actor)
            vault.append_audit(failed)
            raise
        self._bus.publish(HistoryChanged(frozenset({"audit"})))
        return destination
