from __future__ import annotations

import io
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import pytest

from softphone.domain.errors import InvalidInput, StorageFailed
from softphone.export.workbook import ExcelWorkbookWriter
from softphone.vault.age_format import read_header
from softphone.vault.delivery import AgeDelivery
from softphone.vault.recipients import Passphrase, X25519Identity, unwrap_file_key
from softphone.vault.stream import PayloadReader
from tests.unit.export.test_workbook import contact_file

SECRET = "nine purple lilies"
NOW = datetime(2026, 7, 1, tzinfo=UTC)


def opened(path: Path, identity: Passphrase | X25519Identity) -> bytes:
    stream = path.open("rb")
    header = read_header(stream)
    reader = PayloadReader(stream, unwrap_file_key(header, [identity]), start=header.size)
    try:
        return reader.read_at(0, reader.size)
    finally:
        reader.close()


def test_a_workbook_is_streamed_into_an_age_file_and_nothing_else_touches_the_disk(tmp_path: Path):
    delivery = AgeDelivery(work_factor=10)
    path = tmp_path / "record.xlsx.age"
    writer = ExcelWorkbookWriter()
    writer.write(
        contact_file("Anna Kowalska"), path, "B", NOW, "UTC", delivery=delivery.open(path, SECRET)
    )
    assert [p.name for p in tmp_path.iterdir()] == [path.name]
    assert path.stat().st_mode & 0o777 == 0o600
    assert b"Anna" not in path.read_bytes()
    book = openpyxl.load_workbook(io.BytesIO(opened(path, Passphrase(SECRET))))
    assert book["Contact"]["B2"].value == "Anna Kowalska"
    assert "sealed" in str(dict(list(book["Properties"].values))["Protection"])


def test_the_age_command_opens_it(tmp_path: Path):
    identity = X25519Identity.generate()
    key, path = tmp_path / "key", tmp_path / "x.age"
    key.write_text(f"{identity}\n")
    with AgeDelivery().open(path, recipient=identity.recipient()) as file:
        for _ in range(3):
            file.write(b"x" * 50_000)
    done = subprocess.run(["age", "-d", "-i", str(key), str(path)], capture_output=True, check=True)
    assert done.stdout == b"x" * 150_000


def test_without_a_secret_it_is_a_private_file(tmp_path: Path):
    with AgeDelivery().open(tmp_path / "x") as file:
        file.write(b"plain")
    assert (tmp_path / "x").read_bytes() == b"plain"
    assert (tmp_path / "x").stat().st_mode & 0o777 == 0o600


def test_nothing_is_left_of_what_failed(tmp_path: Path):
    delivery = AgeDelivery(work_factor=10)
    with pytest.raises(ZeroDivisionError), delivery.open(tmp_path / "x", SECRET) as file:
        file.write(bytes(1 // 0))
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(StorageFailed), delivery.open(tmp_path / "none" / "x", SECRET):
        pass
    with pytest.raises(InvalidInput):
        delivery.open(tmp_path / "x", SECRET, "age1xyz")
    with pytest.raises(InvalidInput):
        delivery.open(tmp_path / "x", recipient="nobody")
