from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from tests.vectors import merkle

FOLDER = Path(__file__).resolve().parents[2].parent / "shared" / "vectors" / "merkle"


@pytest.mark.skipif(not FOLDER.is_dir(), reason="the outside vectors are not here")
def test_all_outside_vectors_pass():
    passed, failures = merkle.run(FOLDER)
    assert not failures
    assert passed == len(list(FOLDER.rglob("*.json"))) > 0


def test_the_judge_notices_a_wrong_verdict(tmp_path: Path):
    leaf = base64.b64encode(b"l" * 32).decode()
    case = {"leafIdx": 0, "treeSize": 1, "root": leaf, "leafHash": leaf, "proof": None}
    (tmp_path / "good.json").write_text(json.dumps({**case, "wantErr": False}))
    (tmp_path / "bad.json").write_text(json.dumps({**case, "wantErr": True}))
    assert merkle.run(tmp_path) == (1, ["bad.json"])
