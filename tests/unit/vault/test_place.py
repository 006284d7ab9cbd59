from __future__ import annotations

import errno
from pathlib import Path

import pytest

from softphone.domain.errors import StorageFailed
from softphone.vault.keeper import FileVaultKeeper
from softphone.vault.place import NETWORK, disk_in_sentences, file_system, mounts, refuse_network
from tests.unit.vault.rig import ADMIN, CHEAP, Rig


def test_the_nearest_and_latest_mount_counts(tmp_path: Path):
    known = [
        ("/", "ext4"),
        (str(tmp_path), "NFS4"),
        (str(tmp_path / "home"), "ext4"),
        (str(tmp_path / "home"), "cifs"),
    ]
    assert file_system(tmp_path / "a" / "b", known) == "nfs4"
    assert file_system(tmp_path / "home" / "b", known) == "cifs"
    assert file_system(tmp_path.with_name(tmp_path.name + "2"), known) == "ext4"
    assert file_system(Path("/x"), []) == ""


@pytest.mark.parametrize("kind", sorted(NETWORK))
def test_a_network_share_is_refused_and_nothing_is_made_there(tmp_path: Path, kind: str):
    root = tmp_path / "profile"
    rig = Rig(root)
    keeper = FileVaultKeeper(
        rig.profile, rig.clock, rig.secrets, kdf=CHEAP, mounts=lambda: [(str(tmp_path), kind)]
    )
    with pytest.raises(StorageFailed, match="network share"):
        keeper.create(ADMIN, "desk 7")
    assert not root.exists()


def test_a_vault_that_was_moved_to_a_share_is_not_opened(tmp_path: Path):
    rig = Rig(tmp_path / "profile")
    rig.create()
    before = (rig.profile.vault / "vault.db").read_bytes()
    keeper = FileVaultKeeper(
        rig.profile, rig.clock, rig.secrets, kdf=CHEAP, mounts=lambda: [(str(tmp_path), "smb3")]
    )
    for deed in (
        lambda: keeper.unlock(ADMIN.name, ADMIN.password),
        lambda: keeper.recover(rig.recovery_key, ADMIN.name, "another four random words"),
    ):
        with pytest.raises(StorageFailed, match="Move the profile"):
            deed()
    assert (rig.profile.vault / "vault.db").read_bytes() == before
    rig.open(ADMIN).close()


def test_this_computers_own_disks_are_fine(tmp_path: Path):
    assert mounts()
    refuse_network(tmp_path)


@pytest.mark.parametrize(
    ("code", "why"),
    [
        (errno.ENOSPC, "The disk is full."),
        (errno.EDQUOT, "The disk is full."),
        (errno.EROFS, "The disk is read-only."),
        (errno.EACCES, "This account may not write to the folder."),
        (errno.EIO, "The disk reports an error."),
    ],
)
def test_what_the_disk_says_becomes_a_sentence(code: int, why: str):
    with pytest.raises(StorageFailed) as caught, disk_in_sentences("It did not work."):
        raise OSError(code, "raw words")
    assert (caught.value.what, caught.value.why) == ("It did not work.", why)
    assert "raw" not in str(caught.value)
