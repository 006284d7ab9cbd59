"""Giving up a workstation: first the signed certificate, then everything is destroyed."""

from __future__ import annotations

from pathlib import Path

from softphone.app.ports import DocumentWriter
from softphone.app.session import Session
from softphone.domain.audit import Action, DataCategory
from softphone.domain.permissions import Permission


def certify(session: Session, documents: DocumentWriter, destination: Path) -> None:
    """Write the certificate of what will be destroyed; nothing is destroyed yet.

    Raises Refused, StorageFailed.
    """
    draft = session.permit(
        Permission.POLICY_MANAGE, Action.DEVICE_DECOMMISSIONED, DataCategory.WHOLE_RECORD
    )
    documents.receipt(session.vault.leaving_certificate(draft), destination)
