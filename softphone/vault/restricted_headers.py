"""Headers of restricted recordings, sealed once more for the officers' group."""

from __future__ import annotations

from softphone.domain.errors import Refused
from softphone.domain.ids import ContactId, GroupId
from softphone.vault.core import Core
from softphone.vault.groups import OFFICERS, newest_group
from softphone.vault.heard import OF_CONTACT, OF_CONTACTS
from softphone.vault.hpke import open_with, seal_for

_RESTRICTED = OF_CONTACTS.format(contacts="SELECT contact_id FROM restrictions")


def seal_restricted(core: Core, contact: ContactId) -> int:
    """Seal what is still open with a restricted contact's voice; returns how many. In a
    transaction.
    """
    group = newest_group(core.policy, OFFICERS)
    if group is None or not group.members:
        raise Refused(
            "The person was not restricted.",
            "Nobody holds the key of the data protection officers.",
            "Let an administrator give somebody the right “Run the privacy centre”.",
        )
    rows = core.connection.execute(
        f"SELECT id, header FROM recordings WHERE id IN ({OF_CONTACT})"  # noqa: S608 - a constant
        " AND restricted_for = ''",
        {"contact": contact},
    ).fetchall()
    for recording, header in rows:
        sealed = seal_for(group.recipient, bytes(header), restricted_info(recording))
        core.connection.execute(
            "UPDATE recordings SET header = ?, restricted_for = ? WHERE id = ?",
            (sealed, group.id, recording),
        )
    return len(rows)


def is_restricted(core: Core, contact: ContactId) -> bool:
    """Whether anything restricts the use of a contact's data."""
    found = core.connection.execute("SELECT 1 FROM restrictions WHERE contact_id = ?", (contact,))
    return found.fetchone() is not None


def restricted_info(recording: str) -> bytes:
    """Return what binds a sealed header to its recording."""
    return f"softphone restricted header v1\n{recording}".encode()


def unseal_released(core: Core) -> int:
    """Unseal what no restriction is about any more; returns how many. In a transaction.

    Raises Refused when the officers' key is not this person's.
    """
    rows = core.connection.execute(
        "SELECT id, header, restricted_for FROM recordings WHERE restricted_for <> ''"  # noqa: S608
        f" AND id NOT IN ({_RESTRICTED})"
    ).fetchall()
    for recording, header, group in rows:
        identity = core.groups.get(GroupId(group))
        if identity is None:
            raise Refused(
                "The restriction was not ended.",
                f"The recordings are sealed for {group}, and your key is not among theirs.",
                "Ask a data protection officer who held the right at that time.",
            )
        opened = open_with(identity.seed, bytes(header), restricted_info(recording))
        core.connection.execute(
            "UPDATE recordings SET header = ?, restricted_for = '' WHERE id = ?",
            (opened, recording),
        )
    return len(rows)
