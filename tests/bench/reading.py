"""Opening whole recordings and jumping into long ones."""

from __future__ import annotations

import os
import random
import statistics
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import av
import numpy as np

from softphone.app.ports import ExportFormat, ExportOrder
from softphone.audio.codecs import StreamEncoder, decode_stereo
from softphone.audio.player import ReaderFile
from softphone.vault.age_format import read_header
from softphone.vault.export import AgeExporter
from softphone.vault.recipients import X25519Identity, parse_identity, unwrap_file_key
from softphone.vault.stream import PayloadReader, PayloadWriter
from tests.bench.result import Figure
from tests.fakes.readers import BytesReader

_MEGABYTES = 512
_RUNS = 5
_JUMPS = 60
_RATE = 16_000
_PIECE = 1 << 20


def open_mb_s() -> dict[str, Any]:
    """Measure opening a whole age file, ours and Debian's, into nowhere."""
    with tempfile.TemporaryDirectory(prefix="bench-open-") as folder:
        identity = X25519Identity.generate()
        key, file = Path(folder, "key"), Path(folder, "recording.age")
        key.write_text(f"{identity}\n")
        order = ExportOrder(ExportFormat.AGE, file, "bench", identity.recipient())
        AgeExporter().export(BytesReader(os.urandom(_MEGABYTES << 20)), order, lambda _d, _s: True)
        ours: list[float] = []
        peer: list[float] = []
        for _ in range(_RUNS):
            peer.append(_age(key, file))
            ours.append(_open(key, file))
    value, peer_value = statistics.median(ours), statistics.median(peer)
    return Figure(
        "open_mb_s", round(value, 1), "MB/s", "age -d -i KEY -o /dev/null FILE (Debian)",
        round(peer_value, 1), "higher", _RUNS,
        f"median of {_RUNS} runs over {_MEGABYTES} MiB in the page cache; "
        f"ours {min(ours):.0f} to {max(ours):.0f}, age {min(peer):.0f} to {max(peer):.0f}",
    ).line()  # fmt: skip


def _open(key: Path, file: Path) -> float:
    began = time.perf_counter()
    identity = parse_identity(key.read_text().strip())
    stream = file.open("rb")
    header = read_header(stream)
    reader = PayloadReader(stream, unwrap_file_key(header, [identity]), start=header.size)
    size = 0
    while part := reader.read_at(size, _PIECE):
        size += len(part)
    reader.close()
    assert size == _MEGABYTES << 20
    return size / (time.perf_counter() - began) / 1e6


def _age(key: Path, file: Path) -> float:
    began = time.perf_counter()
    subprocess.run(["age", "-d", "-i", str(key), "-o", "/dev/null", str(file)], check=True)
    return (_MEGABYTES << 20) / (time.perf_counter() - began) / 1e6


def seek_10h_ms() -> dict[str, Any]:
    """Measure from a jump to the first decoded sound, in ten hours and in one minute of Opus."""
    with tempfile.TemporaryDirectory(prefix="bench-seek-") as folder:
        long, short = Path(folder, "long.pay"), Path(folder, "short.pay")
        minute = _minute()
        file_key = os.urandom(16)
        _seal(minute, short, file_key)
        _seal(_repeated(minute, 600, Path(folder)), long, file_key)
        chance = random.Random(7)
        ours: list[float] = []
        peer: list[float] = []
        for _ in range(_JUMPS):
            place = chance.random()
            peer.append(_jump(short, file_key, int(place * 58_000)))
            ours.append(_jump(long, file_key, int(place * 35_990_000)))
        size = long.stat().st_size / 1e6
    value, peer_value = statistics.median(ours), statistics.median(peer)
    return Figure(
        "seek_10h_ms", round(value, 2), "ms", "a recording of one minute", round(peer_value, 2),
        "lower", _JUMPS,
        f"medians of {_JUMPS} random jumps into {size:.0f} MB of sealed Ogg Opus: the payload is "
        "opened and its end verified, the place found, the first block decoded; without the hash "
        "of the whole file that is checked once when a recording is chosen",
    ).line()  # fmt: skip


def _jump(path: Path, file_key: bytes, at_ms: int) -> float:
    began = time.perf_counter()
    reader = PayloadReader(path.open("rb"), file_key)
    block = next(iter(decode_stereo(ReaderFile(reader), start_ms=at_ms)))
    took = (time.perf_counter() - began) * 1000
    assert len(block)
    reader.close()
    return took


def _minute() -> bytes:
    chance = np.random.default_rng(3)
    encoder = StreamEncoder("opus")
    made = []
    for _ in range(60):
        left, right = (chance.normal(0, 2500, _RATE).astype(np.int16).tobytes() for _ in "lr")
        made.append(encoder.encode(left, right))
    return b"".join([*made, encoder.finish()])


def _repeated(minute: bytes, times: int, folder: Path) -> bytes:
    """Return the minute again and again as one stream, its packets numbered on."""
    once, long = folder / "minute.ogg", folder / "long.ogg"
    once.write_bytes(minute)
    with (
        av.open(str(once)) as source,
        av.open(str(long), "w", format="ogg", options={"page_duration": "200000"}) as target,
    ):
        stream = target.add_stream_from_template(source.streams.audio[0])
        packets = [p for p in source.demux(audio=0) if p.pts is not None]
        kept = [(bytes(p), p.pts - packets[0].pts, p.duration, p.time_base) for p in packets]
        length = kept[-1][1] + kept[-1][2]
        for turn in range(times):
            for data, pts, duration, base in kept:
                packet = av.Packet(data)
                packet.pts = packet.dts = turn * length + pts
                packet.duration, packet.time_base, packet.stream = duration, base, stream
                target.mux(packet)
    data = long.read_bytes()
    long.unlink()
    return data


def _seal(audio: bytes, path: Path, file_key: bytes) -> None:
    with path.open("wb") as file:
        writer = PayloadWriter(file, file_key)
        writer.write(audio)
        writer.finish()
