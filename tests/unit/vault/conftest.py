from __future__ import annotations

import pytest

from tests.unit.vault.rig import SUPERVISOR, Rig


@pytest.fixture
def vault(rig: Rig):
    """A vault that a supervisor has open, in the ``rig`` of the test's own file."""
    opened = rig.open(SUPERVISOR)
    yield opened
    opened.close()
