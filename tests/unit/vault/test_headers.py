from __future__ import annotations

from pathlib import Path

import pytest

from softphone.domain.errors import Damaged
from softphone.vault.headers import open_header
from softphone.vault.subjects import Subjects
from tests.unit.vault.rig import SUPERVISOR, Rig, draft

NUMBER = "+442079460000"


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    made = Rig(tmp_path)
    made.create(SUPERVISOR)
    return made


@pytest.mark.parametrize(
    "erase",
    [
        "DELETE FROM recording_keys",
        "DELETE FROM subjects",
        "UPDATE subjects SET subject_key = zeroblob(32)",
        "UPDATE recording_keys SET recording_key = zeroblob(32)",
    ],
)
def test_either_small_key_is_needed(rig: Rig, erase: str):
    vault = rig.open(SUPERVISOR)
    sealed = rig.seal(vault, NUMBER)
    vault.take_in(sealed, draft(vault))
    core, recording = vault._stores.core, sealed.manifest.recording
    header = open_header(core, Subjects(core), recording)
    assert (header.stanzas, header.mac) == (sealed.stanzas, sealed.header_mac)
    core.connection.execute(erase)
    with pytest.raises(Damaged):
        open_header(core, Subjects(core), recording)
    vault.close()


def test_the_header_is_not_in_the_database_in_the_clear(rig: Rig):
    vault = rig.open(SUPERVISOR)
    sealed = rig.seal(vault, NUMBER)
    vault.take_in(sealed, draft(vault))
    (stored,) = vault._stores.core.connection.execute("SELECT header FROM recordings").fetchone()
    assert b"age-encryption.org" not in stored
    assert sealed.header_mac not in stored
    vault.close()
