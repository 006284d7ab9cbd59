"""The sections of the privacy page: what each is called, who may open it, how it is made."""

from __future__ import annotations

from softphone.domain.permissions import Permission
from softphone.domain.register import Register
from softphone.ui.pages.consents import ConsentsSection
from softphone.ui.pages.do_not_call import DoNotCallSection
from softphone.ui.pages.information import InformationSection
from softphone.ui.pages.leaving_section import LeavingSection
from softphone.ui.pages.proof_section import ProofSection
from softphone.ui.pages.register_section import LOOKS, register_maker
from softphone.ui.pages.requests import RequestsSection
from softphone.ui.pages.restrictions_section import RestrictionsSection
from softphone.ui.pages.retention_section import RetentionSection
from softphone.ui.pages.roles_section import RolesSection
from softphone.ui.pages.sectioned import SectionEntry
from softphone.ui.pages.training_section import TrainingSection
from softphone.ui.workplace import Rights

_MANAGE = (Permission.PRIVACY_MANAGE,)


SECTIONS: tuple[SectionEntry, ...] = (
    SectionEntry(
        "requests",
        "Requests",
        "tray",
        _MANAGE,
        RequestsSection,
    ),
    SectionEntry(
        "consents",
        "Consents",
        "checked-list",
        (Permission.PRIVACY_MANAGE,),
        ConsentsSection,
    ),
    SectionEntry(
        "information",
        "Information",
        "file-text",
        (Permission.PRIVACY_MANAGE,),
        InformationSection,
    ),
    SectionEntry(
        "do-not-call",
        "Do not call",
        "prohibit",
        (Permission.PRIVACY_MANAGE,),
        DoNotCallSection,
    ),
    SectionEntry("restrictions", "Restrictions", "lock", _MANAGE, RestrictionsSection),
    SectionEntry(
        "retention",
        "Retention",
        "hourglass",
        (*_MANAGE, Permission.POLICY_MANAGE),
        RetentionSection,
    ),
    SectionEntry("roles", "Who sees what", "users", _MANAGE, RolesSection),
    SectionEntry("training", "Training", "student", _MANAGE, TrainingSection),
    *(
        SectionEntry(
            register.value,
            LOOKS[register].title,
            LOOKS[register].icon,
            _MANAGE,
            register_maker(register),
        )
        for register in (
            Register.PROCESSORS,
            Register.AGREEMENTS,
            Register.ACTIVITIES,
            Register.BREACHES,
            Register.CONTROLLER,
        )
    ),
    SectionEntry("proof", "Prove an erasure", "medal", (Permission.CONTACTS_ERASE,), ProofSection),
    SectionEntry("leaving", "Leave", "sign-out", (Permission.POLICY_MANAGE,), LeavingSection),
)


def sections_for(rights: Rights) -> tuple[SectionEntry, ...]:
    """Return the sections that the person may open, in order."""
    return tuple(entry for entry in SECTIONS if any(map(rights.may, entry.rights)))
