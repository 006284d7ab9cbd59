"""What should sound where, decided from the calls alone."""

from __future__ import annotations

from collections.abc import Callable, Collection

from softphone.domain.call import Call, CallState, Direction, Disposition
from softphone.domain.sound import SILENT, Sounding, Tone

_END_TONES = {
    Disposition.BUSY: Tone.BUSY,
    Disposition.FAILED: Tone.CONGESTION,
}


def sounding(calls: Collection[Call], ended: Call | None = None) -> Sounding:
    """Return what sounds. ``ended`` is the call that just ended, while no other has begun.

    ============================================  ==================  ==================
    calls                                         ringer              speaker
    ============================================  ==================  ==================
    one comes in, none else                       ring
    one comes in, another goes on                                     call waiting
    we call, the far side rings, no early media                       ringback
    the same, while another person is talking
    our call found busy / failed                                      busy / congestion
    one answered by itself, its first second                          answered by itself
    only a muted call goes on                                         mute reminder
    anything else
    ============================================  ==================  ==================
    """
    live = [call for call in calls if call.live]
    incoming = [call for call in live if call.state is CallState.INCOMING]
    others = [call for call in live if call.state is not CallState.INCOMING]
    if incoming:
        if others:
            return Sounding(speaker=Tone.CALL_WAITING)
        return Sounding(ringer=Tone.RING, account=incoming[0].account)
    talking = [call for call in others if call.state is CallState.ESTABLISHED]
    if talking:
        # Until a second of their sound was measured; somebody silent never is: it sounds once.
        if any(call.auto_answered and call.quality is None for call in talking):
            return Sounding(speaker=Tone.ANSWERED_BY_ITSELF)
        muted = len(talking) == 1 and talking[0].muted
        return Sounding(speaker=Tone.MUTE_REMINDER) if muted else SILENT
    if any(call.state is CallState.RINGING and not call.early_media for call in others):
        return Sounding(speaker=Tone.RINGBACK)
    if not others and ended is not None:
        return Sounding(speaker=_tone_of(ended))
    return SILENT


def _tone_of(ended: Call) -> Tone | None:
    if ended.direction is not Direction.OUTGOING or ended.disposition is None:
        return None
    return _END_TONES.get(ended.disposition)


class ToneDirector:
    """Follows the calls and tells the devices only when what should sound changes."""

    def __init__(self, play: Callable[[Sounding], None]) -> None:
        self._play = play
        self._now = SILENT
        self._ended: Call | None = None
        self._seen_live: set[str] = set()

    def follow(self, calls: Collection[Call]) -> None:
        """Take the calls as they are now; an answered or ended call is silent at once."""
        live = {call.id for call in calls if call.live}
        for call in calls:
            if not call.live and (call.id in self._seen_live):
                self._ended = call
        if live:
            self._ended = None
        self._seen_live = set(live)
        wanted = sounding(calls, self._ended)
        if wanted != self._now:
            self._now = wanted
            self._play(wanted)
