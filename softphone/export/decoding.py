"""Bytes of unknown origin as text: found out once for the file, and checked line by line."""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

import charset_normalizer

SAMPLE = 256 * 1024
LINE_LIMIT = 1 << 20
"""Bytes of one line; no contact is that long."""
FALLBACK = "cp1252"
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True, slots=True)
class Line:
    """A line with its end. ``odd`` where it is in another encoding than the file; ``cut`` where
    it was longer than the limit."""

    text: str
    odd: bool = False
    cut: bool = False


def detect(sample: bytes) -> str:
    """Return the encoding of a text by its first bytes."""
    for mark, name in _MARKS:
        if sample.startswith(mark):
            return name
    telling = [line for line in sample.split(b"\n")[:-1] or [sample] if not line.isascii()]
    right = sum(_is_utf8(line) for line in telling)
    if 2 * right >= len(telling):
        return "utf-8"  # the few lines that are not are found when they are read
    best = charset_normalizer.from_bytes(sample).best()
    return best.encoding if best is not None else FALLBACK


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def lines(file: BinaryIO, encoding: str) -> Iterator[Line]:
    """Return decoded lines; memory holds one at a time."""
    if encoding in ("utf-16", "utf-32"):
        text = io.TextIOWrapper(file, encoding, errors="replace", newline="")
        try:
            while piece := text.readline(LINE_LIMIT):
                yield Line(piece, odd="\ufffd" in piece, cut=_cut(piece, LINE_LIMIT))
        finally:
            text.detach()
        return
    if encoding == "utf-8-sig":
        file.seek(len(codecs.BOM_UTF8))
        encoding = "utf-8"
    while raw := file.readline(LINE_LIMIT):
        cut = len(raw) >= LINE_LIMIT and not raw.endswith(b"\n")
        try:
            yield Line(raw.decode(encoding), cut=cut)
        except UnicodeDecodeError:
            yield Line(_other(raw, encoding), odd=True, cut=cut)


def _cut(piece: str, limit: int) -> bool:
    return len(piece) >= limit and not piece.endswith("\n")


def _other(raw: bytes, encoding: str) -> str:
    for name in ("utf-8", FALLBACK):
        if name != encoding:
            try:
                return raw.decode(name)
            except UnicodeDecodeError:
                continue
    return raw.decode("latin-1")
