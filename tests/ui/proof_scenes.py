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
from softphone.domain.pbx import Comparison, PbxCall
from softphone.domain.permissions import EndorsedDevice
from softphone.ui.pages.audit import AuditPage
from softphone.ui.pages.settings import SettingsPage
from softphone.ui.translation import tr
from softphone.ui.words import number

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


def exporting(stage: Stage) -> None:
    """A bundle half written: the lane is held after the first step."""
    page = stage.page("audit")
    assert isinstance(page, AuditPage)
    strip = page.strip
    strip._show(tr("Exporting"), busy=True)
    strip.bar.setRange(0, 48_211)
    strip.bar.setValue(18_000)
    strip.words.setText(tr("{n} of {total} entries", n=number(18_000), total=number(48_211)))
    stage.pump()


def compared(stage: Stage) -> None:
    _compare(stage, missing=7, unread=(12, 31))


def compared_and_whole(stage: Stage) -> None:
    _compare(stage, missing=0, unread=())


def _compare(stage: Stage, missing: int, unread: tuple[int, ...]) -> None:
    page = stage.page("audit")
    assert isinstance(page, AuditPage)
    now = stage.office.clock.now()
    numbers = (("+493012345678",), ("+442079460000", "1001"), ("+48225550147",))
    calls = tuple(
        PbxCall(3 + n, now - timedelta(minutes=17 * n), numbers[n % 3], 60 + n)
        for n in range(missing)
    )
    page._compared(Comparison(214, calls, unread))
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
