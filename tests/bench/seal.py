"""How fast a payload is sealed, beside OpenSSL's own speed for the same cipher and chunk size."""

from __future__ import annotations

import os
import statistics
import subprocess
import time

from softphone.vault.stream import CHUNK, PayloadWriter

_RUNS = 5
_MEGABYTES = 2048
_PIECE = 4 * CHUNK


class _Nowhere:
    """Counts sealed bytes and keeps none."""

    def __init__(self) -> None:
        self.size = 0

    def write(self, data: bytes | memoryview) -> None:
        self.size += len(data)


def seal_mb_s() -> dict[str, object]:
    """Measure sealing in MB/s (10^6 bytes of plaintext), each run beside one of the peer.

    The peer is ``openssl speed``: the cipher alone, without nonces, chunking or copying.
    """
    ours: list[float] = []
    peer: list[float] = []
    for _ in range(_RUNS):
        peer.append(_openssl())
        ours.append(_seal())
    value, peer_value = statistics.median(ours), statistics.median(peer)
    return {
        "name": "seal_mb_s",
        "value": round(value, 1),
        "unit": "MB/s",
        "peer": "openssl speed -evp chacha20-poly1305 -bytes 65536",
        "peer_value": round(peer_value, 1),
        "ratio": round(value / peer_value, 3),
        "better": "higher",
        "runs": _RUNS,
        "note": (
            f"median of {_RUNS} runs of {_MEGABYTES} MiB into memory; "
            f"ours {min(ours):.0f} to {max(ours):.0f}, peer {min(peer):.0f} to {max(peer):.0f}"
        ),
    }


def _seal() -> float:
    # The small pieces of an encoder would measure copying; a file being sealed comes in such ones.
    piece = os.urandom(_PIECE)
    sink = _Nowhere()
    writer = PayloadWriter(sink, os.urandom(16))
    count = _MEGABYTES * (1 << 20) // _PIECE
    began = time.perf_counter()
    for _ in range(count):
        writer.write(piece)
    writer.finish()
    return count * _PIECE / (time.perf_counter() - began) / 1e6


def _openssl() -> float:
    command = ["openssl", "speed", "-mr", "-evp", "chacha20-poly1305"]
    done = subprocess.run(
        [*command, "-bytes", str(CHUNK), "-seconds", "1"],
        capture_output=True,
        text=True,
        check=True,
    )
    line = next(line for line in done.stdout.splitlines() if line.startswith("+F:"))
    return float(line.rsplit(":", 1)[1]) / 1e6
