"""A vault filled quickly: rows through its own connection, words in its index, real keys."""

from __future__ import annotations

import os
import random
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from softphone.app.ports import NewMember
from softphone.domain.audit import Action, AuditDraft, DataCategory
from softphone.domain.call import Direction
from softphone.domain.ids import CallId, RecordingId, new_id
from softphone.domain.recording import Manifest, SealedRecording
from softphone.vault.age_format import header_mac
from softphone.vault.headers import seal_header
from softphone.vault.opened import OpenVault
from softphone.vault.recipients import new_file_key, parse_recipient, wrap_file_key
from softphone.vault.times import to_micros
from tests.unit.vault.rig import ADMIN, AGENT, SUPERVISOR, Rig

_BATCH = 20_000
_NAMES = [
    "Ada",
    "Grace",
    "Alan",
    "Edsger",
    "Barbara",
    "Donald",
    "Frances",
    "Niklaus",
    "Radia",
    "Linus",
    "Margaret",
    "Dennis",
    "Karen",
    "Ken",
    "Hedy",
    "Tim",
    "Joan",
    "Vint",
    "Annie",
    "John",
]
_FAMILIES = [
    "Lovelace",
    "Hopper",
    "Turing",
    "Dijkstra",
    "Liskov",
    "Knuth",
    "Allen",
    "Wirth",
    "Perlman",
    "Hamilton",
    "Ritchie",
    "Jones",
    "Thompson",
    "Lamarr",
    "Clarke",
    "Easley",
    "McCarthy",
    "Backus",
    "Baran",
    "Cerf",
    "Kahn",
    "Shannon",
    "Bell",
    "Nightingale",
]


@contextmanager
def workstation() -> Iterator[Rig]:
    """A vault with an administrator, a supervisor and an agent, in a folder that goes away."""
    folder = Path(tempfile.mkdtemp(prefix="bench-vault-"))
    rig = Rig(folder)
    rig.create(SUPERVISOR, AGENT)
    try:
        yield rig
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def open_as(rig: Rig, member: NewMember) -> OpenVault:
    """Sign in."""
    vault = rig.open(member)
    assert isinstance(vault, OpenVault)
    return vault


def fill_calls(vault: OpenVault, count: int) -> None:
    """Add calls of some 4,800 names and as many numbers as there are calls."""
    core = vault._stores.core
    chance = random.Random(1)
    now = core.clock.now()
    for start in range(0, count, _BATCH):
        rows, words = list[Any](), list[Any]()
        for n in range(start + 1, min(start + _BATCH, count) + 1):
            name = f"{chance.choice(_NAMES)} {chance.choice(_FAMILIES)} {n % 10}"
            number = f"+4930{n:08d}"
            rows.append(
                (n, new_id(), name, number, core.user.id, core.user.name,
                 to_micros(now - timedelta(seconds=30 * (count - n))))
            )  # fmt: skip
            words.append((n, f"{name} {number[1:]} +49 30 {n:08d}"))
        with core.deeds.transaction() as connection:
            connection.executemany(
                "INSERT INTO calls (n, id, shown_name, number, direction, disposition, agent,"
                " agent_name, started_at, talk_ms, wrap_up)"
                " VALUES (?, ?, ?, ?, 'incoming', 'answered', ?, ?, ?, 61000, '')",
                rows,
            )
            connection.executemany("INSERT INTO calls_fts (rowid, words) VALUES (?, ?)", words)


def fill_recordings(vault: OpenVault, count: int) -> None:
    """Add recordings with real headers and no payloads."""
    stores = vault._stores
    core = stores.core
    targets = vault.seal_targets(AGENT.team)
    recipients = [parse_recipient(target.recipient) for target in targets]
    member = next(m for m in vault.policy.members if m.name == AGENT.name)
    with core.deeds.deed(AuditDraft(Action.RECORDING_SEALED, DataCategory.RECORDING)) as connection:
        for n in range(1, count + 1):
            file_key = new_file_key()
            stanzas = wrap_file_key(recipients, file_key)
            recording, number = RecordingId(new_id()), f"+4930{n:08d}"
            manifest = Manifest(recording, os.urandom(32).hex(), 1 << 20, 60_000, "opus", 16_000)
            sealed = SealedRecording(
                manifest, CallId(new_id()), member.id, member.team, Direction.INCOMING, number,
                core.clock.now(), targets[0].group, stanzas, header_mac(stanzas, file_key),
            )  # fmt: skip
            connection.execute(
                "INSERT INTO recordings (n, id, call_id, agent, team, number, direction,"
                " started_at, audio_ms, gaps, group_id, codec, sample_rate_hz, complete,"
                " payload_sha256, payload_bytes, header, tail)"
                " VALUES (?, ?, ?, ?, ?, ?, 'incoming', ?, 60000, x'5b5d', ?, 'opus', 16000, 1,"
                " ?, ?, x'', x'')",
                (
                    n, recording, sealed.call, member.id, member.team, number,
                    to_micros(core.clock.now()), sealed.group, manifest.payload_sha256,
                    manifest.payload_bytes,
                ),
            )  # fmt: skip
            header = seal_header(core, stores.rewrapper._subjects, sealed, number)
            connection.execute("UPDATE recordings SET header = ? WHERE n = ?", (header, n))


def fill_recording_rows(vault: OpenVault, count: int) -> None:
    """Add what a list of recordings shows; the headers are of one size with real ones."""
    core = vault._stores.core
    group = vault.seal_targets(AGENT.team)[0].group
    member = next(m for m in vault.policy.members if m.name == AGENT.name)
    now = core.clock.now()
    for start in range(0, count, _BATCH):
        rows = [
            (
                n, new_id(), new_id(), member.id, member.team, f"+4930{n:08d}",
                to_micros(now - timedelta(seconds=30 * (count - n))), 1000 * (n % 900), group,
                os.urandom(32).hex(), os.urandom(2600),
            )
            for n in range(start + 1, min(start + _BATCH, count) + 1)
        ]  # fmt: skip
        with core.deeds.transaction() as connection:
            connection.executemany(
                "INSERT INTO recordings (n, id, call_id, agent, team, number, direction,"
                " started_at, audio_ms, gaps, group_id, codec, sample_rate_hz, complete,"
                " payload_sha256, payload_bytes, header, tail)"
                " VALUES (?, ?, ?, ?, ?, ?, 'incoming', ?, ?, x'5b5d', ?, 'opus', 16000, 1,"
                " ?, 1048576, ?, x'')",
                rows,
            )


__all__ = [
    "ADMIN",
    "AGENT",
    "SUPERVISOR",
    "fill_calls",
    "fill_recording_rows",
    "fill_recordings",
    "open_as",
    "workstation",
]
