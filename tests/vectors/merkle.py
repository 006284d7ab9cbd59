"""Judges the Merkle implementation by files of transparency-dev/merkle (RFC 9162 semantics)."""

from __future__ import annotations

import base64
import json
from pathlib import Path

from softphone.domain.errors import ProofInvalid
from softphone.domain.merkle import verify_consistency, verify_inclusion


def run(folder: Path) -> tuple[int, list[str]]:
    """Judge every JSON file below a folder; returns how many passed, and the failures."""
    passed = 0
    failures: list[str] = []
    for file in sorted(folder.rglob("*.json")):
        case = json.loads(file.read_text())
        if _verifies(case) is not case["wantErr"]:
            passed += 1
        else:
            failures.append(str(file.relative_to(folder)))
    return passed, failures


def _verifies(case: dict) -> bool:
    proof = [_bytes(step) for step in case["proof"] or ()]
    try:
        if "leafIdx" in case:
            verify_inclusion(
                case["leafIdx"],
                case["treeSize"],
                _bytes(case["leafHash"]),
                proof,
                _bytes(case["root"]),
            )
        else:
            verify_consistency(
                case["size1"], case["size2"], proof, _bytes(case["root1"]), _bytes(case["root2"])
            )
    except ProofInvalid:
        return False
    return True


def _bytes(text: str | None) -> bytes:
    return base64.b64decode(text or "")
