from __future__ import annotations

import logging

import pytest

from softphone.app.bus import Bus
from softphone.domain.events import SignedOut


def test_every_listener_hears_every_event_until_it_leaves():
    bus, heard = Bus(), []
    first, second = heard.append, lambda event: heard.append((2, event))
    bus.subscribe(first)
    bus.subscribe(second)
    bus.publish(SignedOut())
    assert heard == [SignedOut(), (2, SignedOut())]
    bus.unsubscribe(second)
    bus.publish(SignedOut())
    assert len(heard) == 3


def test_one_that_fails_does_not_stop_the_others(caplog: pytest.LogCaptureFixture):
    def fail(event: object) -> None:
        raise RuntimeError("no")

    bus, heard = Bus(), []
    bus.subscribe(fail)
    bus.subscribe(heard.append)
    with caplog.at_level(logging.ERROR):
        bus.publish(SignedOut())
    assert heard == [SignedOut()]
    assert "a listener failed on SignedOut" in caplog.text
