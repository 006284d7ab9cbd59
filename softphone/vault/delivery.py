"""Files that are handed out (``Delivery`` of app.ports): private, and sealed as age where asked.

The plaintext goes from memory into the sealed file; nothing else touches the disk.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from softphone.app.ports import OpenFile
from softphone.domain.errors import InvalidInput
from softphone.paths import private_file
from softphone.vault.age_format import header_bytes
from softphone.vault.recipients import (
    WORK_FACTOR,
    Passphrase,
    Recipient,
    new_file_key,
    parse_recipient,
    wrap_file_key,
)
from softphone.vault.stream import PayloadWriter


class AgeDelivery:
    """Opens files for writing from start to end."""

    def __init__(self, *, work_factor: int = WORK_FACTOR) -> None:
        self._work_factor = work_factor

    def open(self, destination: Path, passphrase: str = "", recipient: str = "") -> OpenFile:
        """Open a file, sealed where a passphrase or a key is given. Raises InvalidInput."""
        if passphrase and recipient:
            raise InvalidInput(
                "The file was not written.",
                "An age file is for one recipient or for one passphrase.",
                "Give one of them.",
            )
        if recipient:
            return sealed(destination, parse_recipient(recipient.strip()))
        if passphrase:
            return sealed(destination, Passphrase(passphrase, work_factor=self._work_factor))
        return private_file(destination)


@contextmanager
def sealed(destination: Path, recipient: Recipient) -> Iterator[BinaryIO]:
    """Open an age file for one recipient; it is in its place when all of it was written."""
    file_key = new_file_key()
    with private_file(destination) as file:
        file.write(header_bytes(wrap_file_key([recipient], file_key), file_key))
        writer = PayloadWriter(file, file_key)
        yield cast(BinaryIO, _Sealing(writer))
        writer.finish()


class _Sealing:
    """What writers of files need of a stream that only goes forward."""

    closed = False

    def __init__(self, writer: PayloadWriter) -> None:
        self._writer = writer

    def write(self, data: bytes) -> int:
        self._writer.write(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Chunks are written when they are full."""

    def readable(self) -> bool:
        return False

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return False
