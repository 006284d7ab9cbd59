"""The package's own start."""

from __future__ import annotations

import os
import sys

import pytest

from softphone.__main__ import main
from softphone.engine.child import program


@pytest.fixture
def packaged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setenv("LD_LIBRARY_PATH", "/usr/lib/softphone/_internal")


@pytest.mark.usefixtures("packaged")
@pytest.mark.parametrize("before", ["", "/opt/theirs"])
def test_programs_it_starts_find_the_systems_libraries(
    before: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("LD_LIBRARY_PATH_ORIG", before)
    with pytest.raises(SystemExit):
        main(["--version"])
    assert os.environ.get("LD_LIBRARY_PATH", "") == before
    assert "LD_LIBRARY_PATH_ORIG" not in os.environ


def test_run_by_python_the_environment_is_left_alone(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LD_LIBRARY_PATH", "/opt/theirs")
    with pytest.raises(SystemExit):
        main(["--version"])
    assert os.environ["LD_LIBRARY_PATH"] == "/opt/theirs"


@pytest.mark.usefixtures("packaged")
def test_the_package_starts_its_engine_by_itself():
    assert program() == [sys.executable]
