"""A capture of what passes on loopback, and whether any of it could be read."""

from __future__ import annotations

import os
import shutil
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import av
import numpy as np

from demo.hearing import likeness
from demo.peers.processes import Process, wait_for_text

TLS_RECORDS = {20, 21, 22, 23}
SNAP = 65535


def possible() -> bool:
    """Whether this user may capture."""
    return shutil.which("tcpdump") is not None and os.geteuid() == 0


class Capture:
    """tcpdump on loopback: the given TCP ports, and all UDP."""

    def __init__(self, folder: Path, tcp_ports: list[int]) -> None:
        self.path = folder / "wire.pcap"
        ports = " or ".join(f"tcp port {port}" for port in tcp_ports)
        self._process = Process(
            ["tcpdump", "-i", "lo", "-U", "-s", str(SNAP), "-Z", "root", "-w", str(self.path),
             f"{ports} or udp"],
            folder / "tcpdump.log",
        )  # fmt: skip
        wait_for_text(self._process, "listening on")

    def stop(self) -> Path:
        self._process.stop()
        return self.path


@dataclass
class Findings:
    """What a capture holds."""

    tls_packets: int = 0
    other_tcp: int = 0
    rtp_packets: int = 0
    readable: list[str] = field(default_factory=list)
    heard_in_rtp: float = 0.0

    @property
    def clean(self) -> bool:
        """Only TLS and SRTP, and no sentence to be heard in it."""
        return (
            self.tls_packets > 0
            and self.rtp_packets > 0
            and not self.other_tcp
            and not self.readable
            and self.heard_in_rtp < 0.3
        )


def examine(path: Path, tcp_ports: list[int], words: list[str], spoken: np.ndarray) -> Findings:
    """Look for anything readable; RTP is decoded as if it were plain G.722."""
    found = Findings()
    streams: dict[bytes, list[tuple[int, bytes]]] = {}
    flows: dict[tuple[int, int], bytes] = {}
    for protocol, source, destination, payload in _packets(path):
        if not payload:
            continue
        for word in words:
            if word.encode() in payload and word not in found.readable:
                found.readable.append(word)
        if protocol == 6:
            flow = (source, destination)
            if flow not in flows:
                flows[flow] = payload[:3]
            if flows[flow][:1] and flows[flow][0] in TLS_RECORDS and flows[flow][1] == 3:
                found.tls_packets += 1
            else:
                found.other_tcp += 1
        elif len(payload) > 60 and payload[0] >> 6 == 2 and payload[1] & 0x7F < 64:
            found.rtp_packets += 1
            number = int.from_bytes(payload[2:4], "big")
            streams.setdefault(payload[8:12], []).append((number, payload[12:172]))
    for packets in streams.values():
        data = b"".join(payload for _, payload in packets)
        found.heard_in_rtp = max(found.heard_in_rtp, likeness(_g722(data), spoken))
    return found


def _packets(path: Path) -> Iterator[tuple[int, int, int, bytes]]:
    """Yield protocol, ports and payload of every IPv4 packet of a pcap file (Ethernet link)."""
    data = path.read_bytes()
    order = "<" if data[:4] in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1") else ">"
    place = 24
    while place + 16 <= len(data):
        (length,) = struct.unpack_from(f"{order}I", data, place + 8)
        packet = data[place + 16 : place + 16 + length]
        place += 16 + length
        if packet[12:14] != b"\x08\x00":
            continue
        ip = packet[14:]
        head = (ip[0] & 15) * 4
        total = int.from_bytes(ip[2:4], "big")
        body = ip[head:total] if total else ip[head:]
        source, destination = struct.unpack_from(">HH", body)
        offset = (body[12] >> 4) * 4 if ip[9] == 6 else 8
        if ip[9] in (6, 17):
            yield ip[9], source, destination, body[offset:]


def _g722(data: bytes) -> np.ndarray:
    codec = av.CodecContext.create("g722", "r")
    parts = []
    for begin in range(0, len(data), 160):
        packet = av.Packet(data[begin : begin + 160])
        parts += [frame.to_ndarray().reshape(-1) for frame in codec.decode(packet)]
    return np.concatenate(parts) if parts else np.zeros(0, dtype=np.int16)
