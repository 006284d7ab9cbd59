"""A restored vault goes on under a new name: a new device and key, the old entries kept.

See domain.handover for why. The old key signs the handover and is forgotten.
"""

from __future__ import annotations

from dataclasses import replace

import msgspec

from softphone.domain.audit import Action, AuditDraft, DataCategory
from softphone.domain.handover import hand_over
from softphone.domain.ids import new_id
from softphone.domain.tombstone import from_dict, sign_tombstone, to_dict
from softphone.vault import meta
from softphone.vault.crypto import new_key, signer
from softphone.vault.database import Connection
from softphone.vault.meta import DeviceSecrets
from softphone.vault.outbox import hand_over_server
from softphone.vault.stores import Stores


def continue_log(stores: Stores) -> None:
    """Give the vault a new device whose log begins with the entries of the one before.

    The first entry of its own names that device, and its detail the last head that was signed
    under the old name. Nothing is confirmed any more, and the workstation is not enrolled.
    """
    core = stores.core
    before = core.device
    device = msgspec.structs.replace(
        before,
        device=new_id(),
        log_key=new_key(),
        mldsa_seed=new_key(),
        predecessors=(*before.predecessors, str(before.log_vkey)),
    )
    note = hand_over(before.log_vkey, signer(before.log_key), device.log_vkey)
    with core.deeds.transaction() as connection:
        last = core.log.sign_head()
        meta.save_device(connection, device)
        connection.execute("DELETE FROM checkpoints")
        connection.execute("DELETE FROM cosigned")
        hand_over_server(connection, note)
        _sign_anew(connection, device)
        core.log.go_on_as(device)
        core.log.append(
            AuditDraft(
                Action.LOG_CONTINUED,
                DataCategory.AUDIT,
                before.device,
                detail={"checkpoint": last.note, "log_key": str(before.log_vkey)},
            )
        )
        head = core.log.sign_head()
    core.device = device
    known = stores.marks.load()
    stores.marks.save(
        msgspec.structs.replace(known, log_size=head.size, log_root=head.root, cosigned_size=0)
    )


def _sign_anew(connection: Connection, device: DeviceSecrets) -> None:
    """Let the new key sign the erasures that the server has not got yet."""
    rows = connection.execute("SELECT erasure, tombstone FROM outbox_tombstones").fetchall()
    for erasure, body in rows:
        tombstone = from_dict(msgspec.json.decode(bytes(body)))
        signed = sign_tombstone(replace(tombstone, device=device.id), signer(device.log_key))
        connection.execute(
            "UPDATE outbox_tombstones SET tombstone = ? WHERE erasure = ?",
            (msgspec.json.encode(to_dict(signed)), erasure),
        )
