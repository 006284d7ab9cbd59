"""What of the vault can be damaged or exchanged is detected, named, logged; the rest works.

Each case changes the files of a vault that is closed, and says where it shows and in which words.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from softphone.app.bus import Bus
from softphone.app.ports import RecordingFilter
from softphone.app.recordings import Recordings
from softphone.app.session import Session
from softphone.domain.audit import Action, AuditFilter
from softphone.domain.errors import SoftphoneError
from softphone.domain.ids import RecordingId
from softphone.vault.crypto import new_key
from softphone.vault.database import open_database
from softphone.vault.journal import payload_path
from softphone.vault.policy import save_note, sign_policy
from tests.unit.vault.rig import ADMIN, AGENT, AUDIO, SUPERVISOR, Rig
from tests.unit.vault.test_backup import record


@dataclass
class Desk:
    """A workstation with two recordings; ``bad`` is the one that gets damaged."""

    rig: Rig
    bad: RecordingId
    good: RecordingId

    @property
    def database(self) -> Path:
        return self.rig.profile.vault / "vault.db"

    def sql(self, statement: str, *values: object) -> None:
        vault = self.rig.open(ADMIN)
        key = vault._stores.core.vault_key
        vault.close()
        connection = open_database(self.database, key)
        connection.execute(statement, values)
        connection.close()

    def flip(self, path: Path, at: int) -> None:
        data = bytearray(path.read_bytes())
        data[at] ^= 0x40
        path.write_bytes(data)

    def payload(self, recording: RecordingId) -> Path:
        return payload_path(self.rig.profile.recordings, recording)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    rig = Rig(tmp_path)
    rig.create(SUPERVISOR, AGENT)
    return Desk(rig, RecordingId(record(rig)), RecordingId(record(rig)))


def listen(desk: Desk, recording: RecordingId) -> tuple[bytes, str]:
    """Open as the window does; return the sound and what is wrong with it."""
    vault = desk.rig.open(SUPERVISOR)
    try:
        reader = Recordings(Session(vault, desk.rig.clock), Bus()).open(recording)
        try:
            return reader.read_at(0, min(10, reader.size)) if not reader.problem else b"", (
                reader.problem
            )
        finally:
            reader.close()
    finally:
        vault.close()


def entries(desk: Desk, action: Action) -> list[tuple[str, str, dict[str, str]]]:
    vault = desk.rig.open(SUPERVISOR)
    rows = vault.audit_rows(AuditFilter(action=action), 99, 0)
    vault.close()
    return [(row.entry.object_id, row.entry.result, row.detail) for row in rows]


def another_key(desk: Desk) -> None:
    """Put a policy in place that somebody else signed."""
    vault = desk.rig.open(ADMIN)
    key, policy = vault._stores.core.vault_key, vault.policy
    vault.close()
    connection = open_database(desk.database, key)
    forged = replace(policy, version=policy.version + 1)
    save_note(connection, forged, sign_policy(forged, new_key()))
    connection.close()


def older_policy(desk: Desk) -> None:
    desk.sql("DELETE FROM policies WHERE version = (SELECT max(version) FROM policies)")


# Where nobody gets in: what is done, the words, the entry, and how it is mended.
OPENING: dict[str, tuple[Callable[[Desk], None], str, Action]] = {
    "damaged slots": (
        lambda d: d.flip(d.rig.profile.vault / "slots", 40), "key slots", Action.OPENING_REFUSED,
    ),
    "slots that are gone": (
        lambda d: (d.rig.profile.vault / "slots").unlink(), "missing", Action.OPENING_REFUSED,
    ),
    "a damaged first page": (
        lambda d: d.flip(d.database, 100), "damaged", Action.OPENING_REFUSED,
    ),
    "a database of something else": (
        lambda d: d.database.write_bytes(b"SQLite format 3\0" + bytes(8192)), "not encrypted",
        Action.OPENING_REFUSED,
    ),
    "a vault of a newer version": (
        lambda d: d.sql("PRAGMA user_version = 9999"), "newer version", Action.OPENING_REFUSED,
    ),
    "a policy that another key signed": (
        another_key, "signature", Action.POLICY_REJECTED,
    ),
    "an older policy": (
        older_policy, "older policy", Action.POLICY_REJECTED,
    ),
    "a group's key that was exchanged": (
        lambda d: d.sql("UPDATE group_wraps SET sealed = zeroblob(length(sealed))"),
        "listeners' group", Action.OPENING_REFUSED,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(OPENING))
def test_what_keeps_everybody_out_is_named_and_logged_once_somebody_gets_in(
    desk: Desk, name: str, tmp_path: Path
):
    damage, words, action = OPENING[name]
    kept = tmp_path.with_name(tmp_path.name + "-kept")
    shutil.copytree(desk.rig.profile.vault, kept)
    damage(desk)
    for _ in range(2):
        with pytest.raises(SoftphoneError) as caught:
            desk.rig.open(SUPERVISOR)
        assert words in str(caught.value), str(caught.value)
    # Mended from a copy; what was noted meanwhile stays.
    for file in ("slots", "vault.db"):
        shutil.copy(kept / file, desk.rig.profile.vault / file)
    for file in desk.rig.profile.vault.glob("vault.db-*"):
        file.unlink()
    noted = [detail["why"] for _, result, detail in entries(desk, action) if result == "refused"]
    assert noted == [caught.value.why] * 2
    assert listen(desk, desk.bad) == (AUDIO[:10], "")
    assert len(entries(desk, action)) == 2, "logged once"


# What shows when a recording is opened: what is done, the words, the entry and its result.
RECORDING: dict[str, tuple[Callable[[Desk], None], str, Action]] = {
    "a payload's chunk": (
        lambda d: d.flip(d.payload(d.bad), 5000), "exchanged or altered",
        Action.RECORDING_MISMATCHED,
    ),
    "a payload that ends early": (
        lambda d: d.payload(d.bad).write_bytes(d.payload(d.bad).read_bytes()[:-40]), "ends early",
        Action.RECORDING_MISMATCHED,
    ),
    "a payload that is gone": (
        lambda d: d.payload(d.bad).unlink(), "missing", Action.RECORDING_LISTENED,
    ),
    "two payloads that were swapped": (
        lambda d: shutil.copy(d.payload(d.good), d.payload(d.bad)), "exchanged or altered",
        Action.RECORDING_MISMATCHED,
    ),
    "a header": (
        lambda d: d.sql("UPDATE recordings SET header = zeroblob(length(header)) WHERE id = ?",
                        d.bad),
        "altered or the key does not fit", Action.RECORDING_LISTENED,
    ),
    "another recording's header": (
        lambda d: d.sql("UPDATE recordings SET header = (SELECT header FROM recordings"
                        " WHERE id = ?) WHERE id = ?", d.good, d.bad),
        "altered or the key does not fit", Action.RECORDING_LISTENED,
    ),
    "a payload and its row together": (
        lambda d: (
            shutil.copy(d.payload(d.good), d.payload(d.bad)),
            d.sql("UPDATE recordings SET payload_sha256 = (SELECT payload_sha256 FROM recordings"
                  " WHERE id = ?) WHERE id = ?", d.good, d.bad),
        ),
        "exchanged or altered", Action.RECORDING_MISMATCHED,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(RECORDING))
def test_a_damaged_recording_is_named_and_logged_and_the_others_play(desk: Desk, name: str):
    damage, words, action = RECORDING[name]
    damage(desk)
    try:
        _, problem = listen(desk, desk.bad)
    except SoftphoneError as error:
        problem = str(error)
    assert words in problem
    assert (desk.bad, "failed") in [(o, result) for o, result, _ in entries(desk, action)]
    assert listen(desk, desk.good) == (AUDIO[:10], "")


def test_a_damaged_page_of_the_log_is_found_by_the_check_and_the_rest_works(desk: Desk):
    desk.sql(
        "UPDATE audit_leaves SET leaf = CAST(replace(leaf, 'signed_in', 'signed_on') AS BLOB)"
        " WHERE n = 2"
    )
    vault = desk.rig.open(SUPERVISOR)
    verdict = vault.verify_audit()
    assert not verdict.holds
    assert verdict.why
    assert vault.recordings_count(RecordingFilter()) == 2
    vault.close()
    assert listen(desk, desk.good) == (AUDIO[:10], "")


def test_the_notes_of_refused_openings_are_few_and_of_no_use_to_others(desk: Desk):
    (desk.rig.profile.vault / "slots").rename(desk.rig.profile.vault / "kept")
    for _ in range(70):
        with pytest.raises(SoftphoneError):
            desk.rig.open(AGENT)
    noted = (desk.rig.profile.vault / "refusals").read_bytes()
    assert AGENT.name.encode() not in noted
    (desk.rig.profile.vault / "kept").rename(desk.rig.profile.vault / "slots")
    assert len(entries(desk, Action.OPENING_REFUSED)) == 50
    assert not (desk.rig.profile.vault / "refusals").exists()


def test_notes_that_were_damaged_keep_nobody_out(desk: Desk):
    (desk.rig.profile.vault / "refusals").write_bytes(b"\xff{")
    assert listen(desk, desk.good) == (AUDIO[:10], "")
