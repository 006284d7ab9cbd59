"""Use cases around data subjects' requests: the register, the clock, the guided steps."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from softphone.app.bus import Bus
from softphone.app.session import Session
from softphone.domain.audit import Action, AuditDraft, DataCategory
from softphone.domain.contact import Contact
from softphone.domain.errors import InvalidInput
from softphone.domain.events import HistoryChanged
from softphone.domain.ids import ContactId, new_id
from softphone.domain.permissions import Permission
from softphone.domain.privacy import Rectification, Restriction, RestrictionKind
from softphone.domain.request import (
    DataRequest,
    HandedOut,
    NextStep,
    RequestEventKind,
    RequestKind,
    RequestState,
    closed,
    extended,
    noted,
    received,
)

ALL_STATES = tuple(RequestState)


class Requests:
    """The register of requests; runs on the vault's thread."""

    def __init__(self, session: Session, bus: Bus) -> None:
        self._session = session
        self._bus = bus

    def page(
        self, states: tuple[RequestState, ...] = ALL_STATES, limit: int = 200, offset: int = 0
    ) -> list[DataRequest]:
        """Return requests, those due soonest first; none without the right."""
        if not self._session.look(
            Permission.PRIVACY_MANAGE, Action.LIST_READ, DataCategory.REQUEST
        ):
            return []
        return list(self._session.vault.requests.page(states, limit, offset))

    def open(self, request: str) -> DataRequest:
        """Return one request; logged. Raises Refused, NotFound."""
        draft = self._permit(Action.REQUEST_READ, request)
        found = self._session.vault.requests.get(request)
        self._session.vault.append_audit(draft)
        return found

    def receive(
        self,
        kind: RequestKind,
        name: str,
        channel: str,
        received_at: datetime | None = None,
        contact: ContactId | None = None,
    ) -> DataRequest:
        """Register a request; its month runs from when it came. Raises Refused, InvalidInput."""
        now = self._session.clock.now()
        at = received_at or now
        request_id = new_id()
        draft = self._permit(Action.REQUEST_SAVED, request_id, kind=kind.value)
        if at > now:
            raise InvalidInput(
                "The request was not saved.",
                "It would have come in the future.",
                "Correct the day.",
            )
        made = received(request_id, kind, name, channel, at, self._name)
        if contact is not None:
            known = self._session.vault.contact(contact)
            made = noted(
                replace(made, contact=contact),
                RequestEventKind.PERSON_FOUND,
                now,
                self._name,
                known.name,
            )
        return self._keep(made, draft)

    def find_person(self, request: str, contact: ContactId | None) -> DataRequest:
        """Say who asks; None: nobody like that is in the system. Raises Refused, NotFound."""
        draft, known = self._open_one(request)
        now = self._session.clock.now()
        if contact is None:
            changed = replace(known, unknown=True, contact=None)
            kind, text = RequestEventKind.PERSON_UNKNOWN, ""
        else:
            text = self._session.vault.contact(contact).name
            # Another person's identity was not checked.
            identity = known.identity if known.contact == contact else ""
            changed = replace(known, contact=contact, unknown=False, identity=identity)
            kind = RequestEventKind.PERSON_FOUND
        return self._keep(noted(changed, kind, now, self._name, text), draft)

    def check_identity(self, request: str, how: str) -> DataRequest:
        """Note how it was made sure that the person is who they say (Art. 12(6)).

        Raises Refused, NotFound, InvalidInput.
        """
        draft, known = self._open_one(request)
        if not how.strip():
            raise InvalidInput(
                "The check was not noted.", "It does not say how.", "Say what you compared."
            )
        changed = replace(known, identity=how.strip())
        now = self._session.clock.now()
        event = RequestEventKind.IDENTITY_CHECKED
        return self._keep(noted(changed, event, now, self._name, how.strip()), draft)

    def extend(self, request: str, because: str) -> DataRequest:
        """Take two more months, once, with a reason (Art. 12(3)). Raises as above."""
        draft, known = self._open_one(request)
        return self._keep(extended(known, because, self._session.clock.now(), self._name), draft)

    def close(self, request: str, outcome: str, *, refused: bool = False) -> DataRequest:
        """Close with the outcome, or refuse with the reason (Art. 12(4)). Raises as above."""
        draft, known = self._open_one(request)
        now = self._session.clock.now()
        return self._keep(closed(known, outcome, now, self._name, refused=refused), draft)

    def answerable(self, request: str, *kinds: RequestKind) -> tuple[AuditDraft, DataRequest]:
        """Return a request that may be answered now, with the draft of the answer.

        Raises Refused, NotFound, InvalidInput (another kind, or a step is missing).
        """
        draft = self._permit(Action.REQUEST_ANSWERED, request)
        known = self._session.vault.requests.get(request)
        if known.kind not in kinds:
            raise InvalidInput("Nothing was done.", "The request is of another kind.")
        why = {
            NextStep.CLOSED: "The request is closed.",
            NextStep.FIND_PERSON: "It is not said yet who in the system asks.",
            NextStep.CHECK_IDENTITY: "The person's identity was not checked.",
        }.get(known.next_step, "")
        if why:
            raise InvalidInput("Nothing was done.", why, "Do that step first.")
        if known.contact is None:
            raise InvalidInput(
                "Nothing was done.",
                "Nobody like that is in the system.",
                "Close the request with that answer.",
            )
        return draft, known

    def answered(
        self, request: DataRequest, draft: AuditDraft, what: str, *documents: HandedOut
    ) -> DataRequest:
        """Note what answered a request."""
        now = self._session.clock.now()
        changed = replace(request, documents=(*request.documents, *documents))
        return self._keep(noted(changed, RequestEventKind.ANSWERED, now, self._name, what), draft)

    # --- what a request may lead to --------------------------------------------------------------

    def rectify(self, contact: Contact, reason: str, request: str = "") -> Rectification:
        """Correct a person's data and keep what it was (Art. 16).

        Raises Refused, NotFound, InvalidInput.
        """
        draft = self._person(Action.CONTACT_RECTIFIED, contact.id, reason)
        if not contact.name.strip() or not reason.strip():
            raise InvalidInput("Nothing was corrected.", "A name and a reason are needed.")
        if request:
            answer, known = self.answerable(request, RequestKind.RECTIFICATION)
        made = self._session.vault.restrictions.rectify(contact, reason.strip(), draft)
        if request:
            self.answered(known, answer, ", ".join(sorted(made.after)))
        self._people_changed()
        return made

    def restrict(
        self, contact: ContactId, kind: RestrictionKind, reason: str, request: str = ""
    ) -> int:
        """Restrict the use of a person's data, or hold it; returns how many recordings.

        From then on nobody can decrypt them until an officer ends it (Art. 18, Art. 17(3)).
        Raises Refused, NotFound, InvalidInput.
        """
        draft = self._person(Action.PERSON_RESTRICTED, contact, reason, kind=kind.value)
        if not reason.strip():
            raise InvalidInput("Nothing was restricted.", "The reason is missing.", "Give one.")
        if request:
            answer, known = self.answerable(request, RequestKind.RESTRICTION, RequestKind.OBJECTION)
        made = Restriction(contact, kind, self._session.clock.now(), self._name, reason.strip())
        count = self._session.vault.restrictions.restrict(made, draft)
        if request:
            self.answered(known, answer, reason.strip())
        self._people_changed()
        return count

    def release(self, contact: ContactId, kind: RestrictionKind, reason: str) -> int:
        """End a restriction or hold; returns how many recordings can be heard again.

        Before it ends, the person must be told (Art. 18(3)). Raises Refused, NotFound,
        InvalidInput.
        """
        draft = self._person(Action.PERSON_RELEASED, contact, reason, kind=kind.value)
        if not reason.strip():
            raise InvalidInput("Nothing was changed.", "The reason is missing.", "Give one.")
        count = self._session.vault.restrictions.release(contact, kind, draft)
        self._people_changed()
        return count

    def restrictions(self, contact: ContactId | None = None) -> list[Restriction]:
        """Return what is restricted; of one contact for whoever may see contacts."""
        right = Permission.PRIVACY_MANAGE if contact is None else Permission.CONTACTS_READ
        if not self._session.look(right, Action.LIST_READ, DataCategory.REQUEST):
            return []
        store = self._session.vault.restrictions
        return list(store.all() if contact is None else store.of_contact(contact))

    def rectifications(self, contact: ContactId) -> list[Rectification]:
        """Return what was corrected of a contact; none without the right."""
        if not self._session.look(
            Permission.PRIVACY_MANAGE, Action.LIST_READ, DataCategory.REQUEST
        ):
            return []
        return list(self._session.vault.restrictions.rectifications(contact))

    @property
    def _name(self) -> str:
        return self._session.vault.user.name

    def _person(self, action: Action, contact: ContactId, reason: str, **detail: str) -> AuditDraft:
        return self._session.permit(
            Permission.PRIVACY_MANAGE,
            action,
            DataCategory.WHOLE_RECORD,
            contact,
            detail={"reason": reason.strip(), **detail},
        )

    def _permit(self, action: Action, request: str, **detail: str) -> AuditDraft:
        return self._session.permit(
            Permission.PRIVACY_MANAGE, action, DataCategory.REQUEST, request, detail=detail
        )

    def _open_one(self, request: str) -> tuple[AuditDraft, DataRequest]:
        draft = self._permit(Action.REQUEST_SAVED, request)
        known = self._session.vault.requests.get(request)
        if known.state is not RequestState.OPEN:
            raise InvalidInput("Nothing was changed.", "The request is closed.")
        return draft, known

    def _keep(self, request: DataRequest, draft: AuditDraft) -> DataRequest:
        self._session.vault.requests.save(request, draft)
        self._bus.publish(HistoryChanged(frozenset({"requests", "audit"})))
        return request

    def _people_changed(self) -> None:
        kinds = {"contacts", "calls", "recordings", "requests", "restrictions", "audit"}
        self._bus.publish(HistoryChanged(frozenset(kinds)))
