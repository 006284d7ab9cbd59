"""What sounds besides the call: the tones of the moment, and what is played once.

A slot is ``tone:ROLE`` or ``once:ROLE``; each has a stream of its own, never that of a call.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from softphone.audio.levels import LevelMeter
from softphone.audio.tone_player import ToneFeed
from softphone.audio.tones import loops, tone_pcm
from softphone.domain.sound import SILENT, AudioRole, Sounding, Tone

TONE_ROLES = (AudioRole.RINGER, AudioRole.SECOND_RINGER, AudioRole.SPEAKER)


def role_of(slot: str) -> AudioRole:
    """Return the role of a slot."""
    return AudioRole(slot.partition(":")[2])


class ToneDesk:
    """Feeds by slot; runs on the audio thread but for :meth:`hush`."""

    def __init__(
        self,
        meters: Mapping[AudioRole, LevelMeter],
        ring: Callable[[str], bytes],
        shut: Callable[[str], None],
        ended: Callable[[str], None],
    ) -> None:
        """``ring`` gives the ring of an account; ``shut`` lets a slot's device go; ``ended`` is
        called from the stream's thread."""
        self._meters, self._ring = meters, ring
        self._shut, self._told_ended = shut, ended
        self._sounding = self._asked = SILENT
        self.region = ""
        self._feeds: dict[str, ToneFeed] = {}

    def __iter__(self) -> Iterator[str]:
        """Return the slots that want a device."""
        return iter(tuple(self._feeds))

    def feed(self, slot: str) -> ToneFeed:
        """Return what a slot plays."""
        return self._feeds[slot]

    def hush(self, wanted: Sounding) -> None:
        """Silence what is not wanted any more, at once (any thread)."""
        before, self._asked = self._asked, wanted
        for role in TONE_ROLES:
            feed = self._feeds.get(f"tone:{role.value}")
            if feed is not None and _tone(before, role) != _tone(wanted, role):
                feed.wipe()  # silent now, not when the device has closed

    def sound(self, wanted: Sounding) -> None:
        """Let these tones sound."""
        before, self._sounding = self._sounding, wanted
        for role in TONE_ROLES:
            slot, new = f"tone:{role.value}", _tone(wanted, role)
            if _tone(before, role) != new:
                self._shut(slot)
                self._feeds.pop(slot, None)
                if new is not None:
                    self._feeds[slot] = self._begun(slot, *new)

    def _begun(self, slot: str, tone: Tone, account: str) -> ToneFeed:
        ring = tone is Tone.RING
        pcm = self._ring(account) if ring else tone_pcm(tone, self.region)
        return self._made(slot, pcm, loop=ring or loops(tone, self.region))

    def once(self, pcm: bytes, slot: str) -> None:
        """Play this to its end."""
        self._shut(slot)
        self._feeds[slot] = self._made(slot, pcm, loop=False)

    def end(self, slot: str) -> None:
        """Forget what a slot played."""
        self._shut(slot)
        feed = self._feeds.pop(slot, None)
        if feed is not None:
            feed.wipe()

    def _made(self, slot: str, pcm: bytes, *, loop: bool) -> ToneFeed:
        return ToneFeed(
            pcm, loop=loop, meter=self._meters[role_of(slot)], ended=lambda: self._told_ended(slot)
        )


def _tone(sounding: Sounding, role: AudioRole) -> tuple[Tone, str] | None:
    """Return the tone of a role, and whose it is where accounts differ in it."""
    if role is AudioRole.SPEAKER:
        return (sounding.speaker, "") if sounding.speaker else None
    return (sounding.ringer, sounding.account) if sounding.ringer else None
