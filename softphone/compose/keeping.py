"""Care for the vault of a phone that is not running."""

from __future__ import annotations

from softphone.app.bus import Bus
from softphone.app.keys import Keys
from softphone.app.session import Session
from softphone.compose.office import SystemClock, vault_keeper
from softphone.domain.errors import EngineLost, InvalidInput
from softphone.engine.control import send_command
from softphone.paths import Profile


def rekey(profile: Profile, name: str, password: str) -> dict[str, object]:
    """Replace the listeners' keys, as much of it as this person may."""
    refuse_running(profile)
    vault = vault_keeper(profile).unlock(name, password)
    try:
        done = Keys(Session(vault, SystemClock()), Bus()).replace()
    finally:
        vault.close()
    return {"ok": True, "epochs": done.epochs, "rewrapped": done.rewrapped}


def refuse_running(profile: Profile) -> None:
    """Refuse to work on a vault that the phone has open. Raises InvalidInput."""
    try:
        send_command(profile, "state", [], within_s=5)
    except EngineLost:
        return
    raise InvalidInput(
        "Nothing was done.", "The phone is running on this profile.", "Close it first."
    )
