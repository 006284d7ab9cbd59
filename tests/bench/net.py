"""How soon the phone comes back after an outage, and answers; linphonec and baresip beside it."""

from __future__ import annotations

import csv
import statistics
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from demo.peers.authority import Authority
from demo.peers.kamailio import Kamailio
from demo.peers.linphone import Linphone
from demo.peers.processes import free_port
from softphone.domain.call import Availability
from tests.bench.result import Figure, percentile
from tests.bench.rig import Rig, look, rig, until
from tests.integration.conftest import DOMAIN, Phone
from tests.integration.sipp_peer import Sipp, Step, invite, recv, request

OUTAGE_S = 8.0
RUNS = 3
REGISTERED = "to [LinphoneRegistrationOk]"
USERS = {"anna": "pw-anna", "customer": "pw-customer"}


def net_recovery_s() -> Figure:
    """From the registrar's return after an outage of 8 s to registered, beside linphonec."""
    ours: list[float] = []
    theirs: list[float] = []
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        authority = Authority(folder / "ca")
        files = authority.issue("localhost", "127.0.0.1")
        port = free_port()

        def registrar(number: int) -> Kamailio:
            return Kamailio(folder / f"k{number}", files, USERS, domain=DOMAIN, port=port).start()

        running = registrar(0)
        phone = Phone(folder / "ours", "none")
        phone.register(running.server, authority.ca_file)
        phone.registered()
        with Linphone(
            folder / "linphone", user="customer", password="pw-customer", domain=DOMAIN,
            server=running.server, ca_file=authority.ca_file,
        ) as peer:  # fmt: skip
            for number in range(1, RUNS + 1):
                running.stop()
                phone.not_registered()
                look(OUTAGE_S)
                running = registrar(number)
                began = time.monotonic()
                phone.registered(within_s=90)
                ours.append(time.monotonic() - began)
                until(lambda n=number: peer.output().count(REGISTERED) > n, 120)  # type: ignore[misc]
                theirs.append(time.monotonic() - began)
        phone.close()
        running.stop()
    return Figure(
        "net_recovery_s", round(statistics.median(ours), 2), "s", "linphonec 5.1",
        round(statistics.median(theirs), 2), "lower", RUNS,
        f"registrar gone for {OUTAGE_S:.0f} s, time from its return",
    )  # fmt: skip


def _answer_times(place: Rig, user: str, calls: int = 40) -> list[float]:
    begin = replace(invite(user, DOMAIN), attributes='retrans="500" start_rtd="answer"')
    ack = request("ACK", 1, calling=True)
    steps: list[Step] = [
        begin, recv(100, optional=True), recv(180, optional=True), recv(200, 'rtd="answer"'), ack,
        request("BYE", 2, calling=True), recv(200),
    ]  # fmt: skip
    folder = place.folder / f"answer-{user}"
    more = ("-r", "2", "-l", "1", "-trace_rtt", "-rtt_freq", "1")
    with Sipp(folder, steps, proxy_port=place.plain_port, calls=calls, more=more) as sipp:
        sipp.finish()
    times = []
    for path in folder.glob("*_rtt.csv"):
        with path.open() as file:
            for row in csv.DictReader(file, delimiter=";"):
                times.append(float(row[next(k for k in row if k.startswith("response_time"))]))
    return times


def invite_to_200_ms() -> Figure:
    """p95 from SIPp's INVITE to our 200 with auto-answer, beside baresip."""
    with rig() as place:
        peer, ours = place.baresip("other", answer="auto"), place.phone()
        ours.client.set_availability(Availability(auto_answer=True))
        try:
            ours_ms = _answer_times(place, "anna")
            theirs_ms = _answer_times(place, "other")
        finally:
            ours.close()
            peer.stop()
    return Figure(
        "invite_to_200_ms", round(percentile(ours_ms, 95), 2), "ms", "baresip 1.0, auto answer",
        round(percentile(theirs_ms, 95), 2), "lower", len(ours_ms),
        f"medians {statistics.median(ours_ms):.1f} and {statistics.median(theirs_ms):.1f} ms; "
        "each opens its sound device or file",
    )  # fmt: skip
