from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.app.rig import DeskRig


@pytest.fixture
def office(tmp_path: Path):
    rig = DeskRig(tmp_path)
    yield rig
    rig.close()
