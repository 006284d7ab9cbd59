"""Legal bases: recorded, withdrawn, and asked for in calls (GDPR Art. 6, 7 and 21)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from softphone.app.bus import Bus
from softphone.app.information import Information
from softphone.app.people import People
from softphone.app.ports import Phone
from softphone.app.session import Session
from softphone.domain.audit import Action, AuditDraft, DataCategory
from softphone.domain.call import Call
from softphone.domain.consent import (
    RECORDING,
    Consent,
    ConsentChange,
    ConsentSource,
    LegalBasis,
    Purpose,
    standing,
)
from softphone.domain.contact import Contact
from softphone.domain.errors import InvalidInput
from softphone.domain.events import HistoryChanged
from softphone.domain.ids import CallId, ContactId, new_id
from softphone.domain.permissions import Permission

_LONGEST_NOTE = 2_000
_CHANGED = frozenset({"consents", "audit"})


@dataclass(frozen=True, slots=True)
class BasisGiven:
    """What is recorded: for which purpose, on which ground, how it was obtained."""

    purpose: str
    basis: LegalBasis = LegalBasis.CONSENT
    source: ConsentSource = ConsentSource.FORM
    language: str = ""
    version: int = 0
    """Of the wording; 0 takes the newest one in the language."""
    expires_at: datetime | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class CallConsents:
    """Who may be on the line, and what stands for the first of them, by purpose."""

    contacts: Sequence[Contact]
    """All who have the number, newest first."""
    stands: dict[str, Consent]
    purposes: Sequence[Purpose]
    """Those that are asked for in calls."""


class Consents:
    """Use cases around legal bases; runs on the vault's thread."""

    def __init__(
        self, session: Session, people: People, information: Information, phone: Phone, bus: Bus
    ) -> None:
        self._session = session
        self._people = people
        self._information = information
        self._phone = phone
        self._bus = bus

    def purposes(self) -> list[Purpose]:
        """Return the purposes in their order."""
        return list(self._session.vault.consents.purposes())

    def save_purposes(self, purposes: Sequence[Purpose]) -> None:
        """Replace the list of purposes. Raises Refused, InvalidInput."""
        draft = self._session.permit(
            Permission.PRIVACY_MANAGE, Action.PURPOSES_CHANGED, DataCategory.SETTINGS
        )
        keys = [p.key for p in purposes]
        if len(set(keys)) != len(keys) or not all(
            p.key.strip() and p.title.strip() for p in purposes
        ):
            raise InvalidInput(
                "The purposes were not changed.",
                "Each needs a short word of its own and a title.",
                "Fill in what is missing.",
            )
        self._session.vault.consents.save_purposes(purposes, draft)
        self._bus.publish(HistoryChanged(_CHANGED))

    def history(self, contact: ContactId) -> list[Consent]:
        """Return every change of a contact, oldest first; none without the right."""
        if not self._may_look():
            return []
        return list(self._session.vault.consents.history(contact))

    def newest(self, purpose: str, limit: int, offset: int) -> list[tuple[str, Consent]]:
        """Return names with what stands, newest first; none without the right."""
        if not self._may_look():
            return []
        return list(self._session.vault.consents.newest(purpose, limit, offset))

    def counts(self) -> dict[str, tuple[int, int]]:
        """Return for each purpose how many have given and withdrawn."""
        return self._session.vault.consents.counts()

    def give(self, contact: ContactId, given: BasisGiven) -> Consent:
        """Record a legal basis. Raises Refused, NotFound, InvalidInput."""
        self._check(given.purpose, given.note)
        draft = self._draft(Action.CONSENT_GIVEN, contact, given.purpose)
        return self._record(contact, given, ConsentChange.GIVEN, draft)

    def withdraw(
        self,
        contact: ContactId,
        purpose: str,
        source: ConsentSource = ConsentSource.FORM,
        note: str = "",
        live: Sequence[Call] = (),
    ) -> Consent:
        """Record that consent was taken back, or an objection. Raises Refused, NotFound.

        ``live`` are the calls that are on: one with this person is recorded no longer.
        """
        if purpose == RECORDING:
            for call in live:
                if any(c.id == contact for c in self._session.vault.directory.sharing(call.number)):
                    self._phone.stop_recording(call.id)
        self._check(purpose, note)
        draft = self._draft(Action.CONSENT_WITHDRAWN, contact, purpose)
        given = BasisGiven(purpose, source=source, note=note)
        return self._record(contact, given, ConsentChange.WITHDRAWN, draft)

    def of_call(self, number: str) -> CallConsents:
        """Return who may be on the line and what stands for them; empty without the right."""
        purposes = [p for p in self.purposes() if p.in_call]
        if not self._may_look():
            return CallConsents((), {}, purposes)
        vault = self._session.vault
        found = tuple(vault.directory.sharing(number)) if number else ()
        stands = standing(vault.consents.history(found[0].id)) if found else {}
        return CallConsents(found, stands, purposes)

    def give_in_call(self, call: Call, purpose: str, contact: ContactId | None = None) -> Consent:
        """Record consent that was just said; a number without a contact gets one.

        ``contact`` says who it is where several share the number. Raises Refused, InvalidInput.
        """
        self._check(purpose, "")
        who = self._on_the_line(call, contact)
        language = self._session.vault.contact(who).language
        given = BasisGiven(purpose, source=ConsentSource.CALL, language=language)
        draft = self._draft(Action.CONSENT_GIVEN, who, purpose)
        recorded = self._record(who, given, ConsentChange.GIVEN, draft, call)
        if purpose == RECORDING:
            self._phone.permit_recording(call.id)
        return recorded

    def withdraw_in_call(
        self, call: Call, purpose: str, contact: ContactId | None = None
    ) -> Consent:
        """Record a withdrawal that was just said; it ends the recording of the call.

        The recording stops even if the entry cannot be written: nobody is recorded against their
        word. Raises Refused, InvalidInput.
        """
        if purpose == RECORDING:
            self._phone.stop_recording(call.id)
        self._check(purpose, "")
        who = self._on_the_line(call, contact)
        given = BasisGiven(purpose, source=ConsentSource.CALL)
        draft = self._draft(Action.CONSENT_WITHDRAWN, who, purpose)
        return self._record(who, given, ConsentChange.WITHDRAWN, draft, call)

    def _on_the_line(self, call: Call, contact: ContactId | None) -> ContactId:
        if contact is not None:
            return contact
        known = self._people.find(call.number)
        if known is not None:
            return known.id
        if not call.number:
            raise InvalidInput(
                "Nothing was recorded.",
                "The number is not known, so it cannot be said whose word it is.",
                "Add a contact by hand, and record it there.",
            )
        return self._people.add(call.display_name.strip() or call.number, call.number).id

    def _record(
        self,
        contact: ContactId,
        given: BasisGiven,
        change: ConsentChange,
        draft: AuditDraft,
        call: Call | None = None,
    ) -> Consent:
        session = self._session
        now = session.clock.now()
        text = self._information.newest_text(given.purpose, given.language)
        said_at = call.established_at if call else None
        recorded = Consent(
            id=new_id(),
            contact=contact,
            purpose=given.purpose,
            change=change,
            basis=given.basis,
            source=given.source,
            at=now,
            by=session.user,
            by_name=session.vault.user.name,
            version=given.version or (text.version if text else 0),
            language=given.language or (text.language if text else ""),
            expires_at=given.expires_at,
            call=CallId(call.id) if call else None,
            at_ms=int((now - said_at).total_seconds() * 1000) if said_at else None,
            note=given.note.strip(),
        )
        session.vault.consents.record((recorded,), draft)
        self._bus.publish(HistoryChanged(_CHANGED))
        return recorded

    def _draft(self, action: Action, contact: ContactId, purpose: str) -> AuditDraft:
        return self._session.permit(
            Permission.CONTACTS_EDIT,
            action,
            DataCategory.CONTACT,
            contact,
            detail={"purpose": purpose},
        )

    def _check(self, purpose: str, note: str) -> None:
        if purpose not in {p.key for p in self._session.vault.consents.purposes()}:
            raise InvalidInput(
                "Nothing was recorded.", "There is no such purpose.", "Choose one of the list."
            )
        if len(note) > _LONGEST_NOTE:
            raise InvalidInput("Nothing was recorded.", "The note is too long.", "Shorten it.")

    def _may_look(self) -> bool:
        return self._session.look(Permission.CONTACTS_READ, Action.LIST_READ, DataCategory.CONTACT)
