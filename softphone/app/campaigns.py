"""Calls for marketing: a basis is asked for first, and without one nothing is dialled.

Do-not-call lists stop a call unless the person has consented themselves.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from softphone.app.bus import Bus
from softphone.app.calls import Calls
from softphone.app.numbers import normalise_imported
from softphone.app.ports import ContactFiles, ContactSource
from softphone.app.session import Session
from softphone.domain.audit import Action, AuditDraft, DataCategory, Result
from softphone.domain.consent import MARKETING, Consent, DoNotCallList, LegalBasis, standing
from softphone.domain.contact import Contact
from softphone.domain.contact_import import Field
from softphone.domain.errors import InvalidInput, Refused
from softphone.domain.events import HistoryChanged
from softphone.domain.ids import AccountId, CallId, new_id
from softphone.domain.permissions import Permission
from softphone.domain.privacy import RestrictionKind

_NO_BASIS = "There is no legal basis for calling this person for marketing."
_WITHDRAWN = "The person has withdrawn consent, or objected."
_EXPIRED = "The legal basis for calling this person has expired."
_RESTRICTED = "The use of this person's data is restricted, or they have objected to it."
_LISTED = "The number is on a do-not-call list, and the person has not consented themselves."


@dataclass(frozen=True, slots=True)
class Clearance:
    """Whether a number may be called for marketing; ``why_not`` is a sentence, or empty."""

    number: str
    contact: Contact | None
    basis: Consent | None
    lists: tuple[str, ...]
    why_not: str
    may_override: bool


class Campaigns:
    """Use cases of marketing calls; runs on the vault's thread."""

    def __init__(
        self, session: Session, calls: Calls, bus: Bus, files: ContactFiles | None = None
    ) -> None:
        self._session = session
        self._calls = calls
        self._bus = bus
        self._files = files

    def clear(self, text: str) -> Clearance:
        """Look for a basis before a marketing call. Raises InvalidInput.

        Without the right to see contacts nothing is known, so nothing is cleared.
        """
        number = self._calls.resolve(text)
        session = self._session
        may_override = session.may(Permission.CALLS_WITHOUT_BASIS).allowed
        if not session.look(Permission.CONTACTS_READ, Action.LIST_READ, DataCategory.CONTACT):
            return Clearance(number, None, None, (), _NO_BASIS, may_override)
        vault = session.vault
        sharing = vault.directory.sharing(number)
        lists = vault.do_not_call.on_lists((number,))
        found = [(one, standing(vault.consents.history(one.id)).get(MARKETING)) for one in sharing]
        # Who shares a number answers it as well: one who said no is enough.
        said_no = next(((c, b) for c, b in found if b and b.change.value == "withdrawn"), None)
        contact, basis = said_no or (found[0] if found else (None, None))
        why_not = self._why_not(basis, lists)
        for one in sharing:
            if any(
                r.kind is RestrictionKind.RESTRICTED for r in vault.restrictions.of_contact(one.id)
            ):
                contact, why_not = one, _RESTRICTED
        return Clearance(number, contact, basis, lists, why_not, may_override)

    def dial(self, text: str, reason: str = "", account: AccountId | None = None) -> CallId:
        """Place a marketing call. Raises InvalidInput, Refused (no basis); both are audited.

        ``reason`` overrides what is missing, by whoever has the right ``calls.without_basis``.
        """
        clearance = self.clear(text)
        if clearance.why_not:
            self._override(clearance, reason.strip())
        return self._calls.dial(clearance.number, account)

    def lists(self) -> list[DoNotCallList]:
        """Return the do-not-call lists; they name nobody."""
        return list(self._session.vault.do_not_call.lists())

    def import_list(self, path: Path, title: str) -> tuple[int, int]:
        """Import a do-not-call list; returns how many numbers it has and how many were unusable.

        Every cell that is a number counts. Raises Refused, InvalidInput, StorageFailed.
        """
        draft = self._draft(title)
        if self._files is None or not title.strip():
            raise InvalidInput("The list was not imported.", "It has no name.", "Give it one.")
        source = self._files.open(path)
        reading = _Numbers(source, self._session.vault.policy.default_region)
        try:
            made = DoNotCallList(new_id(), title.strip(), self._session.clock.now(), 0)
            count = self._session.vault.do_not_call.add_list(made, reading.numbers(), draft)
        finally:
            source.close()
        self._bus.publish(HistoryChanged(frozenset({"do_not_call", "audit"})))
        return count, reading.unusable

    def remove_list(self, list_id: str) -> None:
        """Drop a do-not-call list. Raises Refused, NotFound."""
        self._session.vault.do_not_call.remove_list(list_id, self._draft(list_id))
        self._bus.publish(HistoryChanged(frozenset({"do_not_call", "audit"})))

    def _draft(self, what: str) -> AuditDraft:
        return self._session.permit(
            Permission.PRIVACY_MANAGE,
            Action.DO_NOT_CALL_CHANGED,
            DataCategory.SETTINGS,
            detail={"list": what},
        )

    def _why_not(self, basis: Consent | None, lists: tuple[str, ...]) -> str:
        if basis is None:
            return _NO_BASIS
        if basis.change.value == "withdrawn":
            return _WITHDRAWN
        if not basis.stands(self._session.clock.now()):
            return _EXPIRED
        if lists and basis.basis is not LegalBasis.CONSENT:
            return _LISTED
        return ""

    def _override(self, clearance: Clearance, reason: str) -> None:
        """Write the override, or the refusal. Raises Refused."""
        session = self._session
        about = clearance.contact.id if clearance.contact else ""
        detail = {"purpose": MARKETING, "why": clearance.why_not}
        if reason:
            draft = session.permit(
                Permission.CALLS_WITHOUT_BASIS,
                Action.CALL_PLACED,
                DataCategory.CALL,
                about,
                detail={**detail, "reason": reason},
            )
            session.vault.append_audit(draft)
            return
        session.vault.append_audit(
            AuditDraft(
                Action.CALL_PLACED, DataCategory.CALL, about, Result.REFUSED, session.user, detail
            )
        )
        do = "Record the basis on the contact, or ask somebody who may call without one."
        if clearance.may_override:
            do = "Record the basis on the contact, or give a reason to call without one."
        raise Refused("The call was not placed.", clearance.why_not, do)


class _Numbers:
    """The numbers of a file, counting what is none."""

    def __init__(self, source: ContactSource, region: str) -> None:
        self._source = source
        self._region = region
        self.unusable = 0

    def numbers(self) -> Iterator[str]:
        for row in self._source.rows():
            texts = list(row.cells) or [
                part.value for part in row.parts if part.field is Field.NUMBER
            ]
            found = [number for number in map(self._number, texts) if number]
            self.unusable += not found
            yield from found

    def _number(self, text: str) -> str:
        if sum(c.isdigit() for c in text) < 5:
            return ""
        try:
            number = normalise_imported(text, self._region)
        except InvalidInput:
            return ""
        return number if number.startswith("+") else ""
