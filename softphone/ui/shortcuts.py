"""The keyboard: one table that makes the shortcuts, the F1 sheet and the settings page."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QSettings


@dataclass(frozen=True, slots=True)
class Shortcut:
    """One thing that can be done by keys; ``keys`` is the portable text of a key sequence."""

    name: str
    keys: str
    words: str
    group: str


SHORTCUTS: tuple[Shortcut, ...] = (
    Shortcut("search", "Ctrl+K", "Search, dial or command", "Everywhere"),
    Shortcut("page1", "Ctrl+1", "Phone", "Pages"),
    Shortcut("page2", "Ctrl+2", "History", "Pages"),
    Shortcut("page3", "Ctrl+3", "Contacts", "Pages"),
    Shortcut("page4", "Ctrl+4", "Recordings", "Pages"),
    Shortcut("page5", "Ctrl+5", "Audit", "Pages"),
    Shortcut("page6", "Ctrl+6", "Privacy", "Pages"),
    Shortcut("page7", "Ctrl+7", "Administration", "Pages"),
    Shortcut("page8", "Ctrl+8", "Settings", "Pages"),
    Shortcut("answer", "Ctrl+Return", "Answer", "Calls"),
    Shortcut("hang_up", "Ctrl+.", "Hang up or decline", "Calls"),
    Shortcut("transfer", "Ctrl+T", "Transfer or add somebody", "Calls"),
    Shortcut("mute", "Ctrl+M", "Mute or unmute", "Calls"),
    Shortcut("hold", "Ctrl+H", "Hold or resume", "Calls"),
    Shortcut("record", "Ctrl+R", "Pause or resume recording", "Calls"),
    Shortcut("consent_recording", "Ctrl+Y", "Recording: agrees or withdraws", "Calls"),
    Shortcut("consent_marketing", "Ctrl+Shift+Y", "Marketing: agrees or withdraws", "Calls"),
    Shortcut("shape", "F11", "Switch between desk and phone", "Everywhere"),
    Shortcut("lock", "Ctrl+L", "Lock the window", "Everywhere"),
    Shortcut("sheet", "F1", "Show this sheet", "Everywhere"),
)
REVIEW: tuple[tuple[str, str], ...] = (
    ("Space", "Play or pause"),
    ("J", "Back 10 seconds"),
    ("K", "Play or pause"),
    ("L", "Forward 10 seconds"),
    ("N", "Next recording"),
    ("P", "Previous recording"),
    ("Del", "Delete the selected recordings"),
)


def keys_for(settings: QSettings, shortcut: Shortcut) -> str:
    """Return the keys in force: the person's own, or the usual ones."""
    return str(settings.value(f"keys/{shortcut.name}", shortcut.keys))
