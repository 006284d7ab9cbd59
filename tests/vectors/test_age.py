"""The outside age vectors, where they lie beside the repository."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pyrage
import pytest

from softphone.vault.recipients import X25519Identity
from tests.vectors.age import judge

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "vectors" / "age"


def test_every_vector_behaves_as_it_says():
    if not FOLDER.is_dir():
        pytest.skip("the outside vectors do not lie beside the repository")
    verdicts = {path.name: judge(path) for path in FOLDER.iterdir() if path.is_file()}
    assert {name: wrong for name, wrong in verdicts.items() if wrong} == {}
    assert any(wrong == "" for wrong in verdicts.values())


def vector(tmp_path: Path, head: str, body: bytes) -> Path:
    path = tmp_path / "vector"
    path.write_bytes(head.encode() + b"\n\n" + body)
    return path


def test_armored_vectors_are_judged(tmp_path: Path):
    identity = X25519Identity.generate()
    theirs = pyrage.x25519.Identity.from_str(str(identity)).to_public()
    payload = hashlib.sha256(b"abc").hexdigest()
    head = f"payload: {payload}\nidentity: {identity}\narmored: yes"
    armored = pyrage.encrypt(b"abc", [theirs], armored=True)
    assert judge(vector(tmp_path, f"expect: success\n{head}", armored)) == ""
    loose = armored.replace(b"BEGIN", b"begin")
    head = head.removeprefix(f"payload: {payload}\n")
    assert judge(vector(tmp_path, f"expect: armor failure\n{head}", loose)) == ""
    wrong = judge(vector(tmp_path, f"expect: success\n{head}", loose))
    assert wrong == "expected success, got armor failure"


@pytest.mark.parametrize(
    ("head", "verdict"),
    [
        ("no vector at all", None),
        ("expect: success\nunheard-of: yes", None),
        ("expect: success\nidentity: nonsense", "cannot be read"),
        ("expect: success\npassphrase: ", "cannot be read"),
        ("expect: success\ncompressed: zlib", "cannot be read"),
        ("expect: success", "got header failure"),
        ("expect: header failure", ""),
    ],
)
def test_files_that_are_no_vectors(tmp_path: Path, head: str, verdict: str | None):
    found = judge(vector(tmp_path, head, b"nothing"))
    assert found == verdict or (verdict and verdict in (found or ""))
