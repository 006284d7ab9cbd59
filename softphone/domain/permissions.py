"""Who may do what: permissions with a scope, bundled into roles, named by the signed policy."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from softphone.domain.call_policy import USUAL, CallPolicy
from softphone.domain.ids import DeviceId, GroupId, UserId
from softphone.domain.retention import RetentionRule
from softphone.domain.workplace import USUAL_WORKPLACE, WorkplaceRules


class Permission(StrEnum):
    """A right."""

    CALLS_PLACE = "calls.place"
    CALLS_WITHOUT_BASIS = "calls.without_basis"
    HISTORY_READ = "history.read"
    NUMBERS_SEE = "numbers.see"
    RECORDINGS_LISTEN = "recordings.listen"
    RECORDINGS_DOWNLOAD = "recordings.download"
    RECORDINGS_DELETE = "recordings.delete"
    CONTACTS_READ = "contacts.read"
    CONTACTS_EDIT = "contacts.edit"
    CONTACTS_EXPORT = "contacts.export"
    CONTACTS_ERASE = "contacts.erase"
    PRIVACY_MANAGE = "privacy.manage"
    AUDIT_READ = "audit.read"
    USERS_MANAGE = "users.manage"
    POLICY_MANAGE = "policy.manage"


class Scope(StrEnum):
    """How far a right reaches."""

    OWN = "own"
    TEAM = "team"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Grant:
    """One right with its reach."""

    permission: Permission
    scope: Scope


@dataclass(frozen=True, slots=True)
class Role:
    """A named bundle of grants."""

    name: str
    grants: tuple[Grant, ...]


def _role(name: str, **grants: Scope) -> Role:
    return Role(
        name,
        tuple(Grant(Permission(key.replace("__", ".")), scope) for key, scope in grants.items()),
    )


AGENT = _role(
    "agent",
    calls__place=Scope.OWN,
    history__read=Scope.TEAM,
    numbers__see=Scope.ALL,
    contacts__read=Scope.ALL,
    contacts__edit=Scope.ALL,
)
SUPERVISOR = _role(
    "supervisor",
    calls__place=Scope.OWN,
    calls__without_basis=Scope.ALL,
    history__read=Scope.ALL,
    numbers__see=Scope.ALL,
    recordings__listen=Scope.TEAM,
    recordings__delete=Scope.TEAM,
    contacts__read=Scope.ALL,
    contacts__edit=Scope.ALL,
    contacts__export=Scope.ALL,
    contacts__erase=Scope.ALL,
    audit__read=Scope.ALL,
)
TEAM_LEAD = Role(
    "team lead", (*SUPERVISOR.grants, Grant(Permission.RECORDINGS_DOWNLOAD, Scope.TEAM))
)
OFFICER = _role(
    "data protection officer",
    history__read=Scope.ALL,
    numbers__see=Scope.ALL,
    recordings__listen=Scope.ALL,
    recordings__download=Scope.ALL,
    recordings__delete=Scope.ALL,
    contacts__read=Scope.ALL,
    contacts__edit=Scope.ALL,
    contacts__export=Scope.ALL,
    contacts__erase=Scope.ALL,
    privacy__manage=Scope.ALL,
    audit__read=Scope.ALL,
)
"""Answers data subjects. A copy of their data includes recordings, which only a listener can open;
every one that is opened stands in the log with its reason."""
BILLING = _role("billing", history__read=Scope.ALL)
"""Counts calls: neither recordings nor contacts, and numbers are masked."""
IT = _role("IT", policy__manage=Scope.ALL)
ADMINISTRATOR = _role(
    "administrator", users__manage=Scope.ALL, policy__manage=Scope.ALL, audit__read=Scope.ALL
)
OWNER = _role(
    "owner",
    calls__place=Scope.OWN,
    calls__without_basis=Scope.ALL,
    history__read=Scope.ALL,
    numbers__see=Scope.ALL,
    recordings__listen=Scope.OWN,
    recordings__delete=Scope.ALL,
    contacts__read=Scope.ALL,
    contacts__edit=Scope.ALL,
    contacts__export=Scope.ALL,
    contacts__erase=Scope.ALL,
    privacy__manage=Scope.ALL,
    audit__read=Scope.ALL,
    users__manage=Scope.ALL,
    policy__manage=Scope.ALL,
)
"""Who sets up a workstation of their own: administers it and phones with it. They hear their own
recordings and nobody else's, for whoever grants rights must not gain ears by it."""
BUILT_IN_ROLES: tuple[Role, ...] = (
    AGENT,
    SUPERVISOR,
    TEAM_LEAD,
    OFFICER,
    BILLING,
    IT,
    ADMINISTRATOR,
    OWNER,
)


@dataclass(frozen=True, slots=True)
class Member:
    """A person as the policy names them. ``recipient`` is their public age recipient."""

    id: UserId
    name: str
    role: str
    team: str
    recipient: str


@dataclass(frozen=True, slots=True)
class ListenerGroup:
    """A group that recordings are sealed for: public recipient and the members who hold its key."""

    id: GroupId
    label: str
    recipient: str
    members: tuple[UserId, ...]


@dataclass(frozen=True, slots=True)
class EndorsedDevice:
    """Another workstation, or a client of the server's API, whose erasures are believed.

    ``log_key`` is the C2SP verifier key of its log (Ed25519, named ``softphone/<device>``).
    """

    device: DeviceId
    log_key: str
    label: str = ""


class RecordingMode(StrEnum):
    """What the policy says of recording."""

    OFF = "off"
    MANUAL = "manual"
    AUTOMATIC = "automatic"


@dataclass(frozen=True, slots=True)
class Policy:
    """The decoded, verified policy: the only authority on rights. Times are UTC."""

    version: int
    issued_at: datetime
    not_after: datetime
    issuer: str
    roles: tuple[Role, ...]
    members: tuple[Member, ...]
    groups: tuple[ListenerGroup, ...]
    recording: RecordingMode = RecordingMode.AUTOMATIC
    recording_codec: str = "opus"
    """``opus`` or ``flac``."""
    default_region: str = "GB"
    """ISO 3166 region that numbers without a country belong to."""

    devices: tuple[EndorsedDevice, ...] = ()
    """Whose tombstones are carried out besides this workstation's own."""
    retention: tuple[RetentionRule, ...] = ()
    """How long data is kept; a class without a rule is kept."""
    calls: CallPolicy = USUAL
    workplace: WorkplaceRules = USUAL_WORKPLACE
    follows: str = ""
    """Verifier key of whoever signs the fleet's policy, whose rules hold here; empty without."""

    def device(self, device: DeviceId) -> EndorsedDevice | None:
        """Return the endorsed device with this id, or None."""
        return next((d for d in self.devices if d.device == device), None)

    def member(self, user: UserId) -> Member | None:
        """Return the member with this id, or None."""
        return next((m for m in self.members if m.id == user), None)

    def group_for_team(self, team: str) -> ListenerGroup | None:
        """Return the newest listeners' group of a team, or None."""
        prefix = f"listen/{team}/"
        mine = [g for g in self.groups if g.id.startswith(prefix)]
        return max(mine, key=lambda g: int(g.id.removeprefix(prefix)), default=None)


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer to "may they?"; a refusal says which right is missing and who can give it."""

    allowed: bool
    missing: str = ""
    given_by: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """The refusal in words, or an empty string."""
        if self.allowed:
            return ""
        who = " or ".join(self.given_by) or "An administrator"
        return f"You do not have the right “{self.missing}”. {who} can give it."


RIGHT_NAMES: dict[Permission, str] = {
    Permission.CALLS_PLACE: "Place calls",
    Permission.CALLS_WITHOUT_BASIS: "Call without a legal basis",
    Permission.HISTORY_READ: "See the call history",
    Permission.NUMBERS_SEE: "See whole numbers",
    Permission.RECORDINGS_LISTEN: "Listen to recordings",
    Permission.RECORDINGS_DOWNLOAD: "Download recordings",
    Permission.RECORDINGS_DELETE: "Delete recordings",
    Permission.CONTACTS_READ: "See contacts",
    Permission.CONTACTS_EDIT: "Change contacts",
    Permission.CONTACTS_EXPORT: "Export contacts",
    Permission.CONTACTS_ERASE: "Erase contacts",
    Permission.PRIVACY_MANAGE: "Run the privacy centre",
    Permission.AUDIT_READ: "Read the audit log",
    Permission.USERS_MANAGE: "Manage people",
    Permission.POLICY_MANAGE: "Manage the policy",
}


def decide(
    policy: Policy,
    user: UserId,
    permission: Permission,
    *,
    owner: UserId | None = None,
    team: str | None = None,
) -> Decision:
    """Decide from the policy alone whether ``user`` holds ``permission`` for an object.

    ``owner`` and ``team`` are the object's; None for objects that have neither (a grant of any
    scope is then enough for ``own`` objects, so pass them wherever they exist). Unknown users,
    unknown roles and unknown permissions are refused.
    """
    missing = RIGHT_NAMES[permission]
    given_by = tuple(
        m.name
        for m in policy.members
        if any(g.permission is Permission.POLICY_MANAGE for g in _grants(policy, m))
    )
    refusal = Decision(False, missing, given_by)
    member = policy.member(user)
    if member is None:
        return refusal
    for grant in _grants(policy, member):
        if grant.permission is permission and _reaches(grant.scope, member, owner, team):
            return Decision(True)
    return refusal


def reach(policy: Policy, user: UserId, permission: Permission) -> Scope | None:
    """Return how far a person's right reaches, None when they do not have it."""
    member = policy.member(user)
    scopes = (
        {g.scope for g in _grants(policy, member) if g.permission is permission} if member else ()
    )
    return next((scope for scope in (Scope.ALL, Scope.TEAM, Scope.OWN) if scope in scopes), None)


def _grants(policy: Policy, member: Member) -> tuple[Grant, ...]:
    return next((r.grants for r in policy.roles if r.name == member.role), ())


def _reaches(scope: Scope, member: Member, owner: UserId | None, team: str | None) -> bool:
    if scope is Scope.ALL:
        return True
    if owner is None and team is None:
        return True
    if owner == member.id:
        return True
    return scope is Scope.TEAM and team is not None and team == member.team
