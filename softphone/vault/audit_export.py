"""The audit log as it leaves the vault: leaves, signed heads and keys; no personal detail."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from softphone.domain.audit_bundle import AuditBundle, EntryProof
from softphone.domain.errors import NotFound
from softphone.domain.merkle import inclusion_proof
from softphone.domain.note import VerifierKey
from softphone.vault.audit_log import Head
from softphone.vault.core import Core
from softphone.vault.log_keys import mldsa_text
from softphone.vault.paged import PagedRows

_PAGE = 1000


def bundle(core: Core, head: Head, witness: VerifierKey | None) -> AuditBundle:
    """Return the log up to a signed head; leaves are read in pages while they are taken."""
    sizes = core.connection.execute(
        "SELECT size FROM checkpoints WHERE size <= :end AND size > 0"
        " UNION SELECT size FROM cosigned WHERE size <= :end ORDER BY 1",
        {"end": head.size},
    ).fetchall()
    return AuditBundle(
        str(core.device.log_vkey),
        "" if witness is None else str(witness),
        head.size,
        _leaves(core, head.size),
        PagedRows((size for (size,) in sizes), lambda part: _notes(core, part)),
        mldsa_text(core.device),
    )


def prove(core: Core, head: Head, index: int, witness: VerifierKey | None) -> EntryProof:
    """Return the proof of an entry, under the newest cosigned checkpoint that covers it.

    Under ``head`` where the witness has not seen the entry yet. Raises NotFound.
    """
    if not 0 <= index < head.size:
        raise NotFound(
            "The entry does not exist.", f"The log has the entries 0 to {head.size - 1}."
        )
    row = core.connection.execute(
        "SELECT size, note FROM cosigned WHERE size > ? ORDER BY size DESC LIMIT 1", (index,)
    ).fetchone()
    size, note = (head.size, head.note) if row is None else (int(row[0]), str(row[1]))
    hashes = [
        bytes(hashed)
        for (hashed,) in core.connection.execute(
            "SELECT hash FROM audit_leaves WHERE n < ? ORDER BY n", (size,)
        )
    ]
    [leaf] = core.connection.execute(
        "SELECT leaf FROM audit_leaves WHERE n = ?", (index,)
    ).fetchone()
    return EntryProof(
        index,
        bytes(leaf),
        inclusion_proof(hashes, index),
        note,
        str(core.device.log_vkey),
        "" if witness is None else str(witness),
        mldsa_text(core.device),
    )


def _notes(core: Core, sizes: Sequence[int]) -> list[str]:
    """Return the signed heads of these sizes; a cosigned one carries the device's own as well."""
    marks = ",".join("?" * len(sizes))
    notes: dict[int, str] = {}
    for table in ("checkpoints", "cosigned"):
        notes.update(
            core.connection.execute(
                f"SELECT size, note FROM {table} WHERE size IN ({marks})",  # noqa: S608 - marks only
                tuple(sizes),
            ).fetchall()
        )
    return [notes[size] for size in sizes if size in notes]


def _leaves(core: Core, size: int) -> Iterator[bytes]:
    # No cursor stays open between pages: an erasure must be able to empty the write-ahead log.
    for first in range(0, size, _PAGE):
        rows = core.connection.execute(
            "SELECT leaf FROM audit_leaves WHERE n >= ? AND n < ? ORDER BY n",
            (first, min(first + _PAGE, size)),
        ).fetchall()
        yield from (bytes(leaf) for (leaf,) in rows)
