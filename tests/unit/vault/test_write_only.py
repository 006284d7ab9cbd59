"""The whole profile and the agent's own password: everything in it is tried as a key."""

from __future__ import annotations

from pathlib import Path

import msgspec

from softphone.domain.errors import Damaged
from softphone.domain.ids import RecordingId
from softphone.vault.age_format import Header
from softphone.vault.database import open_database
from softphone.vault.headers import open_header
from softphone.vault.recipients import HybridIdentity, NotForMe
from softphone.vault.stream import open_payload
from softphone.vault.subjects import Subjects
from tests.unit.vault.rig import AGENT, AUDIO, SUPERVISOR, Rig
from tests.unit.vault.test_backup import record


def pieces(value: object) -> set[bytes]:
    """Return every run of 16 and 32 bytes in a small value, and the ends of a large one."""
    if isinstance(value, str):
        value = value.encode()
    if not isinstance(value, bytes):
        return set()
    starts = range(len(value)) if len(value) <= 256 else (0, len(value) - 32, len(value) - 16)
    return {value[i : i + n] for i in starts for n in (16, 32) if len(value) >= i + n}


def everything(rig: Rig, member) -> tuple[Header, set[bytes]]:
    """Return the recording's header, and all that a person finds with their password."""
    vault = rig.open(member)
    try:
        stores = vault._stores
        core, slot = stores.core, stores.people._slot.secrets
        (name,) = core.connection.execute("SELECT id FROM recordings").fetchone()
        header = open_header(core, Subjects(core), RecordingId(name))
        found = set()
        for value in msgspec.structs.astuple(slot) + msgspec.structs.astuple(core.device):
            found |= pieces(value)
        found |= {identity.seed for identity in core.groups.values()}
        journal = open_database(rig.profile.journal, core.device.journal_key)
        for connection in (core.connection, journal):
            tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            for (table,) in tables.fetchall():
                for row in connection.execute(f'SELECT * FROM "{table}"').fetchall():  # noqa: S608
                    for value in row:
                        found |= pieces(value)
        journal.close()
    finally:
        vault.close()
    for path in rig.profile.root.rglob("*"):
        if path.is_file() and path.stat().st_size < 4096:
            found |= pieces(path.read_bytes())
    return header, found


def opens(header: Header, keys: set[bytes]) -> list[bytes]:
    """Return every file key that any of these bytes leads to."""
    opened = []
    for key in keys:
        if len(key) == 32:
            try:
                opened.append(HybridIdentity(key).unwrap(header.stanzas))
            except NotForMe:
                continue
        else:
            try:
                header.verify(key)
            except Damaged:
                continue
            opened.append(key)
    return opened


def rig_with_a_recording(root: Path) -> Rig:
    rig = Rig(root)
    rig.create(SUPERVISOR, AGENT)
    record(rig)
    return rig


def test_nothing_in_the_profile_opens_what_the_agent_recorded(tmp_path: Path):
    header, keys = everything(rig_with_a_recording(tmp_path), AGENT)
    assert len(keys) > 500
    assert opens(header, keys) == []


def test_a_listeners_password_opens_it_the_same_way(tmp_path: Path):
    rig = rig_with_a_recording(tmp_path)
    header, keys = everything(rig, SUPERVISOR)
    [file_key] = set(opens(header, keys))
    [payload] = rig.profile.recordings.rglob("*.pay")
    reader = open_payload(payload, file_key)
    assert reader.read_at(0, reader.size) == AUDIO
    reader.close()
