"""Recordings on their way between workstations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from softphone.ui.pages.recordings import RecordingsPage
from tests.fakes.relay import fill

if TYPE_CHECKING:
    from tests.ui.scenes import Stage


def relayed(stage: Stage) -> None:
    fill(stage.office.world, stage.office.clock.now())
    page = stage.page("recordings")
    assert isinstance(page, RecordingsPage)
    page.reload()
    stage.pump()
    page.view.select_row(0)
    stage.pump()


def send(stage: Stage) -> None:
    relayed(stage)
    page = stage.page("recordings")
    assert isinstance(page, RecordingsPage)
    page.hand_over.ask_to_send(stage.office.world.correspondents[1])
    stage.pump()
