"""The sound system through PortAudio: Windows, macOS, and Linux without a sound server.

Two separate streams, never one duplex stream: duplex gave no callback over PulseAudio's ALSA plugin
in 12 of 12 starts, two streams started 12 of 12 times (measured). PortAudio sees new devices only
after it is initialised anew, which ends its streams: the caller closes them first.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from typing import Any

import sounddevice as sd

from softphone.app.media import SAMPLE_RATE_HZ
from softphone.audio.backend import DeviceList, DeviceUnusable, Fill, Lost, Stream, Take
from softphone.audio.convert import Converter, OutputConverter, first_channel
from softphone.domain.sound import SoundDevice

log = logging.getLogger(__name__)

_PROBLEMS = (sd.PortAudioError, ValueError, OSError)


def formats(device_hz: float) -> Iterator[tuple[int, int]]:
    """Yield rates and channels to try: ours first, then the device's own, then the usual ones.

    Channels are mono, then stereo, never all of them: a 7.1 headset opened with 8 channels buzzes.
    """
    rates = dict.fromkeys((SAMPLE_RATE_HZ, round(device_hz) or 48_000, 48_000, 44_100))
    for rate in rates:
        yield rate, 1
        yield rate, 2


class PortAudioBackend:
    """The platform's devices by host system and name (indexes change when devices do)."""

    closes_for_rescan = True

    def watch(self, changed: Callable[[], None]) -> None:
        """Nothing: PortAudio does not notice; the window tells (QMediaDevices)."""

    def rescan(self) -> None:
        """Initialise PortAudio anew; no stream may be open."""
        try:
            sd._terminate()
            sd._initialize()
        except sd.PortAudioError as error:
            log.warning("the sound system cannot be read: %s", error)

    def devices(self) -> DeviceList:
        """Return what PortAudio knows."""
        return DeviceList(
            self._of("input", "max_input_channels"), self._of("output", "max_output_channels")
        )

    def _of(self, kind: str, channels: str) -> tuple[SoundDevice, ...]:
        try:
            systems = sd.query_hostapis()
            default = sd.query_hostapis(sd.default.hostapi)[f"default_{kind}_device"]
            known = [d for d in sd.query_devices() if d[channels] > 0]
        except _PROBLEMS:
            return ()
        usual = next((d["hostapi"] for d in known if d["index"] == default), 0)
        # One system only, or every headset would stand in the list three times on Windows.
        mine = [d for d in known if d["hostapi"] == usual]
        mine.sort(key=lambda d: d["index"] != default)
        return tuple(
            dict.fromkeys(
                SoundDevice(f"{systems[d['hostapi']]['name']}/{d['name']}", str(d["name"]))
                for d in mine
            )
        )

    def open_output(self, device: str, fill: Fill, lost: Lost) -> Stream:
        """Begin to play."""

        def callback(converter: OutputConverter) -> Any:
            def run(data: Any, frames: int, when: Any, status: Any) -> None:
                missing = converter.wanted(frames)
                if missing:
                    converter.put(fill(missing))
                data[:] = converter.get(frames)

            return run

        return _open(
            sd.RawOutputStream, _index(device, "max_output_channels"), lost,
            lambda rate, channels: callback(OutputConverter(rate, channels)),
        )  # fmt: skip

    def open_direct(self, device: str, lost: Lost) -> None:
        """Devices ask here."""

    def open_input(self, device: str, take: Take, lost: Lost) -> Stream:
        """Begin to capture."""

        def callback(rate: int, channels: int) -> Any:
            converter = Converter(rate, SAMPLE_RATE_HZ)

            def run(data: Any, frames: int, when: Any, status: Any) -> None:
                take(converter.convert(first_channel(bytes(data), channels)))

            return run

        return _open(sd.RawInputStream, _index(device, "max_input_channels"), lost, callback)

    def close(self) -> None:
        """Nothing to let go between streams."""


def _index(device: str, channels: str) -> int:
    try:
        systems = sd.query_hostapis()
        for known in sd.query_devices():
            name = f"{systems[known['hostapi']]['name']}/{known['name']}"
            if name == device and known[channels] > 0:
                return int(known["index"])
    except _PROBLEMS as error:
        raise DeviceUnusable(str(error)) from error
    raise DeviceUnusable("the device is gone")


class _OpenStream:
    def __init__(self, stream: Any, lost: Lost) -> None:
        self._stream = stream
        self._lost = lost
        self._closing = False

    def finished(self) -> None:
        """PortAudio ended the stream; if nobody asked for it, the device is gone."""
        if not self._closing:
            self._lost()

    def close(self) -> None:
        """Let it go."""
        self._closing = True
        try:
            self._stream.close(ignore_errors=True)
        except sd.PortAudioError as error:
            log.warning("a sound device did not close: %s", error)


def _open(
    stream_type: Any, index: int, lost: Lost, callback_for: Callable[[int, int], Any]
) -> _OpenStream:
    problem: Exception | None = None
    made = _OpenStream(None, lost)
    for rate, channels in formats(sd.query_devices(index)["default_samplerate"]):
        try:
            stream = stream_type(
                device=index,
                samplerate=rate,
                blocksize=rate // 100,
                channels=channels,
                dtype="int16",
                latency="low",
                callback=callback_for(rate, channels),
                finished_callback=made.finished,
            )
            made._stream = stream
            stream.start()
        except _PROBLEMS as error:
            problem = error
            continue
        return made
    raise DeviceUnusable(str(problem)) from problem
