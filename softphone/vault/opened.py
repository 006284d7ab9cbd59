"""An unlocked vault (``Vault`` of app.ports); confined to the thread that unlocked it."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from softphone.app.ports import BackupMade
from softphone.app.ports.audit_check import checked
from softphone.domain.audit import AuditDraft, AuditEntry, AuditFilter, AuditRow, AuditVerdict
from softphone.domain.audit_bundle import AuditBundle, EntryProof
from softphone.domain.ids import ContactId, NoteId, RecordingId
from softphone.domain.privacy import (
    ErasedBefore,
    ErasurePlan,
    ErasureProof,
    ErasureReason,
    ErasureReceipt,
    ErasureStep,
)
from softphone.domain.receipt import ReadReceipt
from softphone.vault import audit_export
from softphone.vault.audit_check import LogCheck
from softphone.vault.backup import back_up
from softphone.vault.backup_keys import keys_file
from softphone.vault.erasure_proof import prove_erased
from softphone.vault.leaving import certificate
from softphone.vault.privacy_side import PrivacySide
from softphone.vault.relay_side import RelaySide
from softphone.vault.role_side import ReviewSide, RoleSide
from softphone.vault.sides import (
    ContactSide,
    FleetSide,
    HistorySide,
    PeopleSide,
    RecordingSide,
    SyncSide,
)
from softphone.vault.stores import Stores


class OpenVault(
    SyncSide,
    FleetSide,
    PeopleSide,
    RoleSide,
    ReviewSide,
    RelaySide,
    HistorySide,
    ContactSide,
    RecordingSide,
    PrivacySide,
):
    """The vault of the signed-in person; here: the audit log, erasure, and the end."""

    def __init__(self, stores: Stores) -> None:
        self._stores = stores
        self._closed = False

    def close(self) -> None:
        """Sign the log, empty the write-ahead log, close and drop all keys. Idempotent."""
        if self._closed:
            return
        self._closed = True
        core = self._stores.core
        try:
            self._stores.sign_head()
        finally:
            core.connection.close()
            core.groups.clear()
            core.vault_key = b""

    def rest(self) -> None:
        """Give back the pages that SQLCipher keeps: without it they grow with every call."""
        self._stores.core.connection.execute("PRAGMA shrink_memory")

    def is_copy(self, other: OpenVault) -> bool:
        """Whether another open vault is an earlier or later state of this one."""
        return hmac.compare_digest(self._stores.core.vault_key, other._stores.core.vault_key)

    def append_audit(self, draft: AuditDraft) -> AuditEntry:
        """Append an entry that is a deed by itself, such as a refusal."""
        with self._stores.core.deeds.transaction():
            return self._stores.core.log.append(draft)

    def audit_rows(self, wanted: AuditFilter, limit: int, offset: int) -> Sequence[AuditRow]:
        """Return entries, newest first."""
        return self._stores.audit.page(wanted, limit, offset)

    def audit_count(self, wanted: AuditFilter) -> int:
        """Return how many entries match."""
        return self._stores.audit.count(wanted)

    def begin_audit_check(self) -> LogCheck:
        """Begin to check every leaf, the tree, the signed and cosigned checkpoints, the marks."""
        stores = self._stores
        return LogCheck(stores.core, stores.marks.load(), stores.outbox.witness())

    def verify_audit(self) -> AuditVerdict:
        """Check it in one go."""
        return checked(self.begin_audit_check())

    def audit_bundle(self) -> AuditBundle:
        """Sign the head and return the log without personal detail; take its leaves at once."""
        stores = self._stores
        return audit_export.bundle(stores.core, stores.sign_head(), stores.outbox.witness())

    def audit_proof(self, index: int) -> EntryProof:
        """Return the proof that an entry is in the signed log. Raises NotFound."""
        stores = self._stores
        return audit_export.prove(stores.core, stores.sign_head(), index, stores.outbox.witness())

    def sign_checkpoint(self) -> str:
        """Sign the log's head now (C2SP signed note); idempotent for an unchanged log."""
        return self._stores.sign_head().note

    def plan_erasure(self, contact: ContactId) -> ErasurePlan:
        """Count what an erasure would remove. Raises NotFound."""
        return self._stores.erasures.plan(contact)

    def erase_contact(
        self,
        contact: ContactId,
        reason: ErasureReason,
        on_step: Callable[[ErasureStep], None],
        mentions: tuple[NoteId, ...] = (),
    ) -> ErasureReceipt:
        """Erase a person: keys, rows, payloads, index, WAL; then search for remains.

        Raises NotFound, Refused (a legal hold), StorageFailed; a cut-off erasure goes on at the
        next sign-in.
        """
        receipt = self._stores.erasures.erase_contact(contact, reason, on_step, mentions)
        self._stores.sign_head()
        return receipt

    def delete_recording(self, recording: RecordingId, draft: AuditDraft) -> ErasureReceipt:
        """Crypto-erase one recording and its rows and payload. Raises NotFound, StorageFailed."""
        receipt = self._stores.erasures.delete_recording(recording, draft)
        self._stores.sign_head()
        return receipt

    def replay_erased(self, erased: ErasedBefore) -> bool:
        """Carry out what a newer copy of this vault has erased. Returns whether anything went."""
        return self._stores.erasures.replay(erased)

    def back_up(
        self, file: Path, draft: AuditDraft, keys: Path | None = None, days: int | None = None
    ) -> BackupMade:
        """Write a backup, its keys apart. Raises InvalidInput, StorageFailed."""
        core = self._stores.core
        days = core.policy.workplace.backup_keys_days if days is None else days
        until = core.clock.now() + timedelta(days=days)
        self.append_audit(replace(draft, detail={**draft.detail, "keys_until": until.isoformat()}))
        self._stores.sign_head()
        return back_up(core, file, keys or keys_file(file), until)

    def resume_erasures(self) -> int:
        """Finish erasures that a crash cut off; returns how many. What cannot go on now waits."""
        return self._stores.erasures.resume()

    def search_remains(self, needles: Sequence[str]) -> int:
        """Count occurrences of texts in all files and decrypted pages of the profile."""
        return self._stores.erasures.search(tuple(needles))

    def prove_erased(
        self, read: ReadReceipt, words: Sequence[str], folders: Sequence[Path], draft: AuditDraft
    ) -> ErasureProof:
        """Check a receipt and search for words about the person. Raises NotFound, ProofInvalid."""
        remains = self.search_remains(words)
        proof = prove_erased(self._stores.core, read, remains, words, folders)
        self.append_audit(draft)
        return proof

    def leaving_certificate(self, draft: AuditDraft) -> str:
        """Sign the log's last head and say what will be destroyed; audited."""
        self.append_audit(draft)
        return certificate(self._stores.core, self._stores.sign_head())
