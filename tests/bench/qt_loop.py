"""A microphone played to a speaker by Qt's audio, until stdin is closed; run as a process."""

from __future__ import annotations

import sys
import threading

from PySide6.QtCore import QCoreApplication, QIODevice
from PySide6.QtMultimedia import QAudioFormat, QAudioSink, QAudioSource, QMediaDevices

BLOCK_BYTES = 640
"""20 ms, as a call's frame; for less than that either way Qt was silent now and then."""


def main(microphone: str, speaker: str) -> int:
    app = QCoreApplication(sys.argv)
    wanted = QAudioFormat()
    wanted.setSampleRate(16_000)
    wanted.setChannelCount(1)
    wanted.setSampleFormat(QAudioFormat.SampleFormat.Int16)
    [heard] = [d for d in QMediaDevices.audioInputs() if d.id().data().decode() == microphone]
    [told] = [d for d in QMediaDevices.audioOutputs() if d.id().data().decode() == speaker]
    source, sink = QAudioSource(heard, wanted), QAudioSink(told, wanted)
    source.setBufferSize(BLOCK_BYTES)
    sink.setBufferSize(2 * BLOCK_BYTES)
    out: QIODevice = sink.start()
    inward: QIODevice = source.start()
    queue = bytearray()

    def ready() -> None:
        queue.extend(inward.readAll().data())
        while len(queue) >= BLOCK_BYTES:
            frame = bytes(queue[:BLOCK_BYTES])
            del queue[:BLOCK_BYTES]
            out.write(frame)

    inward.readyRead.connect(ready)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    threading.Thread(target=lambda: (sys.stdin.read(), app.quit()), daemon=True).start()
    code = app.exec()
    source.stop()
    sink.stop()
    return int(code)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
