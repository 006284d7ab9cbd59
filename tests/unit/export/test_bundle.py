from __future__ import annotations

import json
import stat
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from softphone.domain.audit_bundle import check_bundle
from softphone.domain.errors import InvalidInput, StorageFailed
from softphone.export.bundle import MAX_LINE, FileBundleWriter, open_bundle
from softphone.vault.crypto import verifies
from tests.fakes.bundles import WITNESS, Log


@pytest.mark.parametrize("name", ["bundle", "bundle.zip"])
def test_what_is_written_is_read_again(tmp_path: Path, name: str):
    log = Log(9)
    FileBundleWriter().write(log.bundle(), tmp_path / name)
    with open_bundle(tmp_path / name) as bundle:
        assert list(bundle.leaves) == log.leaves
    with open_bundle(tmp_path / name) as bundle:
        assert check_bundle(bundle, verifies).holds
    assert [p.name for p in tmp_path.iterdir()] == [name]
    assert stat.S_IMODE((tmp_path / name).stat().st_mode) & 0o077 == 0


def test_nothing_is_overwritten_or_left_half(tmp_path: Path):
    log = Log(3)
    (tmp_path / "there").write_text("mine")
    with pytest.raises(InvalidInput):
        FileBundleWriter().write(log.bundle(), tmp_path / "there")
    assert (tmp_path / "there").read_text() == "mine"
    with pytest.raises(StorageFailed):
        FileBundleWriter().write(log.bundle(), tmp_path / "missing" / "bundle")

    def failing():
        yield log.leaves[0]
        raise OSError

    with pytest.raises(StorageFailed):
        FileBundleWriter().write(log.bundle(leaves=failing()), tmp_path / "bundle.zip")
    assert [p.name for p in tmp_path.iterdir()] == ["there"]


def spoil(folder: Path, how: str) -> None:
    header = folder / "bundle.json"
    leaves = folder / "leaves.jsonl"
    about = json.loads(header.read_text())
    match how:
        case "no header":
            header.unlink()
        case "other format":
            header.write_text(json.dumps({**about, "format": "x"}))
        case "no key":
            del about["log_key"]
            header.write_text(json.dumps(about))
        case "no object":
            header.write_text("[]")
        case "cut line":
            leaves.write_bytes(leaves.read_bytes()[:-1])
        case "long line":
            leaves.write_bytes(b"x" * (MAX_LINE + 1) + b"\n")


@pytest.mark.parametrize(
    "how", ["no header", "other format", "no key", "no object", "cut line", "long line"]
)
def test_what_is_no_bundle_is_refused_in_words(tmp_path: Path, how: str):
    FileBundleWriter().write(Log(3).bundle(), tmp_path / "bundle")
    spoil(tmp_path / "bundle", how)
    with pytest.raises(InvalidInput), open_bundle(tmp_path / "bundle") as bundle:
        list(bundle.leaves)


def test_a_zip_that_is_none_is_refused(tmp_path: Path):
    (tmp_path / "a.zip").write_bytes(b"PK")
    with pytest.raises(InvalidInput), open_bundle(tmp_path / "a.zip"):
        pass
    with pytest.raises(InvalidInput), open_bundle(tmp_path / "missing.zip"):
        pass


@given(st.data())
@settings(max_examples=40, deadline=None)
def test_no_single_altered_byte_holds(tmp_path_factory: pytest.TempPathFactory, data):
    folder = tmp_path_factory.mktemp("bundle")
    log = Log(5)
    FileBundleWriter().write(log.bundle(log.cosigned(5)), folder / "bundle.zip")
    with zipfile.ZipFile(folder / "bundle.zip") as archive:
        archive.extractall(folder / "open")
    path = folder / "open" / data.draw(st.sampled_from(["leaves.jsonl", "checkpoints.jsonl"]))
    content = bytearray(path.read_bytes())
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] ^= data.draw(st.integers(1, 255))
    path.write_bytes(content)
    try:
        with open_bundle(folder / "open") as bundle:
            keys = {"log_key": str(log.key), "witness_key": str(WITNESS)}
            assert not check_bundle(bundle, verifies, **keys).holds
    except InvalidInput:
        return
