"""Every promise of docs/security.md names a test, and every test it names exists."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
DOCUMENT = TESTS.parent / "docs" / "security.md"
CODE = re.compile(r"`([^`]+)`")
REFERENCE = re.compile(r"(?P<file>[\w/.-]*)(?:::(?P<name>\w+…?))?")
# What a row names besides tests: programs that are run by hand or by the one door.
NO_TEST = {"make fuzz", "kill -9"}
FOLDERS = ("", "integration/sync/", "unit/server/")


def rows(document: Path) -> Iterator[tuple[str, str]]:
    """Yield the first and the last cell of every row of a table whose last column is ``test``."""
    inside = False
    for line in document.read_text("utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if not line.startswith("|"):
            inside = False
        elif cells[-1] == "test":
            inside = True
        elif inside and not set(cells[0]) <= {"-", " "}:
            yield cells[0], cells[-1]


ROWS = tuple(rows(DOCUMENT))


@lru_cache
def functions(path: Path) -> frozenset[str]:
    tree = ast.parse(path.read_text("utf-8"))
    named = {n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.ClassDef)}
    # A machine of hypothesis is a test by the name that it is given.
    given = {
        target.id
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    return frozenset(named | given)


def find(name: str) -> Path | None:
    for folder in FOLDERS:
        path = TESTS / folder / name
        if name and (path.is_file() or path.is_dir()):
            return path
    return None


def problems(cell: str) -> list[str]:
    """Return what is wrong with the tests a cell names; a bare ``::name`` is of the last file."""
    found: list[str] = []
    file: Path | None = None
    named = [text for text in CODE.findall(cell) if text not in NO_TEST]
    if not named and "demo" not in cell:
        return ["it names no test"]
    for text in named:
        match = REFERENCE.fullmatch(text)
        if match is None or not (match["file"] or match["name"]):
            found.append(f"{text} is no test")
            continue
        file = find(match["file"]) if match["file"] else file
        if file is None:
            found.append(f"{text}: there is no such file")
        elif match["name"]:
            wanted = match["name"].removesuffix("…")
            exact = not match["name"].endswith("…")
            names = functions(file)
            if not any(n == wanted if exact else n.startswith(wanted) for n in names):
                found.append(f"{text}: there is no such test")
        elif file.is_file() and not any(n.startswith(("test_", "Test")) for n in functions(file)):
            found.append(f"{text} holds no test")
    return found


def test_the_document_was_read():
    assert len(ROWS) > 50


@pytest.mark.parametrize(("promise", "cell"), ROWS, ids=[promise[:60] for promise, _ in ROWS])
def test_every_promise_names_tests_that_exist(promise: str, cell: str):
    assert problems(cell) == [], promise


@pytest.mark.parametrize(
    ("cell", "why"),
    [
        ("", "names no test"),
        ("`unit/vault/test_nothing.py`", "no such file"),
        ("`unit/vault/test_keeper.py::test_nothing`", "no such test"),
        ("`unit/vault/test_keeper.py::test_wrong_attempts…`", ""),
        ("`unit/vault/test_keeper.py`, `::test_nothing`", "no such test"),
        ("`unit/vault/rig.py`", "holds no test"),
        ("`rm -rf`", "no test"),
        ("the demo", ""),
    ],
)
def test_a_wrong_name_is_found(cell: str, why: str):
    found = problems(cell)
    assert (why in found[0]) if why else (found == [])
