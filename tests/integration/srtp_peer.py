"""The sound of a SIPp peer: hears what we send and speaks to us, by SRTP (RFC 3711) of our own.

AES_CM_128_HMAC_SHA1_80 (RFC 4568 section 6.2), written from the standard and held to its vectors
(``tests/unit/test_srtp_peer.py``): nothing here is PJSIP's.
"""

from __future__ import annotations

import base64
import hmac
import re
import selectors
import socket
import struct
import threading
from dataclasses import dataclass
from typing import Self

import numpy as np
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from demo.peers.processes import free_port

SIPP_KEY = base64.b64decode("MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5")
"""What :data:`tests.integration.sipp_peer.SDP` says that SIPp encrypts with."""
TAG = 10
SECOND = 50
"""Packets of 20 ms."""


def keystream(key: bytes, counter: int, octets: int) -> bytes:
    """AES in counter mode (RFC 3711 section 4.1.1)."""
    cipher = Cipher(algorithms.AES(key), modes.CTR(counter.to_bytes(16, "big"))).encryptor()
    return cipher.update(bytes(octets))


class Keys:
    """Session keys of one direction (RFC 3711 section 4.3; derived once)."""

    def __init__(self, master: bytes, first_label: int = 0) -> None:
        """``master``: 16 octets of key and 14 of salt; ``first_label`` is 0 of RTP, 3 of RTCP."""
        key, salt = master[:16], int.from_bytes(master[16:30], "big")
        self.key, self.auth, salt_octets = (
            keystream(key, (salt ^ ((first_label + label) << 48)) << 16, length)
            for label, length in ((0, 16), (1, 20), (2, 14))
        )
        self.salt = int.from_bytes(salt_octets, "big")

    def crypt(self, ssrc: int, index: int, payload: bytes) -> bytes:
        """Encrypt or decrypt a payload; ``index`` is the 48-bit packet index."""
        counter = (self.salt << 16) ^ (ssrc << 64) ^ (index << 16)
        stream = keystream(self.key, counter, len(payload))
        return bytes(a ^ b for a, b in zip(payload, stream, strict=True))

    def tag(self, packet: bytes, rollover: int) -> bytes:
        """Return the authentication tag of header and encrypted payload."""
        return self.tag_of(packet + rollover.to_bytes(4, "big"))

    def tag_of(self, authentic: bytes) -> bytes:
        """Return the authentication tag of what it covers (RFC 3711 section 4.2)."""
        return hmac.digest(self.auth, authentic, "sha1")[:TAG]


@dataclass(frozen=True)
class Heard:
    """One RTP packet, opened."""

    kind: int
    """Payload type."""
    marker: bool
    sequence: int
    timestamp: int
    payload: bytes


def our_key(messages: str) -> bytes:
    """Return the key that we send with: of the offer's or answer's line for this suite."""
    found = re.findall(
        r"INVITE sip:sipp.*?a=crypto:\d+ AES_CM_128_HMAC_SHA1_80 inline:(\S{40})", messages, re.S
    )
    return base64.b64decode(found[0])


def _pair() -> tuple[socket.socket, socket.socket]:
    """Return sockets at an even port and the next one (RFC 3550 section 11)."""
    while True:
        pair = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2)]
        even = free_port(socket.SOCK_DGRAM) & ~1
        try:
            for number, one in enumerate(pair):
                one.bind(("127.0.0.1", even + number))
        except OSError:
            for one in pair:
                one.close()
        else:
            return pair[0], pair[1]


class SrtpPeer:
    """A port that SIPp names in its session; collects what comes, and can speak."""

    def __init__(self) -> None:
        self._rtp, self._rtcp = _pair()
        self.port: int = self._rtp.getsockname()[1]
        self._packets: list[bytes] = []
        self.reports: list[bytes] = []
        """RTCP as it came; the first eight octets of it are in the clear."""
        self._arrived = threading.Condition()
        self._from: tuple[str, int] | None = None
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._listen, daemon=True)]

    def __enter__(self) -> Self:
        self._threads[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(timeout=5)
        self._rtp.close()
        self._rtcp.close()

    def _listen(self) -> None:
        with selectors.DefaultSelector() as selector:
            for one in (self._rtp, self._rtcp):
                selector.register(one, selectors.EVENT_READ)
            while not self._stop.is_set():
                for key, _ in selector.select(0.1):
                    data, sender = key.fileobj.recvfrom(4096)  # type: ignore[union-attr]
                    with self._arrived:
                        if key.fileobj is self._rtcp:
                            self.reports.append(data)
                        else:
                            self._packets.append(data)
                            self._from = sender
                        self._arrived.notify_all()

    def wait_for(self, packets: int, within_s: float = 20.0) -> int:
        """Wait until so many more packets have come; return how many there are."""
        with self._arrived:
            wanted = len(self._packets) + packets
            assert self._arrived.wait_for(lambda: len(self._packets) >= wanted, within_s), (
                f"only {len(self._packets)} packets came"
            )
            return len(self._packets)

    def wait_for_report(self, within_s: float = 20.0) -> bytes:
        """Wait for RTCP."""
        with self._arrived:
            assert self._arrived.wait_for(lambda: bool(self.reports), within_s), "no RTCP came"
            return self.reports[0]

    def heard(self, key: bytes) -> list[Heard]:
        """Open all packets with the sender's master key. Raises AssertionError for a wrong tag."""
        keys, rollover, last, found = Keys(key), 0, -1, []
        for packet in tuple(self._packets):
            body, tag = packet[:-TAG], packet[-TAG:]
            marker_kind, sequence, timestamp, ssrc = struct.unpack("!BHII", body[1:12])
            if last > 0xF000 and sequence < 0x1000:
                rollover += 1
            last = sequence
            assert keys.tag(body, rollover) == tag, "a packet that is not authentic"
            payload = keys.crypt(ssrc, (rollover << 16) | sequence, body[12:])
            found.append(
                Heard(marker_kind & 127, marker_kind >> 7 == 1, sequence, timestamp, payload)
            )
        return found

    # --- speaking -------------------------------------------------------------------------------

    def speak(
        self,
        packets: int,
        *,
        kind: int = 0,
        payload: bytes = b"\xff" * 160,
        lost: frozenset[int] = frozenset(),
        late_ms: int = 0,
    ) -> None:
        """Send packets every 20 ms to where the others come from, on a thread beside.

        ``lost`` are numbers, of each hundred, that never go out. Every fourth comes ``late_ms``
        late, behind the ones that follow it.
        """
        thread = threading.Thread(
            target=self._speak, args=(packets, kind, payload, lost, late_ms), daemon=True
        )
        self._threads.append(thread)
        thread.start()

    def _speak(
        self, packets: int, kind: int, payload: bytes, lost: frozenset[int], late_ms: int
    ) -> None:
        keys, ssrc = Keys(SIPP_KEY), 0x51515151
        late: list[tuple[int, bytes]] = []
        for number in range(packets):
            if self._stop.wait(0.02):
                return
            head = struct.pack("!BBHII", 0x80, kind, 1000 + number, 160 * number, ssrc)
            body = head + keys.crypt(ssrc, 1000 + number, payload)
            packet = body + keys.tag(body, 0)
            for due, held in tuple(late):
                if due <= number:
                    late.remove((due, held))
                    self._send(held)
            if number % 100 in lost:
                continue
            if late_ms and number % 4 == 0:
                late.append((number + late_ms // 20, packet))
            else:
                self._send(packet)

    def report(self, lost: int) -> None:
        """Say in a receiver's report how many of their packets have been lost in all
        (RFC 3550 section 6.4.2, sent as RFC 3711 section 3.4 says)."""
        keys, ssrc, index = Keys(SIPP_KEY, first_label=3), 0x51515151, len(self._packets)
        sequence, theirs = struct.unpack("!2xH4xI", self._packets[-1][:12])
        head = struct.pack("!BBHI", 0x81, 201, 7, ssrc)
        block = struct.pack("!IIIIII", theirs, lost & 0xFFFFFF, sequence, 0, 0, 0)
        body = head + keys.crypt(ssrc, index, block) + struct.pack("!I", index | 1 << 31)
        assert self._from is not None
        host, port = self._from
        self._rtcp.sendto(body + keys.tag_of(body), (host, port + 1))

    def _send(self, packet: bytes) -> None:
        if self._from is not None:
            self._rtp.sendto(packet, self._from)


def loudness(packets: list[Heard]) -> float:
    """Return the standard deviation of the sound in PCMU packets."""
    return float(pcm(packets).std()) if packets else 0.0


def pcm(packets: list[Heard]) -> np.ndarray:
    """Decode PCMU (ITU-T G.711), 8 kHz."""
    code = ~np.frombuffer(b"".join(p.payload for p in packets if p.kind == 0), np.uint8)
    exponent, mantissa = (code >> 4) & 7, (code & 15).astype(np.int32)
    size = (((mantissa << 3) + 132) << exponent.astype(np.int32)) - 132
    return np.where(code & 128, -size, size)


def share_of(pitch_hz: float, sound: np.ndarray) -> float:
    """Return how much of the sound's power lies at a pitch, 0 to 1."""
    power = np.abs(np.fft.rfft(sound.astype(np.float64))) ** 2
    near = np.abs(np.fft.rfftfreq(len(sound), 1 / 8000) - pitch_hz) < 15
    return float(power[near].sum() / max(power[1:].sum(), 1.0))
