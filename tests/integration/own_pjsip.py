"""The PJSIP that `make pjsip` builds, for engines that are started beside the wheel from PyPI."""

from __future__ import annotations

import ctypes
import os
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

WHEELS = Path(__file__).parents[2] / "build" / "pjsip"
HOW = "PJSIP was not built here: bash installers/pjsip/build.sh build/pjsip"


def wheel() -> Path | None:
    return next(iter(sorted(WHEELS.glob("*.whl"))), None)


@contextmanager
def used_by_engines(folder: Path) -> Iterator[None]:
    """Let every engine that is started meanwhile take the library, unpacked into ``folder``."""
    _unpack(folder)
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join([str(folder), *filter(None, [before])])
    try:
        yield
    finally:
        os.environ.pop("PYTHONPATH")
        if before is not None:
            os.environ["PYTHONPATH"] = before


def native_functions(folder: Path) -> ctypes.CDLL:
    """Return the C functions of the library, unpacked into ``folder``; this process may use another
    PJSIP at the same time."""
    _unpack(folder)
    [library] = (folder / "pjsua2").glob("_pjsua2*.so")
    return ctypes.CDLL(str(library))


def _unpack(folder: Path) -> None:
    found = wheel()
    if found is None:
        raise FileNotFoundError(HOW)
    if not (folder / "pjsua2").exists():
        with zipfile.ZipFile(found) as archive:
            archive.extractall(folder)
