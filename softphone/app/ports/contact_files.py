"""Contacts from files and into files: vCard, CSV, Excel."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO, Protocol

from softphone.domain.contact import Contact, Note
from softphone.domain.contact_import import Part


class ContactFormat(StrEnum):
    """Kinds of files."""

    VCARD4 = "vcard4"
    VCARD3 = "vcard3"
    CSV = "csv"
    EXCEL = "xlsx"


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One row or card. Tables have ``cells``, cards have ``parts``; a problem has neither."""

    row: int
    """From 1, as the file's own program counts: lines of a sheet, or cards."""
    cells: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()
    problem: str = ""
    """A plain sentence why the row cannot be read."""
    remark: str = ""
    """A plain sentence on how it was read, where that is not sure."""


class ContactSource(Protocol):
    """An open file. Rows are read as they are taken; memory does not grow with the file."""

    @property
    def format(self) -> str:
        """``vcard``, ``csv`` or ``xlsx``."""
        ...

    @property
    def read_as(self) -> str:
        """Encoding and dialect in words, for people to check."""
        ...

    @property
    def columns(self) -> tuple[str, ...]:
        """Titles of a table's columns; empty for cards."""
        ...

    @property
    def sample(self) -> Sequence[tuple[str, ...]]:
        """The first rows of a table."""
        ...

    @property
    def done(self) -> float:
        """How much has been read, 0 to 1."""
        ...

    def rows(self) -> Iterator[SourceRow]:
        """Return all rows once, from the beginning. Raises InvalidInput (too many)."""
        ...

    def close(self) -> None:
        """Close the file."""
        ...


class ContactFiles(Protocol):
    """Reads and writes files of contacts."""

    def open(self, path: Path) -> ContactSource:
        """Open a file; its kind is found by its content. Raises InvalidInput, StorageFailed."""
        ...

    def write(
        self,
        contacts: Iterable[tuple[Contact, Sequence[Note]]],
        form: ContactFormat,
        file: BinaryIO,
    ) -> int:
        """Write contacts one by one; returns how many."""
        ...


OpenFile = AbstractContextManager[BinaryIO]
"""A file that appears whole, private, and only when the block ends well."""


class Delivery(Protocol):
    """Files that are handed out: private, and sealed where a passphrase or a key is given."""

    def open(self, destination: Path, passphrase: str = "", recipient: str = "") -> OpenFile:
        """Open for writing from start to end; an age file where one of both is given.

        Raises InvalidInput (both, or a malformed recipient), StorageFailed.
        """
        ...
