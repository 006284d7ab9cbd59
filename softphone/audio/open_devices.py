"""Which devices are open: follows the preferred ones, passes over what fails, moves what is lost.

Everything here runs on the audio thread.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from softphone.audio.backend import Backend, DeviceList, DeviceUnusable, Lost, Stream
from softphone.audio.preferences import Preferences
from softphone.domain.sound import NOT_CHOSEN, AudioRole, Silenced, SoundDevice

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Use:
    """What a stream is wanted for, and how it is opened on a device (by id)."""

    role: AudioRole
    open: Callable[[str, Lost], Stream]


class OpenDevices:
    """Streams by slot, each on the best device for its role."""

    def __init__(
        self,
        backend: Backend,
        preferences: Preferences,
        post: Callable[[Callable[[], None]], None],
        settle: Callable[[], None],
        lost: Callable[[], None],
    ) -> None:
        """``settle`` is called when what is open should be looked at again, ``lost`` when a device
        ended by itself."""
        self._backend = backend
        self._preferences = preferences
        self._post, self._settle, self._told_lost = post, settle, lost
        self._streams: dict[str, tuple[SoundDevice, Stream]] = {}
        self._unusable: set[tuple[AudioRole, str]] = set()
        self.list = DeviceList()

    def __contains__(self, slot: object) -> bool:
        """Say whether a slot has a device."""
        return slot in self._streams

    def of(self, role: AudioRole) -> Sequence[SoundDevice]:
        """Return what is there for a role, the system's own choice first."""
        return self.list.microphones if role is AudioRole.MICROPHONE else self.list.speakers

    def device(self, role: AudioRole) -> SoundDevice:
        """Return the device that is, or would be, used; empty where there is none."""
        return next(iter(self._candidates(role)), NOT_CHOSEN)

    def silenced(self, microphone: str) -> Silenced:
        """Return why the system lets nothing of a microphone (by id) through."""
        return dict(self.list.silenced).get(microphone, Silenced.NO)

    def retry(self) -> None:
        """Try devices again that failed."""
        self._unusable.clear()

    def follow(self, wanted: Mapping[str, Use]) -> None:
        """Open and close until what is open is what is wanted."""
        for slot in tuple(self._streams):
            if slot not in wanted:
                self.shut(slot)
        for slot, use in wanted.items():
            self._serve(slot, use)

    def shut(self, slot: str) -> None:
        """Let a slot's device go."""
        known = self._streams.pop(slot, None)
        if known is not None:
            known[1].close()

    def shut_all(self) -> None:
        """Let every device go."""
        for slot in tuple(self._streams):
            self.shut(slot)

    def read(self) -> None:
        """Take the newest list of devices: something was plugged in or out."""
        before, self.list = self.list, self._backend.devices()
        if replace(before, silenced=()) != replace(self.list, silenced=()):
            self._unusable.clear()  # else somebody only moved a volume
        self._settle()

    def rescan(self) -> None:
        """Let the system look for devices again."""
        if self._backend.closes_for_rescan:
            self.shut_all()
        self._backend.rescan()
        self._unusable.clear()
        self.read()

    def _candidates(self, role: AudioRole) -> list[SoundDevice]:
        ordered = self._preferences.order(role, self.of(role))
        if role is AudioRole.SECOND_RINGER:
            first = next(iter(self._candidates(AudioRole.RINGER)), None)
            ordered = [device for device in ordered if device != first]  # not twice on one
        return [device for device in ordered if (role, device.id) not in self._unusable]

    def _serve(self, slot: str, use: Use) -> None:
        for device in self._candidates(use.role):
            open_now = self._streams.get(slot)
            if open_now is not None and open_now[0].id == device.id:
                return
            self.shut(slot)
            try:
                self._streams[slot] = (device, self._open(slot, use, device))
            except DeviceUnusable as error:
                log.warning("the %s cannot be opened: %s", use.role.value, error)
                self._unusable.add((use.role, device.id))
                continue
            return
        self.shut(slot)

    def _open(self, slot: str, use: Use, device: SoundDevice) -> Stream:
        def lost() -> None:
            self._post(lambda: self._lost(slot, use.role, device))

        return use.open(device.id, lost)

    def _lost(self, slot: str, role: AudioRole, device: SoundDevice) -> None:
        known = self._streams.get(slot)
        if known is None or known[0].id != device.id:
            return
        self._told_lost()
        self.shut(slot)
        self._unusable.add((role, device.id))  # until the list of devices changes
        if self._backend.closes_for_rescan:
            self.rescan()
        else:
            self._settle()
