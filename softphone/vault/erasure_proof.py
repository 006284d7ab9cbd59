"""Proof that an erased person is gone: the receipt, the rows, the keys, and every byte."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from softphone.domain.audit import Action, Result
from softphone.domain.errors import NotFound
from softphone.domain.ids import ContactId, RecordingId
from softphone.domain.merkle import Growing
from softphone.domain.note import parse_checkpoint, parse_note, verify
from softphone.domain.privacy import ErasureProof, ErasureStep
from softphone.domain.receipt import ReadReceipt
from softphone.vault.core import Core
from softphone.vault.crypto import verifies
from softphone.vault.journal import payload_path
from softphone.vault.remains import holds_any

_ENDS = (Action.ERASURE_DONE, Action.TOMBSTONE_APPLIED, Action.RECORDING_DELETED)
_PAGE = 10_000


def prove_erased(
    core: Core, read: ReadReceipt, remains: int, words: Sequence[str], folders: Sequence[Path]
) -> ErasureProof:
    """Return what is left of an erasure; ``remains`` is what the search of the profile found.

    Raises NotFound for a receipt of another vault, ProofInvalid for a forged checkpoint.
    """
    row = core.connection.execute(
        "SELECT step, contacts, recordings FROM erasures WHERE id = ?", (read.receipt.erasure,)
    ).fetchone()
    if row is None or read.log_key != str(core.device.log_vkey):
        raise NotFound(
            "The receipt is not of this workstation.",
            "Another one carried the erasure out first.",
            "Check it where it was made; this workstation has its own entry in the log.",
        )
    contacts = msgspec.json.decode(bytes(row[1]), type=tuple[ContactId, ...])
    recordings = msgspec.json.decode(bytes(row[2]), type=tuple[RecordingId, ...])
    return ErasureProof(
        read.receipt.erasure,
        _in_log(core, read) and row[0] == ErasureStep.DONE.value,
        _rows_left(core, contacts, recordings),
        remains,
        len(words),
        tuple(_elsewhere(folders, words)),
    )


def _in_log(core: Core, read: ReadReceipt) -> bool:
    """Whether the log has the entry, and its first leaves make the root that was signed."""
    receipt = read.receipt
    note = parse_note(receipt.checkpoint)
    verify(note, core.device.log_vkey, verifies)
    head = parse_checkpoint(note.text)
    leaf = core.connection.execute(
        "SELECT action, result, object_id FROM audit_leaves WHERE n = ?", (receipt.entry_index,)
    ).fetchone()
    named = {receipt.erasure}
    if leaf is None or leaf[0] not in {a.value for a in _ENDS}:
        return False
    if leaf[0] == Action.RECORDING_DELETED.value:
        named.add(leaf[2])
    if leaf[1] != Result.DONE.value or leaf[2] not in named or head.size <= receipt.entry_index:
        return False
    return _root(core, head.size) == head.root


def _root(core: Core, size: int) -> bytes:
    tree = Growing()
    for first in range(0, size, _PAGE):
        rows = core.connection.execute(
            "SELECT hash FROM audit_leaves WHERE n >= ? AND n < ? ORDER BY n",
            (first, min(first + _PAGE, size)),
        ).fetchall()
        for (hashed,) in rows:
            tree.add(bytes(hashed))
    frontier = tree.frontier()
    return frontier.root() if frontier.size == size else b""


def _rows_left(
    core: Core, contacts: tuple[ContactId, ...], recordings: tuple[RecordingId, ...]
) -> int:
    query, left = core.connection.execute, 0
    for contact in contacts:
        for table, column in (
            ("contacts", "id"),
            ("contact_numbers", "contact_id"),
            ("calls", "contact_id"),
            ("notes", "contact_id"),
            ("restrictions", "contact_id"),
            ("rectifications", "contact_id"),
            ("privacy_requests", "contact_id"),
        ):
            found = query(
                f"SELECT count(*) FROM {table} WHERE {column} = ?",  # noqa: S608 - constants
                (contact,),
            ).fetchone()
            left += int(found[0])
    for recording in recordings:
        for table, column in (("recordings", "id"), ("recording_keys", "recording_id")):
            found = query(
                f"SELECT count(*) FROM {table} WHERE {column} = ?",  # noqa: S608 - constants
                (recording,),
            ).fetchone()
            left += int(found[0])
        left += payload_path(core.profile.recordings, recording).exists()
    return left


def _elsewhere(folders: Sequence[Path], words: Sequence[str]) -> list[str]:
    found = []
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and holds_any(path, words):
                found.append(str(path))
    return found
