"""The window process.

What is needed to know that it may begin is loaded first; then the engine starts, and while it does,
this process loads Qt and the rest.
"""

from __future__ import annotations

from importlib import import_module

from softphone.compose.alone import alone
from softphone.domain.errors import EngineLost, InvalidInput
from softphone.engine.child import start_beforehand
from softphone.engine.control import send_command
from softphone.paths import Profile


def window(profile: Profile, audio: str, shape: str, sign_in: tuple[str, str] | None) -> int:
    """Open the window; one a profile."""
    if _running(profile):
        raise InvalidInput(
            "The phone is already open.", "A second window on one profile could lose data.",
            "Use the one that is open.",
        )  # fmt: skip
    with alone(profile):
        child = start_beforehand(profile, ["--audio", audio])
        try:
            inside = import_module("softphone.compose.open_window")
        except BaseException:  # interrupted, or a library is missing: nobody will come
            if child is not None:
                child.end()
            raise
        return int(inside.open_window(profile, audio, shape, sign_in, child))


def _running(profile: Profile) -> bool:
    try:
        return bool(send_command(profile, "state", [], within_s=5).get("ok"))
    except EngineLost:
        return False
