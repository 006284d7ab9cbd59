from __future__ import annotations

import os
import pty
import subprocess
from pathlib import Path

import pyrage
import pytest

from softphone.app.ports import ExportFormat, ExportOrder
from softphone.domain.errors import Cancelled, Damaged, InvalidInput, StorageFailed
from softphone.vault.age_format import read_header
from softphone.vault.export import AgeExporter
from softphone.vault.recipients import HybridIdentity, X25519Identity, unwrap_file_key
from softphone.vault.stream import decrypt
from tests.fakes.readers import BytesReader

AUDIO = os.urandom(2_500_000)
PHRASE = "four random words here"


def on(_done: int, _size: int) -> bool:
    return True


def order(folder: Path, **whom: str) -> ExportOrder:
    return ExportOrder(ExportFormat.AGE, folder / "call.ogg.age", "complaint", **whom)


def export(folder: Path, audio: bytes = AUDIO, **whom: str) -> Path:
    wanted = order(folder, **whom)
    AgeExporter(work_factor=12).export(BytesReader(audio), wanted, on)
    return wanted.destination


@pytest.mark.parametrize("size", [0, 1, 65536, 65537, len(AUDIO)])
def test_debians_age_opens_an_export_for_a_recipient(tmp_path: Path, size: int):
    identity = X25519Identity.generate()
    key = tmp_path / "key"
    key.write_text(f"{identity}\n")
    path = export(tmp_path, AUDIO[:size], recipient=identity.recipient())
    opened = subprocess.run(
        ["age", "-d", "-i", str(key), str(path)], capture_output=True, check=True
    )
    assert opened.stdout == AUDIO[:size]


def test_debians_age_opens_an_export_for_a_passphrase(tmp_path: Path):
    path, plain = export(tmp_path, passphrase=PHRASE), tmp_path / "plain"
    assert _on_a_terminal(["age", "-d", "-o", str(plain), str(path)], PHRASE) == 0
    assert plain.read_bytes() == AUDIO
    assert pyrage.passphrase.decrypt(path.read_bytes(), PHRASE) == AUDIO


def _on_a_terminal(command: list[str], secret: str) -> int:
    """Run a program that asks for a passphrase on its terminal."""
    ours, theirs = pty.openpty()
    # "setsid --ctty" makes its standard input the terminal that /dev/tty names.
    program = subprocess.Popen(
        ["setsid", "--ctty", "--wait", *command], stdin=theirs, stdout=theirs, stderr=theirs
    )
    os.write(ours, f"{secret}\n".encode())
    try:
        return program.wait(30)
    finally:
        os.close(ours)
        os.close(theirs)


def test_a_hybrid_recipient_opens_it_with_a_fresh_key_each_time(tmp_path: Path):
    identity = HybridIdentity.generate()
    keys = set()
    for _ in range(2):
        with export(tmp_path, recipient=identity.recipient()).open("rb") as file:
            key = unwrap_file_key(read_header(file), [identity])
            assert b"".join(decrypt(file, key)) == AUDIO
            keys.add(key)
    assert len(keys) == 2


def test_progress_is_told_and_the_file_is_private(tmp_path: Path):
    told = []
    wanted = order(tmp_path, passphrase=PHRASE)
    exporter = AgeExporter(work_factor=10)
    exporter.export(BytesReader(AUDIO), wanted, lambda d, s: told.append((d, s)) is None)
    assert told[-1] == (len(AUDIO), len(AUDIO))
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert wanted.destination.stat().st_mode & 0o777 == 0o600


def test_nothing_is_left_of_what_was_cancelled_or_failed(tmp_path: Path):
    class Broken(BytesReader):
        def read_at(self, position: int, length: int) -> bytes:
            raise Damaged("The file was altered.")

    recipient = X25519Identity.generate().recipient()
    wanted = order(tmp_path, recipient=recipient)
    with pytest.raises(Cancelled):
        AgeExporter().export(BytesReader(AUDIO), wanted, lambda _d, _s: False)
    with pytest.raises(Damaged):
        AgeExporter().export(Broken(AUDIO), wanted, on)
    assert list(tmp_path.iterdir()) == []
    nowhere = ExportOrder(ExportFormat.AGE, tmp_path / "no" / "x.age", "why", recipient)
    with pytest.raises(StorageFailed):
        AgeExporter().export(BytesReader(AUDIO), nowhere, on)


@pytest.mark.parametrize(
    "whom", [{}, {"recipient": "age1", "passphrase": PHRASE}, {"recipient": "age1nonsense"}]
)
def test_an_export_is_for_exactly_one(tmp_path: Path, whom: dict[str, str]):
    with pytest.raises(InvalidInput):
        export(tmp_path, **whom)
    assert list(tmp_path.iterdir()) == []
