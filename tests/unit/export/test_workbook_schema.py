"""The rules of ECMA-376 that spreadsheet programs hold a workbook to when they open it.

The standard's own schema cannot be had as a package, so its sequences and types are written down
here as far as our workbooks use them: a part that is not named is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from xml.etree import ElementTree as ET
from zipfile import ZipFile

import pytest

from tests.unit.export.test_workbook import INJECTIONS, contact_file, write

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
RELATED = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
PACKAGE = "{http://schemas.openxmlformats.org/package/2006/relationships}"
TYPES = "{http://schemas.openxmlformats.org/package/2006/content-types}"
SEQUENCES = {
    # 18.3.1.99, 18.2.27 and 18.8.39: children in this order, each at most once.
    "worksheet": "sheetPr dimension sheetViews sheetFormatPr cols sheetData sheetCalcPr"
    " sheetProtection protectedRanges scenarios autoFilter sortState dataConsolidate"
    " customSheetViews mergeCells phoneticPr conditionalFormatting dataValidations hyperlinks"
    " printOptions pageMargins pageSetup headerFooter rowBreaks colBreaks customProperties"
    " cellWatches ignoredErrors smartTags drawing legacyDrawing tableParts extLst",
    "workbook": "fileVersion fileSharing workbookPr workbookProtection bookViews sheets"
    " functionGroups externalReferences definedNames calcPr oleSize customWorkbookViews"
    " pivotCaches extLst",
    "styleSheet": "numFmts fonts fills borders cellStyleXfs cellXfs cellStyles dxfs tableStyles"
    " colors extLst",
}
CELL_TYPES = {"b", "d", "e", "inlineStr", "n", "s", "str"}
NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")


def place(reference: str) -> tuple[int, int]:
    """Return row and column of ``AB12``."""
    letters, row = re.fullmatch(r"([A-Z]+)([1-9]\d*)", reference).groups()
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - 64
    return int(row), column


class Package:
    """The parts of one workbook, parsed."""

    def __init__(self, path: Path) -> None:
        with ZipFile(path) as archive:
            names = archive.namelist()
            assert len(names) == len(set(names)), "a part is there twice"
            self.parts = {name: archive.read(name) for name in names}
        self.xml = {
            name: ET.fromstring(data)  # noqa: S314 - our own file
            for name, data in self.parts.items()
            if name.endswith((".xml", ".rels"))
        }

    def check(self) -> None:
        self._check_types()
        self._check_relationships()
        styles = self.xml["xl/styles.xml"]
        self._check_sequence(styles)
        book = self.xml["xl/workbook.xml"]
        self._check_sequence(book)
        self._check_names(book)
        formats = len(styles.find(f"{MAIN}cellXfs"))
        sheets = [name for name in self.parts if name.startswith("xl/worksheets/sheet")]
        assert len(sheets) == len(book.find(f"{MAIN}sheets"))
        for name in sheets:
            self._check_sequence(self.xml[name])
            self._check_rows(self.xml[name], formats)

    def _check_types(self) -> None:
        types = self.xml["[Content_Types].xml"]
        named = {e.get("PartName", "").lstrip("/") for e in types.iter(f"{TYPES}Override")}
        endings = {e.get("Extension") for e in types.iter(f"{TYPES}Default")}
        assert named <= set(self.parts), "a type is given to a part that is not there"
        for name in set(self.parts) - {"[Content_Types].xml"}:
            assert name in named or name.rsplit(".", 1)[-1] in endings, name

    def _check_relationships(self) -> None:
        for name in (n for n in self.xml if n.endswith(".rels")):
            folder = PurePosixPath(name).parent.parent
            links = list(self.xml[name].iter(f"{PACKAGE}Relationship"))
            assert len({e.get("Id") for e in links}) == len(links)
            for link in links:
                assert link.get("TargetMode") != "External"
                target = link.get("Target", "")
                path = target.lstrip("/") if target.startswith("/") else str(folder / target)
                assert path in self.parts, path

    def _check_names(self, book: ET.Element) -> None:
        sheets = list(book.iter(f"{MAIN}sheet"))
        titles = [sheet.get("name", "") for sheet in sheets]
        assert len({title.casefold() for title in titles}) == len(titles)
        for sheet in sheets:
            assert re.fullmatch(r"[^\[\]:*?/\\]{1,31}", sheet.get("name", ""))
            assert sheet.get(f"{RELATED}id")
        assert len({sheet.get("sheetId") for sheet in sheets}) == len(sheets)
        for name in book.iter(f"{MAIN}definedName"):
            assert int(name.get("localSheetId", "0")) < len(sheets)

    def _check_sequence(self, root: ET.Element) -> None:
        order = SEQUENCES[root.tag.removeprefix(MAIN)].split()
        found = [order.index(child.tag.removeprefix(MAIN)) for child in root]
        assert found == sorted(set(found)), [child.tag for child in root]

    def _check_rows(self, sheet: ET.Element, formats: int) -> None:
        last_row = 0
        for row in sheet.iter(f"{MAIN}row"):
            number, last_column = int(row.get("r", "0")), 0
            assert last_row < number <= 1_048_576
            last_row = number
            for cell in row:
                where, column = place(cell.get("r", ""))
                assert where == number
                assert last_column < column <= 16_384
                last_column = column
                self._check_cell(cell, formats)
        for width in sheet.iter(f"{MAIN}col"):
            assert 0 < float(width.get("width", "0")) <= 255
            assert int(width.get("min", "0")) <= int(width.get("max", "0"))

    def _check_cell(self, cell: ET.Element, formats: int) -> None:
        kind = cell.get("t", "n")
        assert kind in CELL_TYPES
        assert int(cell.get("s", "0")) < formats
        assert cell.find(f"{MAIN}f") is None, "a formula"
        value = cell.find(f"{MAIN}v")
        if kind == "n" and value is not None:
            assert NUMBER.fullmatch(value.text or "")
        if kind == "s":
            texts = self.xml["xl/sharedStrings.xml"]
            assert int(value.text or "-1") < len(texts)
        if kind == "inlineStr":
            inside = cell.find(f"{MAIN}is")  # left out of an empty cell, as 18.3.1.4 permits
            assert inside is None or len("".join(inside.itertext())) <= 32_767


def texts() -> Iterator[str]:
    yield from INJECTIONS
    yield "x" * 40_000
    yield "\x00\x1b\ud800 Žluťoučký \u202eabc"


@pytest.mark.parametrize("text", list(texts()))
def test_a_contacts_workbook_keeps_to_the_standard(tmp_path: Path, text: str):
    path = tmp_path / "file.xlsx"
    write(contact_file(text or "x", text), path).close()
    Package(path).check()


def test_the_check_finds_what_excel_would_refuse(tmp_path: Path):
    """Its own negative control: parts out of order, a format that is not there, a lost part."""
    path = tmp_path / "file.xlsx"
    write(contact_file(), path).close()
    for part, old, new in (
        ("xl/worksheets/sheet1.xml", b"<sheetData>", b"<autoFilter/><sheetData>"),
        ("xl/worksheets/sheet2.xml", b' s="', b' s="9'),
        ("xl/worksheets/sheet3.xml", b'r="A2"', b'r="A9"'),
        ("xl/workbook.xml", b'name="Calls"', b'name="Notes"'),
    ):
        package = Package(path)
        changed = package.parts[part].replace(old, new, 1)
        assert changed != package.parts[part]
        package.xml[part] = ET.fromstring(changed)  # noqa: S314 - our own file
        with pytest.raises(AssertionError):
            package.check()
    package = Package(path)
    del package.parts["xl/styles.xml"]
    with pytest.raises(AssertionError):
        package.check()
