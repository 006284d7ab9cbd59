"""SIPp with scenarios of our own, over UDP to Kamailio, which speaks TLS to us.

A scenario is a list of steps in words of our own (see :func:`scenario`): the XML of SIPp repeats
the same dozen headers in every message, which hides what a scenario is about.
"""

from __future__ import annotations

import selectors
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import psutil

from demo.peers.processes import PeerFailed, Process, free_port

SDP = """v=0
o=sipp 1 {version} IN IP4 127.0.0.1
s=-
c=IN IP4 127.0.0.1
t=0 0
m=audio {port} RTP/SAVP 9
a=rtpmap:9 G722/8000
a={direction}
a=crypto:{tag} AES_CM_128_HMAC_SHA1_80 inline:MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5
"""
OUR_CONTACT = "Contact: <sip:sipp@127.0.0.1:[local_port]>"


@dataclass(frozen=True)
class Step:
    """One element of a scenario; ``xml`` is what stands between the tags."""

    tag: str
    attributes: str = ""
    text: str = ""

    def xml(self) -> str:
        body = f"<![CDATA[\n{self.text}\n]]>" if self.tag == "send" else self.text
        return f"<{self.tag} {self.attributes}>{body}</{self.tag}>"


def recv(what: str | int, more: str = "", *, optional: bool = False, check: str = "") -> Step:
    """Expect a request by name or a response by number; ``check`` is a regular expression."""
    kind = "response" if isinstance(what, int) else "request"
    parts = f'{kind}="{what}" rrs="true" timeout="15000" {more}'
    if optional:
        parts += ' optional="true"'
    action = ""
    if what == 200:
        # [next_url] would hold the display name of a Contact as well.
        action += '<ereg regexp="sip:[^>]*" search_in="hdr" header="Contact:" assign_to="target"/>'
    if check:
        action += f'<ereg regexp="{check}" search_in="msg" check_it="true" assign_to="seen"/>'
    return Step("recv", parts, f"<action>{action}</action>" if action else "")


def pause(ms: int) -> Step:
    return Step("pause", f'milliseconds="{ms}"')


def respond(status: str, *headers: str, tag: str = "", sdp: str = "", cseq: str = "") -> Step:
    """Answer the last request; ``tag`` names the To tag of a fork."""
    to = f"[last_To:];tag={tag}" if tag else "[last_To:]"
    lines = [
        f"SIP/2.0 {status}", "[last_Via:]", "[last_Record-Route:]", "[last_From:]", to,
        "[last_Call-ID:]", cseq or "[last_CSeq:]", OUR_CONTACT, *headers,
    ]  # fmt: skip
    return _message(lines, sdp)


def request(
    method: str, cseq: int, *headers: str, sdp: str = "", calling: bool = False, body: str = ""
) -> Step:
    """Send a request within the dialog; ``calling`` when SIPp began it."""
    who = ["[last_From:]", "[last_To:]"] if calling else ["From: [$ours]", "To: [$theirs]"]
    lines = [
        f"{method} [$target] SIP/2.0",
        "Via: SIP/2.0/UDP 127.0.0.1:[local_port];branch=[branch]",
        "Max-Forwards: 70", "[routes]", *who, "[last_Call-ID:]", f"CSeq: {cseq} {method}",
        OUR_CONTACT, *headers,
    ]  # fmt: skip
    if body:
        return Step("send", "", "\n".join([*lines, "Content-Length: [len]", "", body]))
    return _message(lines, sdp)


def invite(user: str, domain: str, *headers: str, sdp: str = "", caller: str = "") -> Step:
    """Begin a call; ``user`` is of the phone under test, ``caller`` what From says instead."""
    lines = [
        f"INVITE sip:{user}@{domain} SIP/2.0",
        "Via: SIP/2.0/UDP 127.0.0.1:[local_port];branch=[branch]",
        "Max-Forwards: 70", f"From: {caller or f'<sip:sipp@{domain}>'};tag=[call_number]a",
        f"To: <sip:{user}@{domain}>", "Call-ID: [call_id]", "CSeq: 1 INVITE", OUR_CONTACT, *headers,
    ]  # fmt: skip
    return _message(lines, sdp or sdp_at(), 'retrans="500"')


def sdp_at(direction: str = "sendrecv", version: int = 1, port: int = 0, tag: int = 1) -> str:
    """Return a session with one encrypted stream; ``tag`` names the suite of the offer."""
    return SDP.format(direction=direction, version=version, port=port or free_port(), tag=tag)


def answer_sdp(direction: str = "sendrecv", version: int = 1) -> str:
    """Return the answer to our offer, whose second suite is the one SIPp claims to know."""
    return sdp_at(direction, version, tag=2)


def _message(lines: list[str], sdp: str, attributes: str = "") -> Step:
    if sdp:
        lines = [*lines, "Content-Type: application/sdp"]
    return Step("send", attributes, "\n".join([*lines, "Content-Length: [len]", "", sdp]))


def scenario(name: str, steps: Sequence[Step]) -> str:
    """Return SIPp's XML; variables that are only assigned are named, or SIPp refuses them."""
    body = "\n".join(step.xml() for step in steps)
    known = [v for v in ("seen", "target", "theirs", "ours", "bare") if f'assign_to="{v}"' in body]
    reference = f'<Reference variables="{",".join(known)}"/>' if known else ""
    return (
        f'<?xml version="1.0" encoding="us-ascii"?>\n<scenario name="{name}">\n'
        f"{body}\n{reference}\n</scenario>\n"
    )


@dataclass
class Sipp:
    """One run of a scenario; as caller it begins at once, as callee it waits on ``port``."""

    folder: Path
    steps: Sequence[Step]
    proxy_port: int = 0
    port: int = field(default_factory=free_port)
    calls: int = 1
    more: tuple[str, ...] = ()

    def __enter__(self) -> Self:
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / "scenario.xml"
        path.write_text(scenario(self.folder.name, self.steps))
        target = [f"127.0.0.1:{self.proxy_port}"] if self.proxy_port else []
        self._process = Process(
            ["sipp", *target, "-sf", str(path), "-m", str(self.calls), "-i", "127.0.0.1", "-p",
             str(self.port), "-nostdin", "-timeout", "40", "-timeout_error", "-trace_err",
             "-trace_msg", "-message_file", "messages.log", "-error_file", "errors.log",
             *self.more],
            self.folder / "sipp.log", cwd=self.folder,
        )  # fmt: skip
        if not self.proxy_port:
            self._wait_bound()
        return self

    def _wait_bound(self, within_s: float = 10.0) -> None:
        deadline = time.monotonic() + within_s
        own = psutil.Process(self._process.pid)
        while not any(c.laddr.port == self.port for c in own.net_connections(kind="udp4")):
            if not self._process.alive or time.monotonic() > deadline:
                raise PeerFailed(f"SIPp does not listen:\n{self._process.output()[-2000:]}")
            selectors.DefaultSelector().select(0.02)  # nothing tells when another program listens

    def finish(self, within_s: float = 45.0) -> None:
        """Wait for the end. Raises AssertionError when a step did not come as expected."""
        try:
            code = self._process.popen.wait(timeout=within_s)
        except subprocess.TimeoutExpired:
            code = -1
        errors = self.folder / "errors.log"
        why = errors.read_text("utf-8", "replace")[-3000:] if errors.exists() else ""
        assert code == 0, f"SIPp ended with {code}:\n{why}\n{self._process.output()[-1500:]}"

    @property
    def messages(self) -> str:
        return (self.folder / "messages.log").read_text("utf-8", "replace")

    def __exit__(self, *_: object) -> None:
        self._process.stop()
