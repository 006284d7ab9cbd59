from __future__ import annotations

import asyncio

import pytest

from softphone.domain.account import Transport
from softphone.sip import locate
from softphone.sip.locate import Target, Targets

ONE, TWO, THREE = (Target(host, 5061, "pbx.example", rank)
                   for host, rank in (("one", 10), ("two", 20), ("three", 20)))  # fmt: skip


@pytest.fixture
def targets(monkeypatch) -> Targets:
    async def found(*_: object) -> list[Target]:
        return [ONE, TWO, THREE]

    monkeypatch.setattr(locate, "locate", found)
    made = Targets("pbx.example", None, Transport.TLS)
    assert order(made) == [ONE, TWO, THREE]
    return made


def order(targets: Targets) -> list[Target]:
    return asyncio.run(targets.in_order())


def better(targets: Targets, rank: int) -> list[Target]:
    return asyncio.run(targets.better_than(rank))


def test_one_that_failed_comes_last_and_is_not_returned_to_for_a_while(targets, monkeypatch):
    assert better(targets, 20) == [ONE]
    assert targets.avoid(ONE)
    assert order(targets) == [TWO, THREE, ONE]
    assert better(targets, 20) == []
    monkeypatch.setattr(locate, "AVOID_S", -1.0)
    assert targets.avoid(ONE)
    assert order(targets) == [ONE, TWO, THREE]


def test_the_last_one_left_is_kept(targets):
    assert targets.avoid(ONE)
    assert targets.avoid(TWO)
    assert not targets.avoid(THREE)
    assert order(targets) == [THREE, ONE, TWO]


def test_an_address_is_its_only_target():
    alone = Targets("192.0.2.1:5071", None, Transport.TLS)
    [target] = order(alone)
    assert (target.host, target.port) == ("192.0.2.1", 5071)
    assert not alone.avoid(target)
