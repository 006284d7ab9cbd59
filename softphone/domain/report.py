"""What a person gets who asks what is held about them (GDPR Art. 15 and 20)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from softphone.domain.contact import ContactFile
from softphone.domain.privacy import Rectification, Restriction
from softphone.domain.register import RegisterEntry
from softphone.domain.request import DataRequest
from softphone.domain.retention import RetentionRule


@dataclass(frozen=True, slots=True)
class Purpose:
    """Why data is processed, on what basis, and who receives it (Art. 15(1)(a) to (d))."""

    purpose: str
    basis: str
    data: str
    recipients: str
    keep: str
    subjects: str = "Callers and people called"
    """The persons concerned (Art. 30(1)(c))."""


@dataclass(frozen=True, slots=True)
class PersonReport:
    """Everything about one person, with what the law wants said besides. Times are UTC."""

    file: ContactFile
    made_at: datetime
    made_by: str
    time_zone: str
    controller: RegisterEntry | None
    purposes: tuple[Purpose, ...]
    processors: tuple[RegisterEntry, ...]
    retention: tuple[RetentionRule, ...]
    restrictions: tuple[Restriction, ...]
    rectifications: tuple[Rectification, ...]
    requests: tuple[DataRequest, ...]


RIGHTS: tuple[str, ...] = (
    "to have wrong data corrected (Art. 16)",
    "to have data erased (Art. 17)",
    "to have its use restricted (Art. 18)",
    "to receive the data in a form for machines (Art. 20)",
    "to object to its use (Art. 21)",
    "to withdraw a consent at any time, for the future (Art. 7(3))",
    "to complain to a supervisory authority (Art. 77)",
)
"""What Art. 15(1)(e) and (f) want the person told."""
