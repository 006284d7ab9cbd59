"""The one-file verifier, run as a stranger runs it: a program of its own with public keys alone."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from softphone.domain.audit_bundle import EntryProof, check_bundle
from softphone.domain.merkle import inclusion_proof, leaf_hash
from softphone.export.bundle import FileBundleWriter, proof_json
from softphone.vault.crypto import verifies
from tests.fakes.bundles import (
    ATTACKS,
    MLDSA_ATTACKS,
    WITNESS,
    Log,
    altered,
    attacks,
    mldsa_attacks,
)

VERIFIER = Path(__file__).parents[2] / "resources" / "verify_audit_bundle.py"


def check(*arguments: object) -> tuple[bool, str]:
    done = subprocess.run(
        [sys.executable, "-I", str(VERIFIER), *map(str, arguments)],
        capture_output=True,
        text=True,
        cwd="/",
        timeout=30,
    )
    assert done.stderr == ""
    assert ("DOES NOT HOLD" in done.stdout) == (done.returncode == 1)
    return done.returncode == 0, done.stdout


def written(bundle, path: Path) -> Path:
    FileBundleWriter().write(bundle, path)
    return path


def test_it_stands_alone():
    allowed = {*sys.stdlib_module_names, "cryptography"}
    for node in ast.walk(ast.parse(VERIFIER.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            assert {alias.name.partition(".")[0] for alias in node.names} <= allowed
        if isinstance(node, ast.ImportFrom):
            assert str(node.module).partition(".")[0] in allowed


@pytest.mark.parametrize("name", ["bundle", "bundle.zip"])
def test_a_true_bundle_holds(tmp_path: Path, name: str):
    log = Log(9)
    path = written(log.bundle(), tmp_path / name)
    holds, said = check(path, "--log-key", log.key, "--witness-key", WITNESS)
    assert holds
    assert "9 entries, seen by the witness up to 4" in said


@pytest.mark.parametrize("attack", ATTACKS)
def test_what_was_tampered_with_does_not_hold(tmp_path: Path, attack: str):
    assert not check(written(attacks(Log(9))[attack], tmp_path / "bundle"))[0]


def test_a_log_with_two_keys_holds_by_both(tmp_path: Path):
    log = Log(9)
    path = written(log.bundle(log.signed_twice(9), mldsa_key=str(log.mldsa)), tmp_path / "bundle")
    holds, said = check(path, "--log-key", log.key, "--log-key-mldsa", log.mldsa)
    assert holds
    assert "checked too (key as you know it)" in said
    plain = written(log.bundle(), tmp_path / "plain")
    assert "Ed25519 only" in check(plain)[1]
    assert not check(plain, "--log-key-mldsa", log.mldsa)[0]


@pytest.mark.parametrize("attack", MLDSA_ATTACKS)
def test_the_second_signature_is_neither_forged_nor_stripped(tmp_path: Path, attack: str):
    bundle = mldsa_attacks(Log(9))[attack]
    assert not check(written(bundle, tmp_path / "bundle"))[0]
    assert not check_bundle(bundle, verifies).holds


def test_without_mldsa_it_says_what_it_left_out(tmp_path: Path):
    """As on a machine whose ``cryptography`` has none."""
    log = Log(9)
    path = written(log.bundle(log.signed_twice(9), mldsa_key=str(log.mldsa)), tmp_path / "bundle")
    older = (
        "import runpy, sys; sys.modules['cryptography.hazmat.primitives.asymmetric.mldsa'] = None;"
        "sys.argv = sys.argv[1:]; runpy.run_path(sys.argv[0], run_name='__main__')"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", older, str(VERIFIER), str(path)],
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "NOT CHECKED" in done.stdout
    assert "Ed25519 only" in done.stdout


def test_keys_known_from_elsewhere_are_compared(tmp_path: Path):
    log, other = Log(9), Log(9, b"o" * 32)
    path = written(log.bundle(), tmp_path / "bundle")
    assert not check(path, "--log-key", other.key)[0]
    assert not check(path, "--witness-key", other.key)[0]
    unseen = written(log.bundle(log.note(9)), tmp_path / "unseen")
    assert not check(unseen, "--witness-key", WITNESS)[0]


def test_an_older_copy_is_caught_by_a_checkpoint_that_was_handed_out(tmp_path: Path):
    """A log cut off before its newest entries holds by itself: only memory outside tells."""
    log = Log(9)
    held = tmp_path / "receipt.note"
    held.write_text(log.note(9), "utf-8")
    cut = log.bundle(log.note(6), leaves=log.leaves[:6], entries=6)
    assert check(written(cut, tmp_path / "cut"))[0]
    assert not check(tmp_path / "cut", "--held", held)[0]
    assert check(written(log.bundle(), tmp_path / "whole"), "--held", held)[0]
    forked = tmp_path / "fork.note"
    forked.write_text(log.note(9, digest=b"r" * 32), "utf-8")
    assert not check(tmp_path / "whole", "--held", forked)[0]


@pytest.mark.parametrize("damage", ["missing", "cut line", "no zip", "other format"])
def test_what_cannot_be_read_does_not_hold(tmp_path: Path, damage: str):
    path = tmp_path / "bundle"
    if damage == "no zip":
        path.write_bytes(b"PK\x03\x04")
    elif damage != "missing":
        written(Log(3).bundle(), path)
        part = path / ("leaves.jsonl" if damage == "cut line" else "bundle.json")
        part.write_bytes(part.read_bytes()[:-1].replace(b"bundle/1", b"bundle/2"))
    assert not check(path)[0]


@pytest.fixture
def proof() -> EntryProof:
    log = Log(9)
    path = inclusion_proof([leaf_hash(leaf) for leaf in log.leaves], 5)
    return EntryProof(5, log.leaves[5], path, log.cosigned(9), str(log.key), str(WITNESS))


def stored(proof: EntryProof, folder: Path) -> Path:
    path = folder / "proof.json"
    path.write_text(json.dumps(proof_json(proof)), "utf-8")
    return path


def test_the_proof_of_an_entry_holds(tmp_path: Path, proof: EntryProof):
    path = stored(proof, tmp_path)
    assert check(path, "--log-key", proof.log_key, "--witness-key", WITNESS)[0]


@pytest.mark.parametrize("forgery", ["leaf", "path", "short", "long", "place", "checkpoint"])
def test_a_forged_proof_does_not_hold(tmp_path: Path, proof: EntryProof, forgery: str):
    forged = {
        "leaf": replace(proof, leaf=altered(proof.leaf)),
        "path": replace(proof, path=tuple(reversed(proof.path))),
        "short": replace(proof, path=proof.path[:-1]),
        "long": replace(proof, path=(*proof.path, bytes(32))),
        "place": replace(proof, index=4),
        "checkpoint": replace(proof, checkpoint=proof.checkpoint.replace("\n9\n", "\n8\n")),
    }[forgery]
    assert not check(stored(forged, tmp_path))[0]
