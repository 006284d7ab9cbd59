"""Giving up another workstation from here, and being told to by an endorsed one."""

from __future__ import annotations

from softphone.domain.audit import Action, AuditDraft, DataCategory
from softphone.domain.errors import InvalidInput, NotFound
from softphone.domain.ids import DeviceId, ErasureId, new_id
from softphone.domain.privacy import ErasureReason, Tombstone
from softphone.domain.tombstone import sign_tombstone
from softphone.vault import meta
from softphone.vault.core import Core
from softphone.vault.crypto import signer
from softphone.vault.outbox import put_tombstone

_ORDERED = "leave_ordered"


def order_leaving(core: Core, device: DeviceId, draft: AuditDraft) -> Tombstone:
    """Sign the order that a workstation of the fleet destroys everything; it goes out by sync.

    It is carried out when somebody signs in there and it meets the server. Raises InvalidInput
    (this one), NotFound (the policy endorses no such workstation).
    """
    if device == core.device.id:
        raise InvalidInput(
            "Nothing was ordered.", "This is the workstation itself.", "Give it up on its own page."
        )
    if core.policy.device(device) is None:
        raise NotFound(
            "Nothing was ordered.", "The policy endorses no such workstation.", "Check the list."
        )
    unsigned = Tombstone(
        ErasureId(new_id()),
        core.device.id,
        ErasureReason.DEVICE_GIVEN_UP,
        core.clock.now(),
        target=device,
    )
    signed = sign_tombstone(unsigned, signer(core.device.log_key))
    with core.deeds.deed(draft) as connection:
        put_tombstone(connection, signed)
    return signed


def take_order(core: Core, tombstone: Tombstone) -> None:
    """Note an order that was checked, when it is this workstation that is to go."""
    if tombstone.target != core.device.id:
        return
    draft = AuditDraft(
        Action.DEVICE_DECOMMISSIONED,
        DataCategory.WHOLE_RECORD,
        tombstone.erasure,
        detail={"ordered_by": tombstone.device},
    )
    with core.deeds.deed(draft) as connection:
        meta.put(connection, _ORDERED, tombstone.erasure.encode())


def leave_ordered(core: Core) -> bool:
    """Whether this workstation was told to destroy everything."""
    return meta.get(core.connection, _ORDERED) is not None
