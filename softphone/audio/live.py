"""The workstation's sound: follows the preferred devices, rings, and measures levels.

One thread decides and opens; nobody who calls in waits for a device. A device that is missing or
fails never fails the call: the next one is taken, and with none the call goes on silent and the
empty name says so.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable
from pathlib import Path

from softphone.app.media import Beat, FrameSink, FrameSource
from softphone.audio import apm
from softphone.audio.backend import Backend
from softphone.audio.health import TOLD_EVERY_S, HealthCounter
from softphone.audio.levels import LevelMeter
from softphone.audio.open_devices import OpenDevices, Use
from softphone.audio.path import PythonPath, SoundPath
from softphone.audio.preferences import Preferences
from softphone.audio.ringtones import Ringtones
from softphone.audio.sound_check import SoundCheck
from softphone.audio.tone_desk import ToneDesk, role_of
from softphone.audio.tones import key_pcm
from softphone.audio.voice import Make, VoiceChain
from softphone.domain.events import (
    AudioDevicesChanged,
    EngineEvent,
    MicrophoneChanged,
    SoundCounted,
    SoundDevicesListed,
    SoundLevels,
)
from softphone.domain.sound import (
    GAINS_DB,
    NOT_CHOSEN,
    SILENT,
    AudioRole,
    SoundDeed,
    Sounding,
    SoundOrder,
)
from softphone.domain.voice import VoicePart, VoiceRules

log = logging.getLogger(__name__)

LEVELS_EVERY_S = 0.1
MakePath = Callable[[Callable[[str], None]], SoundPath]
MIC, EAR, RINGER = AudioRole.MICROPHONE, AudioRole.SPEAKER, AudioRole.RINGER


class LiveDevices:
    """Microphone, speaker and ringer over a sound system; implements ``AudioDevices``."""

    def __init__(
        self,
        backend: Backend,
        preferences: Path | None = None,
        *,
        ringtones: Path | None = None,
        load: Callable[[], None] = apm.load,
        make: Make = apm.WebRtcProcessing,
        path: MakePath | None = None,
    ) -> None:
        """``ringtones`` is the folder of own rings; ``load`` and ``make`` give the library that
        processes the voice, ``path`` what the call's sound takes (told what to call when the
        processing fails)."""
        path = path or (lambda failed: PythonPath(backend, failed))
        self._backend = backend
        self._preferences = Preferences(preferences)
        self._path = path(self._voice_failed)
        self.meters = {role: LevelMeter() for role in AudioRole}
        """Of what sounds besides the call."""
        self._listener: Callable[[EngineEvent], None] = lambda event: None
        self._called = self._watching = False
        self._health_due = 0.0
        self._told: tuple[EngineEvent, ...] = ()
        self._work: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._rings = Ringtones(ringtones, self._preferences, self.post, self._tell_present)
        self._check = SoundCheck(self._tell, self.post, self._settle, self._rings.pcm)
        chosen = self._preferences.voice
        self._voice = VoiceChain(self.post, self._tell_present, chosen, self._path.use, load, make)
        self._health = HealthCounter(self._path.counts)
        self._open = OpenDevices(
            backend, self._preferences, self.post, self._settle, self._health.lost_device
        )
        self._tones = ToneDesk(
            self.meters,
            self._rings.pcm,
            self._open.shut,
            lambda slot: self.post(lambda: self._ended(slot)),
        )
        backend.watch(lambda: self.post(self._open.read))
        self._open.list = backend.devices()
        self._rings.load()
        self._thread = threading.Thread(target=self._run, name="audio", daemon=True)
        self._thread.start()

    # --- AudioDevices, from any thread ----------------------------------------------------------

    @property
    def source(self) -> FrameSource:
        """The microphone."""
        return self._path.source

    @property
    def sink(self) -> FrameSink:
        """The speaker."""
        return self._path.sink

    @property
    def names(self) -> tuple[str, str]:
        """Names of the microphone and the speaker that are, or would be, in use."""
        return self._open.device(MIC).name, self._open.device(EAR).name

    @property
    def ringer(self) -> str:
        """Name of the device that rings."""
        return self._open.device(RINGER).name

    def tell_to(self, listener: Callable[[EngineEvent], None]) -> None:
        """Set who is told."""
        self._listener = listener

    def present(self) -> tuple[EngineEvent, ...]:
        """Return the devices as events."""
        listed = SoundDevicesListed(
            self._open.list.microphones,
            self._open.list.speakers,
            *(next(iter(self._preferences.ranked(role)), NOT_CHOSEN) for role in AudioRole),
        )
        microphone = self._open.device(MIC).id
        return (
            listed,
            AudioDevicesChanged(*(self._open.device(role).name for role in AudioRole)),
            MicrophoneChanged(
                self._preferences.gain_db(microphone), self._open.silenced(microphone)
            ),
            self._rings.present(),
            self._voice.present(),
        )

    def lead(self, beat: Callable[[], Beat]) -> None:
        """Let the microphone keep the call's time."""
        self._path.lead(beat)

    def start(self) -> None:
        """Begin to capture and play, for a call."""
        self.post(lambda: self._call(True))

    def stop(self) -> None:
        """Let the devices of the call go."""
        self.post(lambda: self._call(False))

    def sound(self, wanted: Sounding) -> None:
        """Let these tones sound until told otherwise."""
        self._tones.hush(wanted)
        self.post(lambda: self._sound(wanted))

    def key_tone(self, digits: str) -> None:
        """Play the keys that were pressed, once."""
        self.post(lambda: self._once(b"".join(key_pcm(digit) for digit in digits)))

    def order(self, order: SoundOrder) -> None:
        """Carry out what the window asks for."""
        self.post(lambda: self._obey(order))

    def rule(self, rules: VoiceRules) -> None:
        """Take what the policy says of the voice."""
        self.post(lambda: self._voice.rule(rules))

    def close(self) -> None:
        """Let everything go and end the thread."""
        self._work.put(None)
        self._thread.join(timeout=3)
        self._backend.close()

    def post(self, work: Callable[[], None]) -> None:
        """Run work on the audio thread."""
        self._work.put(work)

    # --- the audio thread -----------------------------------------------------------------------

    def _run(self) -> None:
        due = time.monotonic()
        while True:
            timed = self._watching or self._called
            wait = max(0.0, due - time.monotonic()) if timed else None
            try:
                work = self._work.get(timeout=wait)
            except queue.Empty:
                due = time.monotonic() + (LEVELS_EVERY_S if self._watching else TOLD_EVERY_S)
                self._tell_now_and_then()
                continue
            if work is None:
                break
            try:
                work()
            except Exception:
                log.exception("the sound devices failed")
        self._open.shut_all()

    def _tell(self, event: EngineEvent) -> None:
        self._listener(event)

    def _tell_now_and_then(self) -> None:
        if self._watching:
            self._tell_levels()
        if self._called and time.monotonic() >= self._health_due:
            self._health_due = time.monotonic() + TOLD_EVERY_S
            self._path.tend()
            self._tell_health()

    def _tell_health(self) -> None:
        news = self._health.news()
        if news is not None:
            self._tell(SoundCounted(news))

    def _tell_levels(self) -> None:
        microphone, clipped = self._path.microphone_level()
        speaker = max(self._path.speaker_level(), self.meters[EAR].read()[0])
        ringer = self.meters[RINGER].read()[0]
        self._tell(SoundLevels(round(microphone, 1), round(speaker, 1), round(ringer, 1), clipped))

    def _call(self, on: bool) -> None:
        self._called = on
        if on:
            self._path.clear()
            self._open.retry()
            self._health.begin()
        self._tell_health()
        self._settle()

    def _sound(self, wanted: Sounding) -> None:
        if wanted != SILENT:
            self._voice.prepare()  # whatever sounds, a call is near
        self._tones.sound(wanted)
        self._settle()

    def _once(self, pcm: bytes, slot: str = "once:speaker") -> None:
        if pcm:
            self._tones.once(pcm, slot)
            self._settle()

    def _ended(self, slot: str) -> None:
        self._tones.end(slot)
        self._check.played(slot)

    def _obey(self, order: SoundOrder) -> None:  # noqa: C901 - one arm a deed
        match order.deed:
            case SoundDeed.CHOOSE:
                known = self._open.of(order.role)
                self._preferences.prefer(
                    order.role, next((d for d in known if d.id == order.value), None)
                )
                self._open.retry()
                self._settle()
            case SoundDeed.WATCH_LEVELS:
                self._watching = order.on
                self._path.measure(order.on)
                for meter in self.meters.values():
                    meter.read()
                    meter.on = order.on
                self._settle()
            case SoundDeed.TEST:
                self._check.begin(order.role, self._once)
            case SoundDeed.RESCAN:
                self._open.rescan()
            case SoundDeed.REGION:
                self._tones.region = order.value
            case SoundDeed.BUTTONS:
                return  # the headsets' own business
            case SoundDeed.PROCESS:
                self._voice.choose(VoicePart(order.value), order.on)
                self._preferences.process(self._voice.chosen)
            case SoundDeed.GAIN:
                self._amplify(order.amount)
            case SoundDeed.RING_VOLUME:
                self._rings.ring_at(order.amount)
            case SoundDeed.RINGTONE:
                self._rings.choose(order.value, order.account)

    def _amplify(self, decibels: float) -> None:
        microphone = self._open.device(MIC).id
        if microphone:
            within = min(max(decibels, min(GAINS_DB)), max(GAINS_DB))
            self._preferences.amplify(microphone, within)
            self._settle()

    # --- what is open ---------------------------------------------------------------------------

    def _wanted(self) -> dict[str, Use]:
        wanted: dict[str, Use] = {}
        open_output = self._backend.open_output
        if self._called or self._watching or self._check.recording:
            wanted["call:microphone"] = Use(MIC, self._path.open_microphone)
        if self._called:
            wanted["call:speaker"] = Use(EAR, self._path.open_speaker)
        for slot in self._tones:
            feed = self._tones.feed(slot)
            wanted[slot] = Use(
                role_of(slot),
                lambda device, lost, fill=feed.fill: open_output(device, fill, lost),  # type: ignore[misc]
            )
        return wanted

    def _settle(self) -> None:
        """Open and close until what is open is what is wanted, then tell if anything changed."""
        self._path.amplify(self._preferences.gain_db(self._open.device(MIC).id))
        self._open.follow(self._wanted())
        self._give_up_tests()
        self._path.listen(self._check.captured if self._check.recording else None)
        self._voice.serve(self._called or self._check.recording)
        self._tell_present()

    def _tell_present(self) -> None:
        now = self.present()
        if now != self._told:
            before, self._told = self._told, now
            for event in now:
                if event not in before:
                    self._tell(event)

    def _give_up_tests(self) -> None:
        """End what waits for a device that is not there."""
        if self._check.recording and "call:microphone" not in self._open:
            self._check.cancel()
        for slot in self._tones:
            if slot.startswith("once:") and slot not in self._open:
                self.post(lambda slot=slot: self._ended(slot))  # type: ignore[misc]

    def _voice_failed(self, problem: str) -> None:
        self.post(lambda: self._voice.give_up(problem))
