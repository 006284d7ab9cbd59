"""Contacts from comma-separated files of any dialect (RFC 4180 and what programs make of it)."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from softphone.app.ports import SourceRow
from softphone.domain.contact_import import MOST_ROWS, Field, guess_target
from softphone.domain.errors import InvalidInput
from softphone.export.decoding import Line, lines

_SNIFFED = 64
"""Lines that the dialect is found out by."""
_DELIMITERS = ",;\t|"
_WORDS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
MOST_COLUMNS = 256


class CsvSource:
    """One open CSV file (``ContactSource``)."""

    format = "csv"

    def __init__(self, path: Path, encoding: str) -> None:
        self._file: BinaryIO = path.open("rb")
        self._size = max(1, path.stat().st_size)
        self._encoding = encoding
        self._odd = False
        try:
            head = self._head()
            self._delimiter = _delimiter(head)
            first = _first_rows(head, self._delimiter)
        except BaseException:
            self._file.close()
            raise
        self._titled, self.columns, self.sample = table_head(first)
        self.read_as = f"{encoding}, {_WORDS[self._delimiter]}"

    @property
    def done(self) -> float:
        """How much has been read, 0 to 1."""
        return min(1.0, self._file.tell() / self._size) if not self._file.closed else 1.0

    def rows(self) -> Iterator[SourceRow]:
        """Return all rows. Raises InvalidInput (a line or the file is too long)."""
        reader = csv.reader(self._texts(), delimiter=self._delimiter)
        skip = self._titled
        count = 0
        while True:
            self._odd = False
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error:
                yield SourceRow(
                    reader.line_num, problem="A value does not end, or holds what no text has."
                )
                continue
            if skip or not any(cell.strip() for cell in cells):
                skip = False
                continue
            count += 1
            if count > MOST_ROWS:
                raise too_many()
            remark = "Read in another encoding than the rest: check its letters."
            yield SourceRow(
                reader.line_num,
                tuple(_without_guard(cell) for cell in cells[:MOST_COLUMNS]),
                remark=remark if self._odd else "",
            )

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _texts(self) -> Iterator[str]:
        self._file.seek(0)
        for place, line in enumerate(lines(self._file, self._encoding)):
            if place == 0 and _says_separator(line.text):
                continue
            if line.cut:
                raise _long_line()
            self._odd = self._odd or line.odd
            yield line.text

    def _head(self) -> list[str]:
        self._file.seek(0)
        found: list[Line] = list(islice(lines(self._file, self._encoding), _SNIFFED))
        if any(line.cut for line in found):
            raise _long_line()
        texts = [line.text for line in found]
        return texts[1:] if texts and _says_separator(texts[0]) else texts


def table_head(
    first: Sequence[tuple[str, ...]],
) -> tuple[bool, tuple[str, ...], Sequence[tuple[str, ...]]]:
    """Return whether the first row is of titles, the columns' names, and rows to show."""
    titles = first[0] if first else ()
    if any(guess_target(title).field is not Field.IGNORE for title in titles):
        return True, tuple(title.strip() for title in titles), first[1:]
    return False, tuple(f"Column {n}" for n in range(1, len(titles) + 1)), first


def too_many() -> InvalidInput:
    """Return the refusal of a file with too many rows."""
    return InvalidInput(
        "The file cannot be imported.",
        "It has more than a million contacts.",
        "Split it into several files.",
    )


def _long_line() -> InvalidInput:
    return InvalidInput(
        "The file cannot be imported.",
        "It has a line of more than a megabyte: it is no table of contacts.",
        "Choose another file.",
    )


def _says_separator(text: str) -> bool:
    return text.lower().startswith("sep=")


def _delimiter(head: list[str]) -> str:
    try:
        return csv.Sniffer().sniff("".join(head), _DELIMITERS).delimiter
    except csv.Error:
        text = head[0] if head else ""
        return max(_DELIMITERS, key=text.count)


def _first_rows(head: list[str], delimiter: str) -> list[tuple[str, ...]]:
    rows = csv.reader(head, delimiter=delimiter)
    found: list[tuple[str, ...]] = []
    with suppress(csv.Error):  # said again, with its line, when the rows are read
        found = [tuple(row) for row in islice(rows, 6) if row]
    if found and len(found[0]) > MOST_COLUMNS:
        raise InvalidInput(
            "The file cannot be imported.",
            "It has more than 256 columns.",
            "Remove what is not needed, and try again.",
        )
    return found


def _without_guard(cell: str) -> str:
    """Take back the mark that keeps spreadsheets from calculating a text."""
    return cell[1:] if cell[:1] == "'" and cell[1:2] in ("=", "+", "-", "@") else cell
