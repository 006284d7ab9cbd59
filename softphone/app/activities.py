"""Records of processing (GDPR Art. 30), generated from what is really configured."""

from __future__ import annotations

from softphone.domain.permissions import Permission, Policy, RecordingMode
from softphone.domain.register import Register, RegisterEntry
from softphone.domain.report import Purpose
from softphone.domain.retention import DATA_WORDS, DataClass

SECURITY = (
    "Calls over TLS and SRTP. Database encrypted (SQLCipher), recordings sealed for listeners "
    "(age, post-quantum hybrid). Rights by a signed policy. Every access in an audit log that "
    "shows any alteration."
)
_NOT_DECIDED = "Not decided: see the retention rules"


def keep_words(policy: Policy, *classes: DataClass) -> str:
    """Say how long classes of data are kept, as the rules in force say."""
    rules = {rule.data: rule for rule in policy.retention}
    return "; ".join(
        f"{DATA_WORDS[data]}: {rules[data].keep_days} days"
        if data in rules
        else f"{DATA_WORDS[data]}: {_NOT_DECIDED.lower()}"
        for data in classes
    )


def who_may(policy: Policy, permission: Permission) -> str:
    """Name the roles that have a right, as the recipients within the organisation."""
    roles = [
        role.name
        for role in policy.roles
        if any(grant.permission is permission for grant in role.grants)
    ]
    return ", ".join(roles) or "nobody"


def live_activities(
    policy: Policy, entries: tuple[RegisterEntry, ...], synchronised: bool
) -> tuple[Purpose, ...]:
    """Return what this workstation does by its configuration, then what people entered."""
    found = [
        Purpose(
            "Taking and placing calls, and their history",
            "Contract or steps before one (Art. 6(1)(b)), or legitimate interest (Art. 6(1)(f))",
            "Name, numbers, company, e-mail, language, times of calls, notes",
            who_may(policy, Permission.HISTORY_READ),
            keep_words(policy, DataClass.CALLS, DataClass.NOTES, DataClass.CONTACTS),
        )
    ]
    if policy.recording is not RecordingMode.OFF:
        how = "all calls" if policy.recording is RecordingMode.AUTOMATIC else "calls chosen by hand"
        found.append(
            Purpose(
                f"Recording of {how}, for quality and as proof",
                "Consent (Art. 6(1)(a)), or what the contact's record names",
                "Voices of both sides",
                who_may(policy, Permission.RECORDINGS_LISTEN),
                keep_words(policy, DataClass.RECORDINGS),
            )
        )
    found.append(
        Purpose(
            "Proof of who accessed and changed data",
            "Legal obligation (Art. 6(1)(c)) from Art. 5(2), 32 and 33",
            "Who did what and when; detail that can be destroyed",
            who_may(policy, Permission.AUDIT_READ),
            keep_words(policy, DataClass.AUDIT_DETAIL),
        )
    )
    if synchronised:
        found.append(
            Purpose(
                "Synchronisation of proof and erasures between workstations",
                "Legal obligation (Art. 6(1)(c)) from Art. 17 and 5(2)",
                "Pseudonyms, times, proofs; no name, number or sound",
                "The operator of the server",
                "As long as the proof is needed",
            )
        )
    found += (
        Purpose(
            entry.values["purpose"],
            entry.values["basis"],
            entry.values["data"],
            entry.values.get("recipients", ""),
            entry.values.get("keep", ""),
            entry.values["subjects"],
        )
        for entry in entries
        if entry.register is Register.ACTIVITIES
    )
    return tuple(found)
