"""``python -m tests.audit_table``: write the table of actions into docs/audit.md."""

from __future__ import annotations

from pathlib import Path

from softphone.domain.audit import ACTION_WORDS, Action

DOCUMENT = Path(__file__).parent.parent / "docs" / "audit.md"
BEGIN, END = "<!-- actions: begin -->\n", "<!-- actions: end -->\n"
WHEN: dict[Action, str] = {
    Action.VAULT_CREATED: "The vault of this workstation was created.",
    Action.POLICY_PUBLISHED: "A policy was signed and kept, or a SIP account was saved.",
    Action.POLICY_REJECTED: "A policy was refused: signature, version or expiry.",
    Action.POLICY_FOLLOWED: "An administrator publishes to the fleet, or follows its policy.",
    Action.POLICY_RECEIVED: "A newer policy of the fleet was verified and put in force.",
    Action.USER_ADDED: "A person got a key slot and a place in the policy.",
    Action.USER_CHANGED: "A person got another role or team.",
    Action.USER_REMOVED: "A person's key slot was destroyed; the policy names them no longer.",
    Action.ROLE_SAVED: "A role was made or got other rights; the detail names them.",
    Action.ROLE_REMOVED: "A role was removed, or a changed built-in one put back as it came.",
    Action.PASSWORD_CHANGED: "A person changed their password, or gave a wrong old one.",
    Action.PASSWORD_RESET: "The recovery key gave a person a new password.",
    Action.RECOVERY_TESTED: "A typed recovery key was tried on slots and recordings.",
    Action.KEYS_REPLACED: "New epochs of the listeners' groups, or headers wrapped for them.",
    Action.BACKUP_MADE: "A backup for the recovery key was begun; says when its keys end.",
    Action.BACKUP_RESTORED: (
        "This vault was restored; the detail says with which keys, and who was asked for erasures."
    ),
    Action.BACKUP_TESTED: (
        "A backup was restored into a private place and thrown away again, or its keys had ended."
    ),
    Action.SIGNED_IN: "The vault was opened.",
    Action.SIGN_IN_FAILED: "A wrong attempt before this sign-in; one entry for each kept time.",
    Action.SIGNED_OUT: "The vault was closed by a person or by the end of a command.",
    Action.OPENING_REFUSED: "The vault could not be opened: damage, or a newer program made it. "
    "Written, as a policy refused at a sign-in is, once somebody gets in.",
    Action.LOCKED: "The window was locked; the detail says by whom or what. All keys are dropped.",
    Action.UNLOCKED: "The person who had it locked signed in again.",
    Action.CALL_ENDED: "A finished call was taken into the history.",
    Action.RECORDING_STARTED: "Capture of a call began.",
    Action.RECORDING_PAUSED: "Capture stopped for a while; the detail says why.",
    Action.RECORDING_RESUMED: "Capture went on.",
    Action.RECORDING_STOPPED: "Capture was ended before the call.",
    Action.RECORDING_SEALED: "A finished recording was taken into the vault.",
    Action.RECORDING_FAILED: "Capture could not go on, for example on a full disk.",
    Action.RECORDING_LISTENED: "A recording was opened to be heard, or that was refused.",
    Action.RECORDING_REVIEWED: "A recording was marked as reviewed.",
    Action.RECORDING_TAGGED: "The tags of a recording were replaced.",
    Action.RECORDING_SCORED: "A reviewer filled in the score card of a recording, or cleared it.",
    Action.RECORDING_DELETED: "The keys, rows and payload of one recording were destroyed.",
    Action.RECORDING_DROPPED: "A recording was not kept: who is heard in it was erased meanwhile.",
    Action.RECORDING_MISMATCHED: "A payload is not the one that its manifest names.",
    Action.RECORDING_EXPORTED: "A recording was handed out, refused, or the file failed.",
    Action.RECORDING_CLOSED: "A recording that a crash cut off got its final chunk.",
    Action.RECORDING_HANDED_OVER: "A recording was sealed for another workstation, or refused.",
    Action.RECORDING_RECEIVED: "A recording from another workstation was taken in, or refused.",
    Action.HANDOVER_ADDRESS_MADE: "A key was made that another workstation seals recordings for.",
    Action.CONTACT_SAVED: "A contact was added or changed.",
    Action.CONTACT_READ: "A contact was opened.",
    Action.CONTACT_EXPORTED: "Everything held about a contact was written to a workbook.",
    Action.CONTACTS_MERGED: "Two contacts became one; the detail names the one that went.",
    Action.CONTACTS_UNMERGED: "A merge was taken apart.",
    Action.IMPORT_BEGUN: "An import of contacts begins; written before the first row.",
    Action.CONTACTS_IMPORTED: "An import ended; the detail counts what became of the rows.",
    Action.IMPORT_UNDONE: "An import was undone: by a person, or because it did not end.",
    Action.CONTACTS_EXPORTED: "All contacts were written to a file.",
    Action.CONSENT_GIVEN: "A legal basis was recorded for a contact and a purpose.",
    Action.CONSENT_WITHDRAWN: "A withdrawal or an objection was recorded.",
    Action.PURPOSES_CHANGED: "The list of purposes was changed.",
    Action.TEXT_SAVED: "A version of an information text was saved.",
    Action.PERSON_INFORMED: "A text was read out or played in a call.",
    Action.DO_NOT_CALL_CHANGED: "A do-not-call list was imported or dropped.",
    Action.NOTE_SAVED: "A note or a wrap-up was written.",
    Action.NOTE_READ: "The notes of a recording were read; the first time in a session.",
    Action.LIST_READ: "Contacts, calls or recordings were listed, searched or looked up; the first "
    "time in a session for each kind, or the first refusal.",
    Action.ERASURE_INTENDED: "An erasure begins; written before anything goes.",
    Action.ERASURE_DONE: "The erasure of a person ended; the detail counts what went.",
    Action.REQUEST_SAVED: "A data subject's request was registered, changed or closed.",
    Action.REQUEST_READ: "A data subject's request was opened.",
    Action.REQUEST_ANSWERED: "A request was answered, or that was refused.",
    Action.PERSON_RESTRICTED: "The use of a person's data was restricted, or put under a hold.",
    Action.PERSON_RELEASED: "A restriction or a hold was ended.",
    Action.CONTACT_RECTIFIED: "A person's data was corrected; what it was is kept.",
    Action.REGISTER_CHANGED: "An entry of a register was added, changed, imported or taken out.",
    Action.REGISTER_EXPORTED: "A register or a document made from it was handed out.",
    Action.TEXT_ACKNOWLEDGED: "A person accepted an agreement or finished a training.",
    Action.BREACH_ASSESSED: "It was counted what a breach could have exposed.",
    Action.RETENTION_CHANGED: "The periods for which data is kept were changed.",
    Action.RETENTION_READ: "The rules, the preview or the reports of retention were looked at.",
    Action.RETENTION_RUN: "What is past its period was deleted; the detail counts it.",
    Action.REMAINS_SEARCHED: "A receipt was checked and every byte searched for the person.",
    Action.DEVICE_DECOMMISSIONED: "The workstation was given up; the certificate was signed.",
    Action.TOMBSTONE_APPLIED: "An erasure ordered by another workstation was carried out here.",
    Action.TOMBSTONE_HELD: "An erasure from a workstation that nobody endorsed came in; it waits.",
    Action.AUDIT_READ: "The log was opened to be read.",
    Action.AUDIT_VERIFIED: "The log was checked; failed when it does not hold.",
    Action.AUDIT_EXPORTED: "The log, or the proof of one entry, was handed out.",
    Action.AUDIT_COMPARED: "Call records of a PBX were held against the log; counts missing ones.",
    Action.SERVER_MISBEHAVED: "The server answered what an honest one would not; refused.",
    Action.CONNECTION_REFUSED: "A registrar or its certificate was refused.",
    Action.CALL_RULES_CHANGED: "Other rules for calls were published, or that was refused.",
    Action.WORKPLACE_CHANGED: "Windows lock after other times, or reviewers are asked anew.",
    Action.AGENT_STATE_CHANGED: "A person took a break, came back, or worked on after a call.",
    Action.AVAILABILITY_CHANGED: "A person forwarded calls, or let none or all through.",
    Action.CALL_TRANSFERRED: "A caller was sent elsewhere, or that was refused.",
    Action.CALL_PLACED: "A call was placed, or that was refused.",
    Action.RETENTION_CHANGED: "Somebody decided how long a class of data is kept.",
    Action.RETENTION_READ: "Somebody looked at what a run of retention would delete.",
    Action.RETENTION_RUN: "Data that was older than its period was deleted.",
    Action.DEVICE_ENDORSED: "The policy names another device's key: its erasures are believed.",
    Action.DEVICE_WITHDRAWN: "The policy names that key no longer.",
    Action.LOG_CONTINUED: "A restored vault goes on as a new device; names the one before.",
    Action.DEVICE_ENROLLED: "This workstation was connected to a server.",
    Action.RETENTION_CHANGED: "The policy says anew how long data is kept.",
    Action.RETENTION_READ: "Somebody looked at what the next run would delete.",
    Action.RETENTION_RUN: "A run deleted what need not be kept; the detail counts it.",
}


def table() -> str:
    """Return the table of every action, as Markdown."""
    rows = (f"| `{a.value}` | {ACTION_WORDS[a]} | {WHEN[a]} |\n" for a in Action)
    return "| action | as people read it | written when |\n|---|---|---|\n" + "".join(rows)


def parts() -> tuple[str, str, str]:
    """Return the document before, within and after the table."""
    before, _, rest = DOCUMENT.read_text("utf-8").partition(BEGIN)
    inside, _, after = rest.partition(END)
    return before, inside, after


if __name__ == "__main__":
    head, _, tail = parts()
    DOCUMENT.write_text(f"{head}{BEGIN}{table()}{END}{tail}", "utf-8")
