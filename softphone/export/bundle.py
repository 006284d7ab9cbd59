"""The audit log as a bundle that a stranger can check: a folder, or one ``.zip`` of the same files.

``bundle.json`` names the keys, ``leaves.jsonl`` has leaf n in line n, ``checkpoints.jsonl`` one
signed note a line (as a JSON string). The format is described in docs/audit.md.
"""

from __future__ import annotations

import json
import shutil
import tempfile
import zipfile
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from softphone.domain.audit_bundle import FORMAT, AuditBundle, EntryProof
from softphone.domain.errors import InvalidInput, StorageFailed
from softphone.paths import sync_folder

HEADER, LEAVES, CHECKPOINTS = "bundle.json", "leaves.jsonl", "checkpoints.jsonl"
MLDSA = "log_key_mldsa"
_LINES = 10_000
MAX_LINE = 1 << 20
"""Bytes; a hostile bundle cannot fill the memory."""


class FileBundleWriter:
    """Writes bundles (``BundleWriter`` of app.ports)."""

    def write(self, bundle: AuditBundle, destination: Path) -> None:
        """Write a new folder, or a file that ends in ``.zip``; all of it or nothing.

        Raises InvalidInput when something is there already, StorageFailed.
        """
        for _ in self.parts(bundle, destination, _LINES):
            continue

    def parts(
        self, bundle: AuditBundle, destination: Path, lines: int
    ) -> Generator[int, None, None]:
        """Write so many lines a turn (``BundleWriter``); closed midway, nothing is left."""
        if destination.exists():
            raise InvalidInput(
                "The bundle was not written.",
                "Something is at this place already.",
                "Choose a new name.",
            )
        try:
            draft = Path(tempfile.mkdtemp(prefix=".bundle-", dir=destination.parent))
        except OSError as error:
            raise _failed() from error
        try:
            yield from _write(bundle, draft, destination, lines)
        except OSError as error:
            raise _failed() from error
        finally:
            shutil.rmtree(draft, ignore_errors=True)


def proof_json(proof: EntryProof) -> dict[str, object]:
    """Return the proof of one entry as it is handed out; hashes in hex."""
    return {
        "format": "softphone-audit-proof/1",
        "n": proof.index,
        "leaf": proof.leaf.decode("utf-8"),
        "path": [step.hex() for step in proof.path],
        "checkpoint": proof.checkpoint,
        "log_key": proof.log_key,
        "witness_key": proof.witness_key,
        **_second(proof.mldsa_key),
    }


@contextmanager
def open_bundle(path: Path) -> Iterator[AuditBundle]:
    """Open a bundle; its leaves are read as they are taken. Raises InvalidInput."""
    try:
        if path.is_dir():
            yield _read(path)
        else:
            with zipfile.ZipFile(path) as archive:
                yield _read(zipfile.Path(archive))
    except (OSError, KeyError, TypeError, ValueError, zipfile.BadZipFile) as error:
        raise InvalidInput(
            "The bundle cannot be read.",
            "It is no bundle of an audit log, or it is damaged.",
            "Ask for it again.",
        ) from error


def _write(
    bundle: AuditBundle, draft: Path, destination: Path, lines: int
) -> Generator[int, None, None]:
    header = {
        "format": FORMAT,
        "entries": bundle.entries,
        "log_key": bundle.log_key,
        "witness_key": bundle.witness_key,
        **_second(bundle.mldsa_key),
    }
    parts: tuple[tuple[str, Iterable[bytes]], ...] = (
        (HEADER, (json.dumps(header, indent=2).encode(),)),
        (LEAVES, bundle.leaves),
        (CHECKPOINTS, (json.dumps(note).encode() for note in bundle.checkpoints)),
    )
    if destination.suffix != ".zip":
        for name, content in parts:
            with (draft / name).open("wb") as file:
                yield from _put(file, content, lines)
        draft.replace(destination)
    else:
        packed = draft / "bundle.zip"
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in parts:
                with archive.open(name, "w", force_zip64=True) as file:
                    yield from _put(file, content, lines)
        packed.chmod(0o600)
        packed.replace(destination)
    sync_folder(destination.parent)


def _put(file: IO[bytes], content: Iterable[bytes], lines: int) -> Generator[int, None, None]:
    for number, line in enumerate(content, 1):
        file.write(line + b"\n")
        if number % lines == 0:
            yield number


def _read(folder: Path | zipfile.Path) -> AuditBundle:
    with (folder / HEADER).open("rb") as file:
        header: dict[str, Any] = json.loads(file.read(MAX_LINE))
    if header["format"] != FORMAT:
        raise ValueError("another format")
    return AuditBundle(
        str(header["log_key"]),
        str(header["witness_key"]),
        int(header["entries"]),
        _lines(folder / LEAVES),
        tuple(str(json.loads(line)) for line in _lines(folder / CHECKPOINTS)),
        str(header.get(MLDSA, "")),
    )


def _second(mldsa_key: str) -> dict[str, str]:
    return {MLDSA: mldsa_key} if mldsa_key else {}


def _lines(path: Path | zipfile.Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while line := file.readline(MAX_LINE):
            if not line.endswith(b"\n"):
                raise ValueError("a line is cut off or too long")
            yield line[:-1]


def _failed() -> StorageFailed:
    return StorageFailed(
        "The bundle was not written.",
        "The disk is full, read-only, or the folder does not exist.",
        "Choose another place.",
    )
