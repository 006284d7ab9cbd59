"""Giving up a workstation: first the signed certificate, then everything is destroyed."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

from softphone.app.ports import DocumentWriter, Enrolment
from softphone.app.session import Session
from softphone.domain.audit import Action, AuditDraft, DataCategory
from softphone.domain.errors import InvalidInput, SoftphoneError
from softphone.domain.permissions import Permission

log = logging.getLogger(__name__)
TellServer = Callable[[Enrolment, str], None]
"""Hands the certificate to the server. Raises SoftphoneError."""


def certify(session: Session, documents: DocumentWriter, destination: Path) -> str:
    """Write the certificate of what will be destroyed and return it; nothing is destroyed yet.

    Raises Refused, StorageFailed.
    """
    draft = session.permit(
        Permission.POLICY_MANAGE, Action.DEVICE_DECOMMISSIONED, DataCategory.WHOLE_RECORD
    )
    text = session.vault.leaving_certificate(draft)
    documents.receipt(text, destination)
    return text


def certify_ordered(session: Session) -> str:
    """Return the certificate of a workstation that an endorsed one ordered to go.

    It goes to the server: whoever sits here has no say in it. Raises InvalidInput.
    """
    if not session.vault.leave_ordered():
        raise InvalidInput("Nothing was destroyed.", "Nobody ordered it.")
    draft = AuditDraft(Action.DEVICE_DECOMMISSIONED, DataCategory.WHOLE_RECORD)
    return session.vault.leaving_certificate(draft)


def tell(server: TellServer | None, session: Session, certificate: str) -> bool:
    """Tell the server that this workstation is gone; returns whether it knows.

    A server that cannot be reached keeps nobody from leaving: the certificate tells it later.
    """
    enrolment = session.vault.enrolment()
    if server is None or enrolment is None:
        return False
    try:
        server(enrolment, certificate)
    except SoftphoneError as error:
        log.warning("the server was not told: %s", error.what)
        return False
    return True
