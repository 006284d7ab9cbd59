"""What all vaults of one workstation share, in memory."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from softphone.app.ports import Clock, Enrolment, NewMember
from softphone.domain.account import Account
from softphone.domain.audit import (
    AuditRow,
)
from softphone.domain.consent import Consent, DoNotCallList, Informed, InfoText, Purpose
from softphone.domain.contact import Contact, HistoryEntry, Note
from softphone.domain.contact_import import ImportRun
from softphone.domain.errors import Truncated
from softphone.domain.ids import (
    AccountId,
    CallId,
    ContactId,
    ErasureId,
    RecordingId,
    UserId,
    new_id,
)
from softphone.domain.permissions import (
    BUILT_IN_ROLES,
    Member,
    Policy,
)
from softphone.domain.privacy import (
    Restriction,
    Tombstone,
)
from softphone.domain.recording import Recording
from softphone.domain.relay import Correspondent, SentPackage, WaitingPackage
from softphone.domain.score import ScoreCard


@dataclass
class World:
    """All that the vaults of one workstation share."""

    policy: Policy
    passwords: dict[str, str]
    one_time: set[str] = field(default_factory=set)
    recovery_key: str = "AGE-RECOVERY-4F7K-29QD-PX3M-8TWC-61HB-R0ZN"
    contacts: dict[ContactId, Contact] = field(default_factory=dict)
    calls: dict[CallId, HistoryEntry] = field(default_factory=dict)
    notes: dict[str, Note] = field(default_factory=dict)
    recordings: dict[RecordingId, Recording] = field(default_factory=dict)
    audio: dict[RecordingId, bytes] = field(default_factory=dict)
    accounts: dict[AccountId, tuple[Account, str]] = field(default_factory=dict)
    audit: list[AuditRow] = field(default_factory=list)
    merges: dict[str, tuple[Any, ...]] = field(default_factory=dict)
    runs: dict[str, tuple[ImportRun, dict[ContactId, Contact | None]]] = field(default_factory=dict)
    purposes: list[Purpose] | None = None
    consents: list[Consent] = field(default_factory=list)
    texts: dict[tuple[str, int, str], tuple[InfoText, bytes]] = field(default_factory=dict)
    informed: list[Informed] = field(default_factory=list)
    scores: dict[tuple[RecordingId, UserId], ScoreCard] = field(default_factory=dict)
    restrictions: list[Restriction] = field(default_factory=list)
    do_not_call: dict[str, tuple[DoNotCallList, set[str]]] = field(default_factory=dict)
    tombstones: list[Tombstone] = field(default_factory=list)
    applied: set[ErasureId] = field(default_factory=set)
    cursor: int = 0
    held: dict[ErasureId, tuple[int, Tombstone]] = field(default_factory=dict)
    enrolment: Enrolment | None = None
    fleet: tuple[str, bytes] = ("", b"")
    publishes: bool = False
    witnessed: int = 0
    correspondents: list[Correspondent] = field(default_factory=list)
    own_addresses: list[Correspondent] = field(default_factory=list)
    sent_packages: list[SentPackage] = field(default_factory=list)
    waiting_packages: list[WaitingPackage] = field(default_factory=list)
    erased_packages: set[str] = field(default_factory=set)
    broken_at: int | None = None
    trouble: Exception | None = None
    """Raised by the next reads, for error states."""

    @classmethod
    def empty(cls, administrator: NewMember, clock: Clock) -> World:
        member = Member(
            UserId(new_id()), administrator.name, administrator.role, administrator.team, "age1"
        )
        policy = Policy(
            version=1,
            issued_at=clock.now(),
            not_after=clock.now() + timedelta(days=3650),
            issuer="local",
            roles=BUILT_IN_ROLES,
            members=(member,),
            groups=(),
        )
        return cls(policy, {administrator.name: administrator.password})


class FakeReader:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self.closed = False
        self.problem = ""

    @property
    def size(self) -> int:
        return len(self._data)

    def read_at(self, position: int, length: int) -> bytes:
        if position > len(self._data):
            raise Truncated("The recording ends early.", authentic=len(self._data))
        return self._data[position : position + length]

    def close(self) -> None:
        self.closed = True


def matches(text: str, *fields: str) -> bool:
    wanted = text.casefold().replace("@", " ").split()
    digits = "".join(c for c in text if c.isdigit())
    words = [w for f in fields for w in f.casefold().replace("@", " ").split()]
    if digits and any(digits in "".join(c for c in f if c.isdigit()) for f in fields):
        return True
    return all(any(w.startswith(part) for w in words) for part in wanted)
