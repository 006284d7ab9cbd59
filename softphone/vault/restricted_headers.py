"""Headers of restricted recordings, sealed once more for the officers' group."""

from __future__ import annotations

from softphone.domain.errors import Refused
from softphone.domain.ids import ContactId, GroupId
from softphone.vault.core import Core
from softphone.vault.groups import OFFICERS, newest_group
from softphone.vault.hpke import open_with, seal_for


def seal_restricted(core: Core, contact: ContactId) -> int:
    """Seal what is still open of a restricted contact; returns how many. In a transaction."""
    group = newest_group(core.policy, OFFICERS)
    if group is None or not group.members:
        raise Refused(
            "The person was not restricted.",
            "Nobody holds the key of the data protection officers.",
            "Let an administrator give somebody the right “Run the privacy centre”.",
        )
    rows = core.connection.execute(
        "SELECT id, header FROM recordings WHERE contact_id = ? AND restricted_for = ''",
        (contact,),
    ).fetchall()
    for recording, header in rows:
        sealed = seal_for(group.recipient, bytes(header), restricted_info(recording))
        core.connection.execute(
            "UPDATE recordings SET header = ?, restricted_for = ? WHERE id = ?",
            (sealed, group.id, recording),
        )
    return len(rows)


def is_restricted(core: Core, contact: ContactId | None) -> bool:
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
        "SELECT id, header, restricted_for FROM recordings WHERE restricted_for <> ''"
        " AND (contact_id IS NULL OR contact_id NOT IN (SELECT contact_id FROM restrictions))"
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
