"""The window process."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from softphone.app.event_lines import event_line
from softphone.compose.alone import alone
from softphone.compose.office import office
from softphone.domain.errors import EngineLost, InvalidInput
from softphone.domain.events import Event
from softphone.engine.control import ControlServer, send_command
from softphone.paths import Profile
from softphone.ui import application
from softphone.ui.remote import Remote


def window(profile: Profile, audio: str, shape: str, sign_in: tuple[str, str] | None) -> int:
    """Open the window; one a profile."""
    if _running(profile):
        raise InvalidInput(
            "The phone is already open.", "A second window on one profile could lose data.",
            "Use the one that is open.",
        )  # fmt: skip
    with alone(profile):
        return _window(profile, audio, shape, sign_in)


def _window(profile: Profile, audio: str, shape: str, sign_in: tuple[str, str] | None) -> int:
    place = office(profile, audio)
    steering: list[Remote] = []

    def handle(name: str, given: list[str]) -> dict[str, Any]:
        if name in ("quit", "show") and not steering:
            return {"ok": False, "what": "The window is still opening.", "why": "", "do": ""}
        if name == "quit":
            steering[0].quit()
        elif name == "show":
            steering[0].show_page("".join(given[:1]))
        else:
            return place.command(name, given)
        return {"ok": True}

    def feed(take: Callable[[dict[str, Any]], None]) -> Callable[[], None]:
        def listen(event: Event) -> None:
            line = event_line(event)
            if line is not None:
                take(line)

        place.bus.subscribe(listen)
        return lambda: place.bus.unsubscribe(listen)

    control = ControlServer(profile, handle, feed)
    try:
        return application.run(
            place,
            argv=sys.argv[:1],
            sign_in=sign_in,
            start_in=shape,
            settings=profile.settings,
            remote=steering.append,
        )
    finally:
        control.close()
        place.close()


def _running(profile: Profile) -> bool:
    try:
        return bool(send_command(profile, "state", [], within_s=5).get("ok"))
    except EngineLost:
        return False
