"""Our phone behind Kamailio with SIPp on the other side, for the tests of calls."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from demo.peers.kamailio import Kamailio
from demo.peers.processes import free_port
from tests.integration.conftest import DOMAIN, Phone
from tests.integration.sipp_peer import Sipp, Step, answer_sdp, recv, respond

ACK = Step(
    "send",
    "",
    "ACK [$target] SIP/2.0\nVia: SIP/2.0/UDP 127.0.0.1:[local_port];branch=[branch]\n"
    "Max-Forwards: 70\n[routes]\n[last_From:]\n[last_To:]\n[last_Call-ID:]\nCSeq: 1 ACK\n"
    "Content-Length: 0\n",
)

NACK = Step(
    "send",
    "",
    f"ACK sip:anna@{DOMAIN} SIP/2.0\n[last_Via:]\nMax-Forwards: 70\n[last_From:]\n[last_To:]\n"
    "[last_Call-ID:]\nCSeq: 1 ACK\nContent-Length: 0\n",
)
"""The acknowledgement of a refusal goes to the next hop only."""


class Bench:
    """Our phone behind Kamailio, and a port at which SIPp answers for the user ``sipp``."""

    def __init__(self, phone: Phone, folder: Path, authority) -> None:
        self.phone = phone
        self.folder = folder
        self.callee_port = free_port()
        self.plain = free_port()
        self.registrar = Kamailio(
            folder / "kamailio",
            authority.issue("localhost", label="sipp"),
            {"anna": "pw-anna"},
            domain=DOMAIN,
            plain_port=self.plain,
            routes={"sipp": self.callee_port},
        ).start()
        phone.register(self.registrar.server, authority.ca_file)
        phone.registered()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.registrar.stop()

    def callee(self, *steps: Step) -> Sipp:
        return Sipp(self.folder / "callee", steps, port=self.callee_port)

    def caller(self, *steps: Step) -> Sipp:
        return Sipp(self.folder / "caller", steps, proxy_port=self.plain)


REMEMBER = (
    '<action><ereg regexp=".*" search_in="hdr" header="From:" assign_to="theirs"/>'
    '<ereg regexp=".*" search_in="hdr" header="To:" assign_to="bare"/>'
    # [next_url] would hold the display name of a Contact as well.
    '<ereg regexp="sip:[^>]*" search_in="hdr" header="Contact:" assign_to="target"/>'
    '<assignstr assign_to="ours" value="[$bare];tag=fork1"/></action>'
)


def first_invite() -> Step:
    return Step("recv", 'request="INVITE" rrs="true" timeout="15000"', REMEMBER)


def established(sdp: str = "") -> list[Step]:
    """Answer our call; ``sdp`` is the session to answer with."""
    return [
        first_invite(),
        respond("180 Ringing", tag="fork1"),
        respond("200 OK", tag="fork1", sdp=sdp or answer_sdp()),
        recv("ACK"),
    ]
