from __future__ import annotations

from pathlib import Path

import pytest

from softphone.app.ports import VaultKeeper
from tests.contract.vault_contract import Seal, VaultContract
from tests.fakes.clock import FakeClock
from tests.unit.vault.rig import Rig


class TestFileVault(VaultContract):
    """The real vault keeps the contract."""

    @pytest.fixture
    def rig(self, tmp_path: Path) -> Rig:
        return Rig(tmp_path)

    @pytest.fixture
    def keeper(self, rig: Rig) -> VaultKeeper:
        return rig.keeper

    @pytest.fixture
    def clock(self, rig: Rig) -> FakeClock:
        return rig.clock

    @pytest.fixture
    def seal(self, rig: Rig) -> Seal:
        return rig.seal
