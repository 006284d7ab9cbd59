"""What the registers and requests of the privacy centre need from the vault.

Confined to the vault's thread; every change takes its audit draft and is one transaction with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from softphone.app.ports.retention import RetentionStore
from softphone.domain.audit import AuditDraft
from softphone.domain.contact import Contact
from softphone.domain.ids import ContactId, DeviceId, UserId
from softphone.domain.privacy import Rectification, Restriction, RestrictionKind
from softphone.domain.register import Acknowledgement, Affected, Register, RegisterEntry
from softphone.domain.request import DataRequest, RequestState
from softphone.domain.retention import RetentionRule


class RegisterStore(Protocol):
    """Keeps entries with all their revisions."""

    def entries(self, register: Register) -> Sequence[RegisterEntry]:
        """Return the newest revisions, by title; none that were removed."""
        ...

    def entry(self, entry: str) -> RegisterEntry:
        """Return the newest revision. Raises NotFound."""
        ...

    def revisions(self, entry: str) -> Sequence[RegisterEntry]:
        """Return all revisions, newest first."""
        ...

    def save(self, entries: Sequence[RegisterEntry], draft: AuditDraft) -> None:
        """Add entries or new revisions of them, all or none."""
        ...

    def remove(self, entry: str, draft: AuditDraft) -> None:
        """Take an entry out; its revisions stay. Raises NotFound."""
        ...

    def acknowledge(self, acknowledgement: Acknowledgement, draft: AuditDraft) -> None:
        """Note that a person accepted or finished a revision."""
        ...

    def acknowledgements(self, entry: str = "") -> Sequence[Acknowledgement]:
        """Return acknowledgements of one entry or of all, newest first."""
        ...

    def affected(self, since: datetime, until: datetime, person: UserId | None) -> Affected:
        """Count what was within reach of a person (or anybody here) in a time."""
        ...


class RequestStore(Protocol):
    """Keeps what data subjects asked for."""

    def page(
        self, states: Sequence[RequestState], limit: int, offset: int
    ) -> Sequence[DataRequest]:
        """Return requests in these states; those that are due soonest first."""
        ...

    def get(self, request: str) -> DataRequest:
        """Return one. Raises NotFound."""
        ...

    def of_contact(self, contact: ContactId) -> Sequence[DataRequest]:
        """Return what a contact asked for, newest first."""
        ...

    def save(self, request: DataRequest, draft: AuditDraft) -> None:
        """Add or change one."""
        ...


class RestrictionStore(Protocol):
    """Restricted processing and legal holds: recordings are sealed once more."""

    def of_contact(self, contact: ContactId) -> Sequence[Restriction]:
        """Return what restricts the use of a contact's data."""
        ...

    def all(self) -> Sequence[Restriction]:
        """Return all of them, newest first."""
        ...

    def restrict(self, restriction: Restriction, draft: AuditDraft) -> int:
        """Restrict and seal the recordings' headers for the officers' group; returns how many.

        Raises NotFound (contact), Refused (there is no officers' group).
        """
        ...

    def release(self, contact: ContactId, kind: RestrictionKind, draft: AuditDraft) -> int:
        """End a restriction; when it was the last, unseal the headers. Returns how many.

        Raises NotFound, Refused (the officers' key is not this person's).
        """
        ...

    def queue_erasure(self, contact: ContactId, draft: AuditDraft) -> None:
        """Note that an erasure is due when the hold ends. Raises NotFound."""
        ...

    def rectify(self, contact: Contact, reason: str, draft: AuditDraft) -> Rectification:
        """Correct a contact and keep what it was. Raises NotFound."""
        ...

    def rectifications(self, contact: ContactId) -> Sequence[Rectification]:
        """Return what was corrected, newest first."""
        ...


class PrivacyStores(Protocol):
    """The privacy centre's side of the vault."""

    @property
    def registers(self) -> RegisterStore:
        """The registers that the law asks for."""
        ...

    @property
    def requests(self) -> RequestStore:
        """What data subjects asked for."""
        ...

    @property
    def restrictions(self) -> RestrictionStore:
        """Restricted processing, legal holds, rectifications."""
        ...

    @property
    def retention(self) -> RetentionStore:
        """What goes by itself."""
        ...

    def set_retention(self, rules: tuple[RetentionRule, ...], draft: AuditDraft) -> None:
        """Publish a policy with these rules. Raises Refused (no policy key)."""
        ...

    def order_leaving(self, device: DeviceId, draft: AuditDraft) -> None:
        """Order another workstation to destroy everything; it goes out by sync.

        Raises InvalidInput (this one), NotFound (no endorsed workstation).
        """
        ...

    def leave_ordered(self) -> bool:
        """Whether an endorsed workstation ordered this one to destroy everything."""
        ...
