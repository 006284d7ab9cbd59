"""The window with everything behind it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from softphone.app.event_lines import event_line
from softphone.compose.late import LateAdapters
from softphone.compose.office import office
from softphone.domain.events import Event
from softphone.engine.child import EngineChild
from softphone.engine.control import ControlServer
from softphone.paths import Profile
from softphone.ui import application
from softphone.ui.remote import Remote


def open_window(
    profile: Profile,
    audio: str,
    shape: str,
    sign_in: tuple[str, str] | None,
    child: EngineChild | None,
) -> int:
    """Open the window and run until it is closed; ``child`` is an engine that starts meanwhile."""
    adapters = LateAdapters()
    place = office(profile, audio, child, adapters)
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
            settled=adapters.load_beside,
        )
    finally:
        control.close()
        place.close()
