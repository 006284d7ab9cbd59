"""Contacts from vCard files: 2.1, 3.0 (RFC 2426) and 4.0 (RFC 6350), one card at a time.

Pictures, sounds and keys are skipped as they are read: they are what makes such files huge.
"""

from __future__ import annotations

import binascii
import codecs
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import vobject
from vobject.base import VObjectError

from softphone.app.ports import SourceRow
from softphone.domain.contact_import import MOST_ROWS, Field, Part
from softphone.export.csv_source import too_many
from softphone.export.decoding import lines

_CARD_LIMIT = 256 * 1024
"""Characters of one card without its pictures."""
_SHORTEST_CARD = 24
"""Bytes; a file with less than this for each card that is permitted need not be counted."""
_BLOCK = 1 << 22
_SKIPPED = re.compile(r"(?:[A-Za-z0-9-]+\.)?(PHOTO|LOGO|SOUND|KEY|X-MS-CARDPICTURE)[;:]", re.I)
_BASE64 = re.compile(r"ENCODING=(B|BASE64)\b|;BASE64[;:]", re.I)
_LABELS = {
    "cell": "mobile",
    "mobile": "mobile",
    "work": "work",
    "home": "home",
    "fax": "fax",
    "main": "main",
}
_TEXTS = {"FN": Field.NAME, "NOTE": Field.NOTE, "LANG": Field.LANGUAGE, "EMAIL": Field.EMAIL}
_COMPANIES = {("KIND", "org"), ("KIND", "organization"), ("X-ABSHOWAS", "company")}
_APPLE = re.compile(r"_\$!<(.*)>!\$_")
_UNREADABLE = (
    VObjectError, ValueError, KeyError, IndexError, AttributeError, TypeError, LookupError,
    binascii.Error,
)  # fmt: skip


class VcardSource:
    """One open vCard file (``ContactSource``)."""

    format = "vcard"
    columns: tuple[str, ...] = ()
    sample: tuple[tuple[str, ...], ...] = ()

    def __init__(self, path: Path, encoding: str) -> None:
        self._file: BinaryIO = path.open("rb")
        self._size = max(1, path.stat().st_size)
        self._encoding = encoding
        self.read_as = encoding
        if self._size > MOST_ROWS * _SHORTEST_CARD:
            self._refuse_too_many()

    @property
    def done(self) -> float:
        """How much has been read, 0 to 1."""
        return min(1.0, self._file.tell() / self._size) if not self._file.closed else 1.0

    def _refuse_too_many(self) -> None:
        """Count where cards begin: seconds for gigabytes, where reading them takes minutes."""
        plain = self._encoding.removesuffix("-sig")
        wanted = "begin:vcard".encode(plain).removeprefix(codecs.BOM_UTF16_LE)
        count, kept = 0, b""
        while block := self._file.read(_BLOCK):
            window = kept + block.lower()
            count += window.count(wanted)
            kept = window[1 - len(wanted) :]
            if count > MOST_ROWS:
                self._file.close()
                raise too_many()
        self._file.seek(0)

    def rows(self) -> Iterator[SourceRow]:
        """Return all cards. Raises InvalidInput (too many)."""
        for count, (card, problem, odd) in enumerate(self._cards(), 1):
            if count > MOST_ROWS:
                raise too_many()
            if problem:
                yield SourceRow(count, problem=problem)
                continue
            try:
                parts = tuple(_parts(card))
            except _UNREADABLE:
                yield SourceRow(count, problem="The card is malformed and cannot be read.")
                continue
            remark = "Read in another encoding than the rest: check its letters."
            yield SourceRow(count, parts=parts, remark=remark if odd else "")

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _cards(self) -> Iterator[tuple[str, str, bool]]:
        """Return cards as text, or the problem with one; what lies between cards is skipped."""
        self._file.seek(0)
        collector: _Collector | None = None
        for line in lines(self._file, self._encoding):
            word = line.text.strip().upper() if len(line.text) < 64 else ""
            if word == "BEGIN:VCARD":
                if collector is not None and collector.depth == 0:
                    yield "", "The card does not end.", False
                    collector = None
                collector = collector or _Collector()
            if collector is None:
                continue
            collector.odd = collector.odd or line.odd
            collector.add(line.text, cut=line.cut)
            if word == "END:VCARD":
                yield collector.text, collector.problem, collector.odd
                collector = None
        if collector is not None:
            yield "", "The card does not end: the file is cut off.", False


class _Collector:
    """Gathers the lines of one card without its pictures."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._size = 0
        self._skipping = False
        self._until_blank = False
        self._goes_on = False
        self.depth = 0
        self.problem = ""
        self.odd = False

    @property
    def text(self) -> str:
        """The card."""
        return "".join(self._lines)

    def add(self, text: str, *, cut: bool) -> None:
        """Take one line, or a piece of a long one."""
        piece, self._goes_on = self._goes_on, cut
        if piece and self._skipping:
            return
        if self._skipping and not self._ends_skipping(text):
            return
        self._skipping = False
        if _SKIPPED.match(text):
            self._skipping = True
            self._until_blank = bool(_BASE64.search(text[:200]))
            return
        self._size += len(text)
        if self._size > _CARD_LIMIT or cut:
            self.problem = "The card is larger than 256 kB without its pictures."
            self._lines.clear()
            return
        if not self.problem:
            self._lines.append(text)

    def _ends_skipping(self, text: str) -> bool:
        if text[:1] in (" ", "\t"):
            return False
        # vCard 2.1 does not indent, and ends with an empty line.
        inside = self._until_blank and text.strip() and ":" not in text and ";" not in text
        return not inside


def _parts(card: str) -> Iterator[Part]:
    for component in vobject.readComponents(card, ignoreUnreadable=True, allowQP=True):
        lines_: list[Any] = list(component.getChildren())
        labels = {
            line.group: _apple(str(line.value))
            for line in lines_
            if line.name == "X-ABLABEL" and line.group
        }
        names = {line.name for line in lines_}
        for line in lines_:
            yield from _part(line, labels.get(line.group, ""), formatted="FN" in names)
        return


def _part(line: Any, label: str, *, formatted: bool) -> Iterator[Part]:
    name, value = line.name, line.value
    if name in _TEXTS:
        yield Part(_TEXTS[name], re.sub("^mailto:", "", str(value), flags=re.I))
    elif name == "N" and not formatted:
        yield Part(Field.NAME, " ".join(str(value).split()))
    elif name == "ORG":
        yield Part(Field.COMPANY, str(value[0] if isinstance(value, list) else value))
    elif name in ("TEL", "X-SIP", "IMPP"):
        yield from _number(line, str(value), label)
    elif name == "CATEGORIES":
        for tag in value if isinstance(value, list) else [value]:
            yield Part(Field.TAGS, str(tag))
    elif (name, str(value).lower()) in _COMPANIES:
        yield Part(Field.KIND, "company")


def _number(line: Any, value: str, label: str) -> Iterator[Part]:
    scheme = value.partition(":")[0].lower()
    if line.name == "IMPP" and scheme not in ("sip", "sips"):
        return
    types = [
        word.strip().lower()
        for given in line.params.get("TYPE", []) + line.singletonparams
        for word in str(given).split(",")
    ]
    found = label or next((_LABELS[word] for word in types if word in _LABELS), "")
    if line.name in ("IMPP", "X-SIP"):
        found = label or "sip"
    # tel:+49...;ext=12 (RFC 3966): the extension is the switchboard's business.
    yield Part(Field.NUMBER, value.split(";")[0].strip(), found)


def _apple(text: str) -> str:
    inner = _APPLE.fullmatch(text)
    return (inner[1] if inner else text).lower()
