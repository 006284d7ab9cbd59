"""Scenes of the audit page and of the workstations in the settings."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from softphone.domain.events import FleetSeen
from softphone.domain.fleet import DeviceSeen
from softphone.domain.ids import DeviceId
from softphone.domain.permissions import EndorsedDevice
from softphone.ui.pages.audit import AuditPage
from softphone.ui.pages.settings import SettingsPage
from softphone.ui.translation import tr

if TYPE_CHECKING:
    from tests.ui.scenes import Stage


def about(stage: Stage) -> None:
    page = stage.page("audit")
    assert isinstance(page, AuditPage)
    assert stage.office.world is not None
    person = next(iter(stage.office.world.contacts.values()))
    page.show_about(person.id, person.name)
    stage.pump()


def exported(stage: Stage) -> None:
    page = stage.page("audit")
    assert isinstance(page, AuditPage)
    with tempfile.TemporaryDirectory() as folder:
        page.strip.begin(Path(folder) / "Audit log.csv", page.options.filter())
        stage.pump()
    page.strip.words.setText(tr("Exported to {path}", path="/home/sam/Documents/Audit log.csv"))
    stage.pump()


def fleet(*, follows: bool) -> Callable[[Stage], None]:
    def act(stage: Stage) -> None:
        assert stage.office.world is not None
        world = stage.office.world
        now = stage.office.clock.now()
        names = ("4f1c0b0e-7a52-4d05-9d31-0c6a55d2be01", "9a04c1d7-20c4-4f0e-8b0a-6d4f6c1e7a02")
        world.policy = replace(
            world.policy,
            follows="softphone-policy+1f2e3d4c+AZx" if follows else "",
            devices=tuple(
                EndorsedDevice(DeviceId(name), f"softphone/{name}+0+AQ==", label)
                for name, label in zip(names, ("Desk 8, north", ""), strict=True)
            ),
        )
        stage.office.bus.publish(
            FleetSeen(
                (
                    DeviceSeen(DeviceId(names[0]), now - timedelta(minutes=4), 0, silent=False),
                    DeviceSeen(DeviceId(names[1]), now - timedelta(days=3), 2, silent=True),
                )
            )
        )
        page = stage.page("settings")
        assert isinstance(page, SettingsPage)
        page.show_section("fleet")
        stage.pump()

    return act
