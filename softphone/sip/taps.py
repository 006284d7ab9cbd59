"""What listens to a call and speaks into it besides its two sides; used on the PJ thread.

Ports are used again and again: PJSIP does not give back all of what it takes for one, some 20 KB
each (measured), and a port that is freed in use crashes.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from softphone.app.media import FrameSource, RecordingSink
from softphone.domain.ids import CallId
from softphone.sip.call import SipCall
from softphone.sip.media_ports import MUTE, Giving, Ports, Tap

P = TypeVar("P")
REST_S = 1.0
"""How long a port rests before it serves another call: the bridge lets go of it a tick later."""


class Taps:
    """The recording's ears, and the notice that tells of it."""

    def __init__(
        self,
        find: Callable[[CallId], SipCall | None],
        ports: Ports,
    ) -> None:
        self._find = find
        self._ports = ports
        self._sinks: list[tuple[float, Tap]] = []
        self._sources: list[tuple[float, Giving]] = []

    def attach_recording(self, call: CallId, agent: RecordingSink, customer: RecordingSink) -> None:
        """Let two sinks hear the agent's and the customer's side."""
        found = self._find(call)
        if found is not None and found.taps is None:
            found.attach_taps(self._sink(agent), self._sink(customer))

    def detach_recording(self, call: CallId) -> None:
        """Take the sinks away."""
        found = self._find(call)
        if found is not None:
            self.free(found, notice=False)

    def attach_notice(self, call: CallId, notice: FrameSource) -> None:
        """Let both sides and the recording hear a source."""
        found = self._find(call)
        if found is not None:
            port = _rested(self._sources) or self._ports.giving("notice", MUTE)
            port.source = notice
            found.play_notice(port)

    def detach_notice(self, call: CallId) -> None:
        """Take the source away."""
        found = self._find(call)
        if found is not None:
            self._free_notice(found)

    def free(self, call: SipCall, *, notice: bool = True) -> None:
        """Take back what a call used."""
        for tap in call.detach_taps() or ():
            tap.rest()
            self._sinks.append((time.monotonic() + REST_S, tap))
        if notice:
            self._free_notice(call)

    def clear(self) -> None:
        """Let all ports go, before the library ends."""
        self._sinks.clear()
        self._sources.clear()

    def _free_notice(self, call: SipCall) -> None:
        port = call.drop_notice()
        if port is not None:
            port.source = MUTE
            self._sources.append((time.monotonic() + REST_S, port))

    def _sink(self, sink: RecordingSink) -> Tap:
        tap = _rested(self._sinks) or self._ports.tap()
        tap.serve(sink)
        return tap


def _rested(ports: list[tuple[float, P]]) -> P | None:
    if ports and ports[0][0] <= time.monotonic():
        return ports.pop(0)[1]
    return None
