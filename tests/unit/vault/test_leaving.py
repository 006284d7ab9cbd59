from __future__ import annotations

from pathlib import Path

import pytest

from softphone.domain.audit import Action
from softphone.domain.errors import ProofInvalid, StorageFailed, WrongCredentials
from softphone.vault import leaving
from softphone.vault.leaving import check_certificate
from tests.unit.vault.rig import ADMIN, SUPERVISOR, Rig, contact, draft


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    made = Rig(tmp_path / "profile")
    made.create(SUPERVISOR)
    return made


def certify(rig: Rig) -> tuple[str, str]:
    vault = rig.open(ADMIN)
    vault.save_contact(contact("Ada Lovelace"), draft(vault))
    vault.take_in(rig.seal(vault, "+493012345678"), draft(vault))
    text = vault.leaving_certificate(draft(vault, Action.DEVICE_DECOMMISSIONED))
    key = vault.log_key
    rig.keeper.destroy(vault)
    return text, key


def test_nothing_is_left_and_the_certificate_says_what_went(rig: Rig):
    text, key = certify(rig)
    assert list(rig.profile.root.iterdir()) == []
    assert rig.secrets.kept == {}  # type: ignore[attr-defined]
    assert not rig.keeper.exists()
    said = check_certificate(text, key)
    assert (said["contacts"], said["recordings"]) == ("1", "1")
    assert said["device"] in key
    assert int(said["log"].split(" ")[0]) > 3
    assert "Ada" not in text


def test_an_altered_certificate_does_not_hold(rig: Rig):
    text, key = certify(rig)
    with pytest.raises(ProofInvalid):
        check_certificate(text.replace("recordings 1", "recordings 0"), key)


def test_coming_back_starts_empty(rig: Rig):
    certify(rig)
    again = Rig(rig.profile.root)
    again.create()
    vault = again.open(ADMIN)
    assert list(vault.contacts("", 9, 0)) == []
    with pytest.raises(WrongCredentials):
        again.open(SUPERVISOR)
    vault.close()


def test_what_a_crash_left_goes_at_the_next_start(rig: Rig, monkeypatch: pytest.MonkeyPatch):
    vault = rig.open(ADMIN)

    def full(_path: object) -> None:
        raise OSError("cannot delete")

    monkeypatch.setattr(leaving.shutil, "rmtree", full)
    with pytest.raises(StorageFailed, match="keys are destroyed already"):
        rig.keeper.destroy(vault)
    assert (rig.profile.vault / "vault.db").exists()
    assert not (rig.profile.vault / "slots").exists()
    monkeypatch.undo()
    assert not rig.keeper.exists()
    assert list(rig.profile.root.iterdir()) == []
