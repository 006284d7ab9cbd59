"""What listens to a call and speaks into it besides its two sides; used on the PJ thread."""

from __future__ import annotations

from collections.abc import Callable

from softphone.app.media import FrameSink, FrameSource
from softphone.domain.ids import CallId
from softphone.sip.call import SipCall
from softphone.sip.frames import Reader, Writer
from softphone.sip.graveyard import Graveyard
from softphone.sip.media_ports import SinkPort, SourcePort


class Taps:
    """The recording's ears, and the notice that tells of it."""

    def __init__(
        self,
        find: Callable[[CallId], SipCall | None],
        read: Reader,
        write: Writer,
        graveyard: Graveyard,
    ) -> None:
        self._find = find
        self._read = read
        self._write = write
        self._graveyard = graveyard

    def attach_recording(self, call: CallId, agent: FrameSink, customer: FrameSink) -> None:
        """Let two sinks hear the agent's and the customer's side."""
        found = self._find(call)
        if found is not None and found.taps is None:
            found.attach_taps(
                SinkPort("tap-agent", agent, self._read),
                SinkPort("tap-customer", customer, self._read),
            )

    def detach_recording(self, call: CallId) -> None:
        """Take the sinks away."""
        found = self._find(call)
        taps = found.detach_taps() if found is not None else None
        if taps is not None:
            self._graveyard.bury(taps)

    def attach_notice(self, call: CallId, notice: FrameSource) -> None:
        """Let both sides and the recording hear a source."""
        found = self._find(call)
        if found is not None:
            found.play_notice(SourcePort("notice", notice, self._write))

    def detach_notice(self, call: CallId) -> None:
        """Take the source away."""
        found = self._find(call)
        port = found.drop_notice() if found is not None else None
        if port is not None:
            self._graveyard.bury(port)
