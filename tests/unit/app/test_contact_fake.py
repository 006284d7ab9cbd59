"""The contacts in memory that the window's tests stand on do what the vault does."""

from __future__ import annotations

import pytest

from tests.contract.contact_contract import ContactContract
from tests.contract.vault_contract import ADMIN
from tests.fakes.clock import FakeClock
from tests.fakes.vault import FakeVault
from tests.fakes.world import World


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def vault(clock: FakeClock) -> FakeVault:
    return FakeVault(World.empty(ADMIN, clock), ADMIN.name, clock)


class TestFakeVault(ContactContract):
    pass
