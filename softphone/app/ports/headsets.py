"""Headsets with buttons, as the phone sees them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from softphone.domain.events import HeadsetsListed
from softphone.domain.headset import ButtonReport, Lamp
from softphone.domain.ids import HeadsetId


class Headsets(Protocol):
    """Finds headsets and keeps to them by itself. Every method returns at once; whatever a headset
    does wrong costs nobody else anything: it is let go, and its entry in the list says why."""

    def start(
        self, listed: Callable[[HeadsetsListed], None], pressed: Callable[[ButtonReport], None]
    ) -> None:
        """Begin. ``listed`` is called from any thread when the list changed, ``pressed`` for each
        control that changed its value."""
        ...

    def show(self, headset: HeadsetId, lit: frozenset[Lamp], *, again: bool = False) -> None:
        """Let a headset show these lamps, and when it comes back after it was pulled out. Told
        only what changed, unless ``again``. A headset that is not there is no error."""
        ...

    def prefer(self, on: bool) -> None:
        """Use the buttons or do not, as the person wishes; remembered."""
        ...

    def permit(self, on: bool) -> None:
        """Use the buttons or do not, as the policy says; off wins."""
        ...

    def rescan(self) -> None:
        """Look at the devices again soon."""
        ...

    def close(self) -> None:
        """Put out all lamps, let all headsets go and end for good."""
        ...
