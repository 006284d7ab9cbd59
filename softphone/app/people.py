"""Contacts and colleagues."""

from __future__ import annotations

from dataclasses import replace

from softphone.app.bus import Bus
from softphone.app.numbers import normalise
from softphone.app.ports import NewMember
from softphone.app.session import Session
from softphone.domain.account import Account
from softphone.domain.audit import Action, AuditDraft, DataCategory, Result
from softphone.domain.contact import Contact, ContactKind, Note
from softphone.domain.errors import InvalidInput, Refused, WrongCredentials
from softphone.domain.events import HistoryChanged
from softphone.domain.ids import CallId, ContactId, DeviceId, NoteId, UserId, new_id
from softphone.domain.passwords import check_password
from softphone.domain.permissions import EndorsedDevice, Member, Permission


class People:
    """Use cases around contacts and members; runs on the vault's thread."""

    def __init__(self, session: Session, bus: Bus) -> None:
        self._session = session
        self._bus = bus

    def contacts(self, text: str, limit: int, offset: int) -> list[Contact]:
        """Return contacts by name, none without the right; the first look is logged."""
        if not self._may_look():
            return []
        return list(self._session.vault.contacts(text, limit, offset))

    def _may_look(self) -> bool:
        return self._session.look(Permission.CONTACTS_READ, Action.LIST_READ, DataCategory.CONTACT)

    def save(self, contact: Contact) -> Contact:
        """Add or change a contact; numbers are normalised. Raises InvalidInput, Refused."""
        if not contact.name.strip():
            raise InvalidInput("The contact was not saved.", "It has no name.", "Type a name.")
        vault = self._session.vault
        region = vault.policy.default_region
        numbers = [(normalise(n, region), label.strip()) for n, label in contact.labelled]
        draft = self._session.permit(
            Permission.CONTACTS_EDIT, Action.CONTACT_SAVED, DataCategory.CONTACT, contact.id
        )
        self._refuse_restricted(contact.id, draft)
        company = contact.company.strip()
        works = contact.kind is ContactKind.PERSON and company
        employer = vault.directory.company(company) if works else None
        kept = replace(
            contact.with_numbers(numbers),
            name=contact.name.strip(),
            company=company,
            employer=employer.id if employer else None,
            tags=tuple(dict.fromkeys(t.strip() for t in contact.tags if t.strip())),
            created_at=contact.created_at or self._session.clock.now(),
        )
        vault.save_contact(kept, draft)
        self._bus.publish(HistoryChanged(frozenset({"contacts", "calls", "recordings", "audit"})))
        return kept

    def _refuse_restricted(self, contact: ContactId, draft: AuditDraft) -> None:
        """Let only officers change a person whose data may only be kept (Art. 18). Raises Refused.

        They correct it by a request, which keeps what it was.
        """
        session = self._session
        restrictions = session.vault.restrictions.of_contact(contact)
        if not restrictions or session.may(Permission.PRIVACY_MANAGE).allowed:
            return
        session.vault.append_audit(replace(draft, result=Result.REFUSED))
        raise Refused(
            "The contact was not changed.",
            f"{restrictions[0].by} restricted the use of this person's data.",
            "Ask them.",
        )

    def add(self, name: str, *numbers: str, company: str = "", email: str = "") -> Contact:
        """Add a contact."""
        return self.save(
            Contact(ContactId(new_id()), name, tuple(numbers), company=company, email=email)
        )

    def open(self, contact: ContactId, *, again: bool = False) -> tuple[Contact, list[Note]]:
        """Return a contact with its notes, oldest first; logged as read. Raises Refused, NotFound.

        ``again`` reads anew what is on the screen already, without a second entry.
        """
        draft = self._session.permit(
            Permission.CONTACTS_READ, Action.CONTACT_READ, DataCategory.CONTACT, contact
        )
        vault = self._session.vault
        found = vault.contact(contact)
        if not again:
            vault.append_audit(draft)
        return found, list(vault.notes(contact=contact))

    def find(self, number: str) -> Contact | None:
        """Return the contact of a number, or None; None without the right to see contacts."""
        if not self._may_look():
            return None
        return self._session.vault.find_contact(number)

    def add_note(
        self,
        text: str,
        *,
        contact: ContactId | None = None,
        call: CallId | None = None,
        note_id: NoteId | None = None,
    ) -> Note:
        """Add a note to a contact or a call, or replace the one with ``note_id``."""
        member = self._session.vault.user
        note = Note(
            note_id or NoteId(new_id()),
            member.id,
            member.name,
            self._session.clock.now(),
            text,
            contact=contact,
            call=call,
        )
        draft = self._session.permit(
            Permission.CONTACTS_EDIT, Action.NOTE_SAVED, DataCategory.NOTE, note.id
        )
        self._session.vault.save_note(note, draft)
        self._bus.publish(HistoryChanged(frozenset({"notes", "audit"})))
        return note

    def add_member(self, new: NewMember) -> Member:
        """Add a colleague with a key slot of their own. Raises Refused, InvalidInput."""
        draft = self._session.permit(
            Permission.USERS_MANAGE, Action.USER_ADDED, DataCategory.RIGHTS
        )
        check_password(new.password, (new.name,))
        member = self._session.vault.add_member(new, draft)
        self._rights_changed()
        return member

    def members(self) -> list[Member]:
        """Return the colleagues whom the policy names, by name; none without the right."""
        if not self._session.look(Permission.USERS_MANAGE, Action.LIST_READ, DataCategory.RIGHTS):
            return []
        return sorted(self._session.vault.policy.members, key=lambda m: m.name.casefold())

    def remove_member(self, user: UserId) -> None:
        """Remove a colleague: slot gone, new keys for their team. Raises Refused, NotFound."""
        draft = self._about(user, Action.USER_REMOVED)
        self._session.vault.remove_member(user, draft)
        self._rights_changed()

    def change_member(self, user: UserId, role: str, team: str) -> Member:
        """Give a colleague another role or team. Raises Refused, NotFound, InvalidInput."""
        draft = self._about(user, Action.USER_CHANGED, role=role, team=team)
        member = self._session.vault.change_member(user, role, team, draft)
        self._rights_changed()
        return member

    def change_password(self, old: str, new: str) -> None:
        """Change one's own password. Raises InvalidInput, WrongCredentials, TryLater."""
        check_password(new, (self._session.vault.user.name,))
        draft = self._session.draft(
            Action.PASSWORD_CHANGED, DataCategory.RIGHTS, self._session.user
        )
        try:
            self._session.vault.change_password(old, new, draft)
        except WrongCredentials:
            self._session.vault.append_audit(replace(draft, result=Result.REFUSED))
            raise
        # With a password of their own the person may do more than before.
        self._bus.publish(HistoryChanged(frozenset({"policy", "audit"})))

    def _about(self, user: UserId, action: Action, **detail: str) -> AuditDraft:
        member = self._session.vault.policy.member(user)
        named = {"name": member.name} if member else {}
        return self._session.permit(
            Permission.USERS_MANAGE,
            action,
            DataCategory.RIGHTS,
            user,
            detail={**named, **detail},
        )

    def _rights_changed(self) -> None:
        self._bus.publish(HistoryChanged(frozenset({"policy", "audit"})))

    def endorse_device(self, log_key: str, label: str = "") -> EndorsedDevice:
        """Believe another workstation's erasures from now on. Raises Refused, InvalidInput.

        ``log_key`` must come from that workstation itself, never from the server.
        """
        draft = self._session.permit(
            Permission.POLICY_MANAGE, Action.DEVICE_ENDORSED, DataCategory.RIGHTS
        )
        device = self._session.vault.endorse_device(log_key, label, draft)
        self._bus.publish(HistoryChanged(frozenset({"calls", "recordings", "contacts", "audit"})))
        return device

    def withdraw_device(self, device: DeviceId) -> None:
        """Believe a workstation's erasures no longer. Raises Refused, NotFound."""
        draft = self._session.permit(
            Permission.POLICY_MANAGE, Action.DEVICE_WITHDRAWN, DataCategory.RIGHTS, device
        )
        self._session.vault.withdraw_device(device, draft)
        self._bus.publish(HistoryChanged(frozenset({"audit"})))

    def order_leaving(self, device: DeviceId) -> None:
        """Order another workstation to destroy everything it holds.

        Carried out when somebody signs in there and it meets the server. Raises Refused,
        NotFound, InvalidInput.
        """
        draft = self._session.permit(
            Permission.POLICY_MANAGE,
            Action.DEVICE_DECOMMISSIONED,
            DataCategory.WHOLE_RECORD,
            device,
        )
        self._session.vault.order_leaving(device, draft)
        self._bus.publish(HistoryChanged(frozenset({"audit"})))

    def save_account(self, account: Account, password: str) -> None:
        """Keep a SIP account. Raises Refused."""
        draft = self._session.permit(
            Permission.POLICY_MANAGE, Action.POLICY_PUBLISHED, DataCategory.SETTINGS, account.id
        )
        self._session.vault.save_account(account, password, draft)
