"""The audit log: what an entry says. Personal detail sits behind a salted commitment."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from softphone.domain.ids import UserId


class Action(StrEnum):
    """What was done, in the past tense."""

    VAULT_CREATED = "vault.created"
    POLICY_PUBLISHED = "policy.published"
    POLICY_REJECTED = "policy.rejected"
    POLICY_FOLLOWED = "policy.followed"
    POLICY_RECEIVED = "policy.received"
    USER_ADDED = "user.added"
    USER_CHANGED = "user.changed"
    USER_REMOVED = "user.removed"
    ROLE_SAVED = "role.saved"
    ROLE_REMOVED = "role.removed"
    PASSWORD_CHANGED = "user.password_changed"  # noqa: S105 - the name of a deed
    PASSWORD_RESET = "user.password_reset"  # noqa: S105 - the name of a deed
    RECOVERY_TESTED = "recovery.tested"
    KEYS_REPLACED = "keys.replaced"
    BACKUP_MADE = "backup.made"
    BACKUP_RESTORED = "backup.restored"
    BACKUP_TESTED = "backup.tested"
    SIGNED_IN = "session.signed_in"
    SIGN_IN_FAILED = "session.sign_in_failed"
    SIGNED_OUT = "session.signed_out"
    OPENING_REFUSED = "vault.opening_refused"
    LOCKED = "session.locked"
    UNLOCKED = "session.unlocked"
    CALL_ENDED = "call.ended"
    RECORDING_STARTED = "recording.started"
    RECORDING_PAUSED = "recording.paused"
    RECORDING_RESUMED = "recording.resumed"
    RECORDING_STOPPED = "recording.stopped"
    RECORDING_SEALED = "recording.sealed"
    RECORDING_FAILED = "recording.failed"
    RECORDING_LISTENED = "recording.listened"
    RECORDING_REVIEWED = "recording.reviewed"
    RECORDING_TAGGED = "recording.tagged"
    RECORDING_SCORED = "recording.scored"
    RECORDING_DELETED = "recording.deleted"
    RECORDING_DROPPED = "recording.dropped"
    RECORDING_MISMATCHED = "recording.mismatched"
    RECORDING_EXPORTED = "recording.exported"
    RECORDING_CLOSED = "recording.closed"
    RECORDING_HANDED_OVER = "recording.handed_over"
    RECORDING_RECEIVED = "recording.received"
    HANDOVER_ADDRESS_MADE = "recording.handover_address_made"
    CONTACT_SAVED = "contact.saved"
    CONTACT_READ = "contact.read"
    CONTACT_EXPORTED = "contact.exported"
    CONTACTS_MERGED = "contact.merged"
    CONTACTS_UNMERGED = "contact.unmerged"
    IMPORT_BEGUN = "contacts.import_begun"
    CONTACTS_IMPORTED = "contacts.imported"
    IMPORT_UNDONE = "contacts.import_undone"
    CONTACTS_EXPORTED = "contacts.exported"
    CONSENT_GIVEN = "consent.given"
    CONSENT_WITHDRAWN = "consent.withdrawn"
    PURPOSES_CHANGED = "consent.purposes_changed"
    TEXT_SAVED = "information.text_saved"
    PERSON_INFORMED = "information.given"
    DO_NOT_CALL_CHANGED = "do_not_call.changed"
    NOTE_SAVED = "note.saved"
    NOTE_READ = "note.read"
    LIST_READ = "list.read"
    ERASURE_INTENDED = "erasure.intended"
    ERASURE_DONE = "erasure.done"
    REQUEST_SAVED = "request.saved"
    REQUEST_READ = "request.read"
    REQUEST_ANSWERED = "request.answered"
    PERSON_RESTRICTED = "person.restricted"
    PERSON_RELEASED = "person.released"
    CONTACT_RECTIFIED = "contact.rectified"
    REGISTER_CHANGED = "register.changed"
    REGISTER_EXPORTED = "register.exported"
    TEXT_ACKNOWLEDGED = "text.acknowledged"
    BREACH_ASSESSED = "breach.assessed"
    DEVICE_DECOMMISSIONED = "device.decommissioned"
    REMAINS_SEARCHED = "remains.searched"
    TOMBSTONE_APPLIED = "tombstone.applied"
    TOMBSTONE_HELD = "tombstone.held"
    AUDIT_READ = "audit.read"
    AUDIT_VERIFIED = "audit.verified"
    AUDIT_EXPORTED = "audit.exported"
    AUDIT_COMPARED = "audit.compared"
    SERVER_MISBEHAVED = "server.misbehaved"
    CONNECTION_REFUSED = "connection.refused"
    CALL_PLACED = "call.placed"
    CALL_TRANSFERRED = "call.transferred"
    CALL_RULES_CHANGED = "call.rules_changed"
    WORKPLACE_CHANGED = "workplace.rules_changed"
    AGENT_STATE_CHANGED = "agent.state_changed"
    AVAILABILITY_CHANGED = "agent.availability_changed"
    LOG_CONTINUED = "log.continued"
    DEVICE_ENROLLED = "device.enrolled"
    DEVICE_ENDORSED = "device.endorsed"
    DEVICE_WITHDRAWN = "device.withdrawn"
    RETENTION_CHANGED = "retention.changed"
    RETENTION_READ = "retention.read"
    RETENTION_RUN = "retention.run"


ACTION_WORDS: dict[Action, str] = {
    Action.VAULT_CREATED: "Set up the workstation",
    Action.POLICY_PUBLISHED: "Published a policy",
    Action.POLICY_REJECTED: "Rejected a policy",
    Action.POLICY_FOLLOWED: "Chose whose policy to follow",
    Action.POLICY_RECEIVED: "Took over the fleet's policy",
    Action.USER_ADDED: "Added a person",
    Action.USER_CHANGED: "Changed a person's role",
    Action.USER_REMOVED: "Removed a person",
    Action.ROLE_SAVED: "Made or changed a role",
    Action.ROLE_REMOVED: "Removed a role",
    Action.PASSWORD_CHANGED: "Changed their password",
    Action.PASSWORD_RESET: "Reset a password by the recovery key",
    Action.RECOVERY_TESTED: "Tested the recovery key",
    Action.KEYS_REPLACED: "Replaced the listeners' keys",
    Action.BACKUP_MADE: "Made a backup",
    Action.BACKUP_RESTORED: "Restored a backup",
    Action.BACKUP_TESTED: "Tested a backup",
    Action.SIGNED_IN: "Signed in",
    Action.SIGN_IN_FAILED: "Sign-in failed",
    Action.SIGNED_OUT: "Signed out",
    Action.OPENING_REFUSED: "Found the vault damaged",
    Action.LOCKED: "Locked the window",
    Action.UNLOCKED: "Unlocked the window",
    Action.CALL_ENDED: "Ended a call",
    Action.RECORDING_STARTED: "Started recording",
    Action.RECORDING_PAUSED: "Paused recording",
    Action.RECORDING_RESUMED: "Resumed recording",
    Action.RECORDING_STOPPED: "Stopped recording",
    Action.RECORDING_SEALED: "Sealed a recording",
    Action.RECORDING_FAILED: "Recording failed",
    Action.RECORDING_LISTENED: "Played a recording",
    Action.RECORDING_REVIEWED: "Reviewed a recording",
    Action.RECORDING_TAGGED: "Tagged a recording",
    Action.RECORDING_SCORED: "Filled in a score card",
    Action.RECORDING_DELETED: "Deleted a recording",
    Action.RECORDING_DROPPED: "Dropped a recording of somebody who was erased meanwhile",
    Action.RECORDING_MISMATCHED: "Found an altered recording",
    Action.RECORDING_EXPORTED: "Exported a recording",
    Action.RECORDING_CLOSED: "Closed a cut-off recording",
    Action.RECORDING_HANDED_OVER: "Handed a recording over",
    Action.RECORDING_RECEIVED: "Received a recording",
    Action.HANDOVER_ADDRESS_MADE: "Made an address for recordings",
    Action.CONTACT_SAVED: "Changed a contact",
    Action.CONTACT_READ: "Opened a contact",
    Action.CONTACT_EXPORTED: "Exported to Excel",
    Action.CONTACTS_MERGED: "Merged contacts",
    Action.CONTACTS_UNMERGED: "Took merged contacts apart",
    Action.IMPORT_BEGUN: "Began to import contacts",
    Action.CONTACTS_IMPORTED: "Imported contacts",
    Action.IMPORT_UNDONE: "Undid an import of contacts",
    Action.CONTACTS_EXPORTED: "Exported all contacts",
    Action.CONSENT_GIVEN: "Recorded a legal basis",
    Action.CONSENT_WITHDRAWN: "Recorded a withdrawal",
    Action.PURPOSES_CHANGED: "Changed the purposes",
    Action.TEXT_SAVED: "Saved an information text",
    Action.PERSON_INFORMED: "Informed a person",
    Action.DO_NOT_CALL_CHANGED: "Changed a do-not-call list",
    Action.NOTE_SAVED: "Changed a note",
    Action.NOTE_READ: "Read notes",
    Action.LIST_READ: "Looked through a list",
    Action.ERASURE_INTENDED: "Began an erasure",
    Action.ERASURE_DONE: "Erased a person",
    Action.REQUEST_SAVED: "Worked on a privacy request",
    Action.REQUEST_READ: "Opened a privacy request",
    Action.REQUEST_ANSWERED: "Answered a privacy request",
    Action.PERSON_RESTRICTED: "Restricted the use of a person's data",
    Action.PERSON_RELEASED: "Ended a restriction",
    Action.CONTACT_RECTIFIED: "Corrected a person's data",
    Action.REGISTER_CHANGED: "Changed a register",
    Action.REGISTER_EXPORTED: "Handed out a register",
    Action.TEXT_ACKNOWLEDGED: "Confirmed a text",
    Action.BREACH_ASSESSED: "Assessed a breach",
    Action.DEVICE_DECOMMISSIONED: "Gave up the workstation",
    Action.REMAINS_SEARCHED: "Searched for remains of an erasure",
    Action.TOMBSTONE_APPLIED: "Carried out an erasure",
    Action.TOMBSTONE_HELD: "Held an erasure back",
    Action.AUDIT_READ: "Read the audit log",
    Action.AUDIT_VERIFIED: "Checked the audit log",
    Action.AUDIT_EXPORTED: "Exported the audit log",
    Action.AUDIT_COMPARED: "Compared the log with call records",
    Action.SERVER_MISBEHAVED: "Refused the server",
    Action.CONNECTION_REFUSED: "Refused a connection",
    Action.CALL_PLACED: "Placed a call",
    Action.CALL_TRANSFERRED: "Transferred a call",
    Action.CALL_RULES_CHANGED: "Changed the rules for calls",
    Action.WORKPLACE_CHANGED: "Changed the rules for the workplace",
    Action.AGENT_STATE_CHANGED: "Changed whether they take calls",
    Action.AVAILABILITY_CHANGED: "Changed what happens to incoming calls",
    Action.LOG_CONTINUED: "Went on with the log of a restored workstation",
    Action.DEVICE_ENROLLED: "Connected to the server",
    Action.DEVICE_ENDORSED: "Endorsed a workstation",
    Action.DEVICE_WITHDRAWN: "Withdrew trust in a workstation",
    Action.RETENTION_CHANGED: "Changed how long data is kept",
    Action.RETENTION_READ: "Looked at what will be deleted",
    Action.RETENTION_RUN: "Deleted what need not be kept",
}


class DataCategory(StrEnum):
    """What kind of data was touched."""

    NONE = "none"
    CONTACT = "contact"
    CALL = "call"
    RECORDING = "recording"
    NOTE = "note"
    RIGHTS = "rights"
    SETTINGS = "settings"
    SIGN_IN = "sign_in"
    AUDIT = "audit"
    REQUEST = "request"
    REGISTER = "register"
    WHOLE_RECORD = "whole_record"


class Result(StrEnum):
    """How it came out."""

    DONE = "done"
    REFUSED = "refused"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class AuditDraft:
    """A deed about to be logged. ``detail`` may hold personal data: it goes behind the commitment.

    ``object_id`` is a random identifier, never a name or number; ``actor`` None means the device.
    """

    action: Action
    category: DataCategory
    object_id: str = ""
    result: Result = Result.DONE
    actor: UserId | None = None
    detail: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One entry as the log keeps it. ``index`` is the leaf number (from 0); time is UTC."""

    device: str
    index: int
    time: datetime
    actor: str
    """Pseudonym of the person: stable per device, no name."""
    action: str
    object_id: str
    category: str
    result: str
    commitment: str
    """Hex SHA-256 over salt and canonical detail, or empty where there is no detail."""


@dataclass(frozen=True, slots=True)
class AuditRow:
    """An entry as the audit page shows it: with names where they have not been erased."""

    entry: AuditEntry
    who: str
    what: str
    object_label: str
    detail: dict[str, str] = field(default_factory=dict)
    leaf_hash: str = ""
    witnessed: bool = False


@dataclass(frozen=True, slots=True)
class AuditVerdict:
    """The outcome of a check of the whole log.

    ``broken_at`` is the index of the first entry that differs, None while the log holds.
    """

    holds: bool
    entries: int
    signed_up_to: int
    witnessed_up_to: int
    root_hash: str
    checked_at: datetime
    took_ms: float
    broken_at: int | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """What the audit page asks for; empty fields do not filter. Times are UTC."""

    text: str = ""
    since: datetime | None = None
    until: datetime | None = None
    action: Action | None = None
    category: DataCategory | None = None
    result: Result | None = None
    object_id: str = ""
    """An object and, for a contact, everything that belongs to it: calls, recordings, notes."""
    actor: UserId | None = None
    below: int | None = None
    """Only entries before this number: how pages go on without counting from the newest."""
    above: int | None = None
    """Only entries from this number on: how a search stops before it has read the whole log."""
