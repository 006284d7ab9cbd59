"""Answering one person in a vault with a million calls: what is held, and erasure."""

from __future__ import annotations

import statistics
import time
from typing import Any

from softphone.app.ports import Vault
from softphone.domain.audit import Action, DataCategory
from softphone.domain.contact import Note
from softphone.domain.ids import ContactId, NoteId, new_id
from softphone.domain.privacy import ErasureReason
from tests.bench.result import Figure
from tests.bench.vault import _FEW, _MANY, _filled
from tests.bench.vault_fill import SUPERVISOR, open_as
from tests.unit.vault.rig import Rig, call, contact, draft, seal

_RUNS = 3
_NUMBER = "+4420794600{:02d}"


def erase_1m_s() -> dict[str, Any]:
    """Measure erasing one person with calls, a recording and notes, remains searched."""
    many, few = _filled(_MANY), _filled(_FEW)
    ours, peer = [], []
    for run in range(_RUNS):
        peer.append(_erase(few, run))
        ours.append(_erase(many, run))
    value, peer_value = statistics.median(ours), statistics.median(peer)
    return Figure(
        "erase_1m_s", round(value, 2), "s", f"the same with {_FEW:,} calls",
        round(peer_value, 2), "lower", _RUNS,
        f"{_MANY:,} calls; keys, rows, index, payload, log, then every byte and page searched",
    ).line()  # fmt: skip


def inventory_1m_ms() -> dict[str, Any]:
    """Measure reading everything that is held about one person."""
    many, few = _filled(_MANY), _filled(_FEW)
    ours, peer = [], []
    for run in range(_RUNS):
        for rig, times in ((few, peer), (many, ours)):
            vault = open_as(rig, SUPERVISOR)
            person = _person(rig, vault, 40 + run)
            began = time.perf_counter()
            vault.contact_file(person, draft(vault, Action.CONTACT_EXPORTED, object_id=person))
            times.append((time.perf_counter() - began) * 1000)
            vault.close()
    return Figure(
        "inventory_1m_ms", round(statistics.median(ours), 1), "ms",
        f"the same with {_FEW:,} calls", round(statistics.median(peer), 1), "lower", _RUNS,
        f"calls, recordings, notes and accesses of one person in {_MANY:,} calls",
    ).line()  # fmt: skip


def _erase(rig: Rig, run: int) -> float:
    vault = open_as(rig, SUPERVISOR)
    person = _person(rig, vault, run)
    began = time.perf_counter()
    receipt = vault.erase_contact(person, ErasureReason.SUBJECT_REQUEST, lambda _step: None)
    took = time.perf_counter() - began
    assert receipt.remains_found == 0
    vault.close()
    return took


def _person(rig: Rig, vault: Vault, run: int) -> ContactId:
    """Add a person with ten calls, a recording and three notes."""
    number = _NUMBER.format(run)
    person = contact(f"Wilhelmina Testperson {run}", number)
    vault.save_contact(person, draft(vault))
    for _ in range(10):
        vault.add_call(call(vault, number, rig.clock.now()), draft(vault, Action.CALL_ENDED))
    vault.take_in(
        seal(rig.profile, vault, number), draft(vault, Action.RECORDING_SEALED, DataCategory.NONE)
    )
    for text in ("likes tea in the afternoon", "rings from abroad", "asks for Mrs Nightowl"):
        vault.save_note(
            Note(NoteId(new_id()), vault.user.id, "Sam", rig.clock.now(), text, contact=person.id),
            draft(vault),
        )
    return person.id
