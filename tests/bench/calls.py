"""CPU of a call, the media tick under load, and how soon it rings; baresip beside it."""

from __future__ import annotations

import csv
import json
import multiprocessing
import statistics
import struct
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from multiprocessing.synchronize import Event
from pathlib import Path

import psutil

from demo.capture import Capture
from demo.peers.processes import free_port
from softphone.domain.call import Direction, Disposition
from softphone.domain.contact import Contact, ContactFile, HistoryEntry
from softphone.domain.ids import CallId, ContactId, UserId
from softphone.engine.door import door_file
from softphone.export.workbook import ExcelWorkbookWriter
from tests.bench.result import Figure, percentile
from tests.bench.rig import Rig, look, rig
from tests.integration.conftest import DOMAIN, Phone

MEASURED_S = 20.0
RUNS = 3


def engine_pid(phone: Phone) -> int:
    return int(json.loads(door_file(phone.profile).read_text())["pid"])


# --- the media tick -----------------------------------------------------------------------------


def intervals(path: Path) -> dict[bytes, list[float]]:
    """Return gaps (ms) between RTP packets of each stream, by the capture's clock."""
    data = path.read_bytes()
    last: dict[bytes, float] = {}
    gaps: dict[bytes, list[float]] = {}
    place = 24
    while place + 16 <= len(data):
        seconds, micros, length = struct.unpack_from("<III", data, place)
        packet = data[place + 16 : place + 16 + length]
        place += 16 + length
        if packet[12:14] != b"\x08\x00" or packet[23] != 17:
            continue
        body = packet[14 + (packet[14] & 15) * 4 + 8 :]
        if len(body) < 60 or body[0] >> 6 != 2 or body[1] & 0x7F >= 64:
            continue
        now = seconds * 1000 + micros / 1000
        stream = body[8:12] + packet[34:36]
        if stream in last:
            gaps.setdefault(stream, []).append(now - last[stream])
        last[stream] = now
    return gaps


def _our_ticks(place: Rig, folder: Path, seconds: float, *, busy: bool) -> list[float]:
    with place.call(record=True) as (ours, _):
        look(2.0)
        ports = udp_ports(engine_pid(ours))
        with busy_window(folder) if busy else _nothing():
            look(2.0)
            wire = Capture(folder, [place.registrar.port])
            look(seconds)
            path = wire.stop()
    streams = intervals(path)
    path.unlink()
    return [
        gap
        for stream, gaps in streams.items()
        if int.from_bytes(stream[4:6], "big") in ports
        for gap in gaps
    ]


def udp_ports(pid: int) -> set[int]:
    """Return a process's own UDP ports."""
    return {c.laddr.port for c in psutil.Process(pid).net_connections(kind="udp4")}


@contextmanager
def _nothing() -> Iterator[None]:
    yield


@contextmanager
def busy_window(folder: Path) -> Iterator[None]:
    """A process that does what the window does at its worst: exports, searches, spins."""
    context = multiprocessing.get_context("spawn")
    stop = context.Event()
    worker = context.Process(target=_spin, args=(str(folder), stop))
    worker.start()
    try:
        yield
    finally:
        stop.set()
        worker.join(timeout=30)


def _spin(folder: str, stop: Event) -> None:
    now = datetime.now(UTC)
    calls = tuple(
        HistoryEntry(
            CallId(str(n)), ContactId("c"), "Anna", "+48", Direction.INCOMING,
            Disposition.ANSWERED, UserId("u"), "Marta", now, 1000,
        )
        for n in range(2000)
    )  # fmt: skip
    data = ContactFile(Contact(ContactId("c"), "Anna", ("+48",)), calls, (), (), ())
    while not stop.is_set():
        ExcelWorkbookWriter().write(data, Path(folder) / "busy.xlsx", "M", now, "UTC")
        sorted(str(n % 7919) for n in range(200_000) if "9" in str(n))


def tick_p99_ms() -> Figure:
    """p99 of the gap between our RTP packets while the window process is busy, beside idle."""
    busy: list[float] = []
    idle: list[float] = []
    with rig() as place, tempfile.TemporaryDirectory() as folder:
        for _ in range(RUNS):
            idle.append(percentile(_our_ticks(place, Path(folder), 15, busy=False), 99))
            busy.append(percentile(_our_ticks(place, Path(folder), 15, busy=True), 99))
    return Figure(
        "tick_p99_ms", round(statistics.median(busy), 2), "ms", "the same call, window idle",
        round(statistics.median(idle), 2), "lower", RUNS,
        "gaps between RTP packets leaving the engine, recorded call, median of the runs' p99",
    )  # fmt: skip


# --- ringing ------------------------------------------------------------------------------------

SCENARIO = """<?xml version="1.0" encoding="us-ascii"?>
<scenario name="ring and cancel">
  <send retrans="500" start_rtd="ring"><![CDATA[
INVITE sip:{user}@{domain} SIP/2.0
Via: SIP/2.0/UDP [local_ip]:[local_port];branch=[branch]
From: <sip:sipp@{domain}>;tag=[call_number]
To: <sip:{user}@{domain}>
Call-ID: [call_id]
CSeq: 1 INVITE
Contact: <sip:sipp@[local_ip]:[local_port]>
Max-Forwards: 70
Content-Type: application/sdp
Content-Length: [len]

v=0
o=sipp 1 1 IN IP4 127.0.0.1
s=-
c=IN IP4 127.0.0.1
t=0 0
m=audio {rtp} RTP/SAVP 9
a=rtpmap:9 G722/8000
a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5
]]></send>
  <recv response="100" optional="true"/>
  <recv response="180" rtd="ring" rrs="true"/>
  <send retrans="500"><![CDATA[
CANCEL sip:{user}@{domain} SIP/2.0
[last_Via:]
From: <sip:sipp@{domain}>;tag=[call_number]
To: <sip:{user}@{domain}>
Call-ID: [call_id]
CSeq: 1 CANCEL
Max-Forwards: 70
Content-Length: 0
]]></send>
  <recv response="200" optional="true"/>
  <recv response="487"/>
  <send><![CDATA[
ACK sip:{user}@{domain} SIP/2.0
[last_Via:]
From: <sip:sipp@{domain}>;tag=[call_number]
[last_To:]
Call-ID: [call_id]
CSeq: 1 ACK
Max-Forwards: 70
Content-Length: 0
]]></send>
</scenario>
"""


def _ring_times(place: Rig, user: str, calls: int = 60) -> list[float]:
    folder = place.folder / f"sipp-{user}"
    folder.mkdir(exist_ok=True)
    scenario = folder / "ring.xml"
    scenario.write_text(SCENARIO.format(user=user, domain=DOMAIN, rtp=free_port()))
    subprocess.run(
        ["sipp", f"127.0.0.1:{place.plain_port}", "-sf", str(scenario), "-m", str(calls),
         "-r", "2", "-l", "1", "-i", "127.0.0.1", "-p", str(free_port()), "-trace_rtt",
         "-rtt_freq", "1", "-nostdin", "-timeout", "90"],
        cwd=folder, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=120,
    )  # fmt: skip
    times = []
    for path in folder.glob("*_rtt.csv"):
        with path.open() as file:
            for row in csv.DictReader(file, delimiter=";"):
                times.append(float(row[next(k for k in row if k.startswith("response_time"))]))
        path.unlink()
    if len(times) < calls * 0.9:
        raise AssertionError(f"only {len(times)} of {calls} calls rang")
    return times


def invite_to_180_ms() -> Figure:
    """p95 from SIPp's INVITE to our 180, beside baresip behind the same Kamailio."""
    with rig() as place:
        peer, ours = place.baresip("other", answer="manual"), place.phone()
        try:
            theirs_ms = _ring_times(place, "other")
            ours_ms = _ring_times(place, "anna")
        finally:
            ours.close()
            peer.stop()
    return Figure(
        "invite_to_180_ms", round(percentile(ours_ms, 95), 2), "ms", "baresip 1.0, manual answer",
        round(percentile(theirs_ms, 95), 2), "lower", len(ours_ms),
        f"medians {statistics.median(ours_ms):.1f} and {statistics.median(theirs_ms):.1f} ms, "
        "SIPp over UDP to Kamailio, TLS from there",
    )  # fmt: skip
