"""A SIP user agent of the tests' own over UDP, for calls whose order nobody has written down.

SIPp plays scenarios; this one is told what to do next, and answers whatever comes meanwhile, as
RFC 3261 has it. Nothing here is PJSIP's; of the program it borrows the parser alone.
"""

from __future__ import annotations

import re
import secrets
import socket
import threading
from dataclasses import dataclass, field
from enum import Enum

from softphone.sip.message import Message, parse_datagram
from softphone.sip.uri import parse_name_addr, parse_uri
from tests.integration.sipp_peer import sdp_at


class Stage(Enum):
    """How far a call is, as the peer sees it."""

    RINGING_HERE = "it rings at the peer"
    RINGING_THERE = "the peer calls"
    TALKING = "established"
    OVER = "over"


@dataclass
class Leg:
    """One call of the peer's; ``key`` is the user part that stands for the call on both sides."""

    key: str
    call_id: str
    ours: str
    theirs: str
    target: str
    stage: Stage
    invite: Message
    """The far side's that began it, if it did."""
    sent: Message
    """The INVITE that the peer sent last."""
    routes: list[str] = field(default_factory=list)
    cseq: int = 1
    version: int = 1
    changing: bool = False
    """Whether a re-INVITE of the peer's is under way."""
    wants_hold: bool = False
    holding: bool = False
    """Whether the far side has agreed to be on hold."""
    held: bool = False
    """Whether the far side's last offer put the peer on hold."""
    gave_up: bool = False
    provisional: bool = False


class SipPeer:
    """Answers for many users at one port, and calls ``callee`` as many users."""

    def __init__(self, proxy_port: int, port: int, domain: str, callee: str) -> None:
        self._domain, self._callee = domain, callee
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", port))
        self._socket.connect(("127.0.0.1", proxy_port))
        self._place = f"127.0.0.1:{port}"
        self._lock = threading.RLock()
        self.legs: dict[str, Leg] = {}
        self._answered: dict[str, Message] = {}
        self.failures: list[BaseException] = []
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join(timeout=5)
        self._socket.close()

    def stages(self) -> dict[str, Leg]:
        """Return the calls as they are now."""
        with self._lock:
            return dict(self.legs)

    # --- what it is told to do ------------------------------------------------------------------

    def call(self, user: str) -> None:
        """Call as this user."""
        with self._lock:
            ours = f"<sip:{user}@{self._domain}>;tag={secrets.token_hex(4)}"
            theirs = f"<sip:{self._callee}@{self._domain}>"
            uri = f"sip:{self._callee}@{self._domain}"
            blank = Message("", [])
            leg = Leg(
                user, secrets.token_hex(8), ours, theirs, uri, Stage.RINGING_THERE, blank, blank
            )
            leg.sent = self._request(leg, "INVITE", sdp_at())
            self.legs[user] = leg
            self._send(leg.sent)

    def answer(self, user: str) -> None:
        """Pick up."""
        with self._lock:
            leg = self.legs[user]
            if leg.stage is Stage.RINGING_HERE:
                leg.stage = Stage.TALKING
                self._respond(leg, leg.invite, "200 OK", _answer_to(leg.invite, "sendrecv", 1))

    def decline(self, user: str) -> None:
        """Be busy."""
        with self._lock:
            leg = self.legs[user]
            if leg.stage is Stage.RINGING_HERE:
                leg.stage = Stage.OVER
                self._respond(leg, leg.invite, "486 Busy Here")

    def end(self, user: str) -> None:
        """Hang up, or stop calling."""
        with self._lock:
            leg = self.legs[user]
            if leg.stage is Stage.TALKING:
                leg.stage = Stage.OVER
                self._send(self._request(leg, "BYE"))
            elif leg.stage is Stage.RINGING_THERE:
                leg.gave_up = True
                if leg.provisional:  # RFC 3261 section 9.1: not before
                    self._send(_of_same_transaction(leg.sent, "CANCEL"))
            else:
                self.decline(user)

    def hold(self, user: str, on: bool) -> None:
        """Put the far side on hold or take it back, unless a change is under way."""
        with self._lock:
            leg = self.legs[user]
            if leg.stage is Stage.TALKING and not leg.changing:
                leg.changing, leg.wants_hold = True, on
                leg.version += 1
                direction = _direction(leg.held, on)
                leg.sent = self._request(leg, "INVITE", sdp_at(direction, leg.version))
                self._send(leg.sent)

    # --- what comes in --------------------------------------------------------------------------

    def _listen(self) -> None:
        while True:
            try:
                data = self._socket.recv(65536)
            except ConnectionRefusedError:
                continue  # the proxy has ended
            if not data:
                return
            try:
                if data.strip(b"\r\n\0"):
                    self._take(parse_datagram(data))
            except Exception as error:  # noqa: BLE001 - the test shows it
                self.failures.append(error)

    def _take(self, message: Message) -> None:
        with self._lock:
            leg = next(
                (x for x in self.legs.values() if x.call_id == message.first("Call-ID")), None
            )
            if not message.is_request:
                if leg is not None:
                    self._response(leg, message)
            elif message.transaction in self._answered:
                self._send(self._answered[message.transaction])
            elif message.method == "CANCEL":
                self._cancelled(leg, message)
            elif leg is None and message.method == "INVITE":
                self._rings(message)
            elif leg is not None and message.method != "ACK":
                self._within(leg, message)

    def _rings(self, invite: Message) -> None:
        uri = parse_uri(invite.uri)
        assert uri is not None
        ours = f"{invite.first('To')};tag={secrets.token_hex(4)}"
        theirs, call_id = invite.first("From"), invite.first("Call-ID")
        leg = Leg(
            uri.user, call_id, ours, theirs, _contact(invite), Stage.RINGING_HERE, invite,
            Message("", []), routes=invite.values("Record-Route"), provisional=True,
        )  # fmt: skip
        self.legs[leg.key] = leg
        self._respond(leg, invite, "180 Ringing")

    def _cancelled(self, leg: Leg | None, cancel: Message) -> None:
        if leg is None:
            return
        self._respond(leg, cancel, "200 OK")
        if leg.stage is Stage.RINGING_HERE:
            leg.stage = Stage.OVER
            self._respond(leg, leg.invite, "487 Request Terminated")

    def _within(self, leg: Leg, request: Message) -> None:
        if leg.stage is Stage.OVER and request.method != "BYE":
            self._respond(leg, request, "481 Call/Transaction Does Not Exist")
        elif request.method == "BYE":
            leg.stage = Stage.OVER
            self._respond(leg, request, "200 OK")
        elif request.method == "INVITE" and leg.changing:
            self._respond(leg, request, "491 Request Pending")
        elif request.method == "INVITE":
            leg.target = _contact(request)
            offered = _offered(request)
            leg.held = offered in ("sendonly", "inactive")
            leg.version += 1
            direction = _direction(leg.held, leg.holding)
            self._respond(leg, request, "200 OK", _answer_to(request, direction, leg.version))
        else:
            self._respond(leg, request, "200 OK")

    def _response(self, leg: Leg, answer: Message) -> None:
        if answer.method != "INVITE":
            return
        if answer.status < 200:
            leg.provisional = True
            if leg.gave_up and leg.stage is Stage.RINGING_THERE:
                self._send(_of_same_transaction(leg.sent, "CANCEL"))
        elif leg.stage is Stage.RINGING_THERE:
            self._first_answer(leg, answer)
        else:
            self._changed(leg, answer)

    def _first_answer(self, leg: Leg, answer: Message) -> None:
        leg.theirs = answer.first("To")
        if answer.status >= 300:
            leg.stage = Stage.OVER
            self._acknowledge_refusal(leg.sent, answer)
            return
        leg.target, leg.stage = _contact(answer), Stage.TALKING
        leg.routes = answer.values("Record-Route")[::-1]
        self._send(self._request(leg, "ACK"))
        if leg.gave_up:  # the answer met our CANCEL
            self.end(leg.key)

    def _changed(self, leg: Leg, answer: Message) -> None:
        """An answer to our re-INVITE, or once more to the first INVITE."""
        if answer.status >= 300:
            self._acknowledge_refusal(leg.sent, answer)
            if answer.status in (408, 481):
                leg.stage = Stage.OVER
        else:
            cseq = leg.cseq
            leg.cseq = int(answer.first("CSeq").split()[0])
            self._send(self._request(leg, "ACK"))
            leg.cseq = cseq
            if leg.changing:
                leg.holding = leg.wants_hold
        leg.changing = False

    # --- what goes out --------------------------------------------------------------------------

    def _request(self, leg: Leg, method: str, sdp: str = "") -> Message:
        if method != "ACK":
            leg.cseq += 1
        made = Message(
            f"{method} {leg.target} SIP/2.0",
            [
                ("Via", f"SIP/2.0/UDP {self._place};branch=z9hG4bK{secrets.token_hex(8)}"),
                ("Max-Forwards", "70"),
                *(("Route", route) for route in leg.routes),
                ("From", leg.ours), ("To", leg.theirs), ("Call-ID", leg.call_id),
                ("CSeq", f"{leg.cseq} {method}"), ("Contact", f"<sip:peer@{self._place}>"),
            ],
        )  # fmt: skip
        return _with_sdp(made, sdp)

    def _respond(self, leg: Leg, request: Message, status: str, sdp: str = "") -> None:
        copied = ("via", "from", "call-id", "cseq", "record-route")
        kept = [(k, v) for k, v in request.headers if k.lower() in copied]
        contact = ("Contact", f"<sip:peer@{self._place}>")
        made = _with_sdp(Message(f"SIP/2.0 {status}", [*kept, ("To", leg.ours), contact]), sdp)
        if request.method != "INVITE" or made.status >= 180:
            self._answered[request.transaction] = made
        self._send(made)

    def _acknowledge_refusal(self, invite: Message, answer: Message) -> None:
        """RFC 3261 section 17.1.1.3: in the transaction of the INVITE."""
        ack = _of_same_transaction(invite, "ACK")
        ack.set_values("To", [answer.first("To")])
        self._send(ack)

    def _send(self, message: Message) -> None:
        self._socket.send(message.encode())


def _with_sdp(message: Message, sdp: str) -> Message:
    if sdp:
        message.headers.append(("Content-Type", "application/sdp"))
        message.body = sdp.replace("\n", "\r\n").encode()
    return message


def _of_same_transaction(invite: Message, method: str) -> Message:
    copied = ("via", "max-forwards", "route", "from", "to", "call-id")
    kept = [(k, v) for k, v in invite.headers if k.lower() in copied]
    number = invite.first("CSeq").split()[0]
    return Message(f"{method} {invite.uri} SIP/2.0", [*kept, ("CSeq", f"{number} {method}")])


def _contact(message: Message) -> str:
    return parse_name_addr(message.first("Contact")).uri


def _offered(message: Message) -> str:
    found = re.search(rb"a=(sendrecv|sendonly|recvonly|inactive)", message.body)
    return found.group(1).decode() if found else "sendrecv"


def _answer_to(offer: Message, direction: str, version: int) -> str:
    """Return an answer under the tag that the offer gives to the peer's suite (RFC 4568, 5.1.2)."""
    found = re.search(rb"a=crypto:(\d+) AES_CM_128_HMAC_SHA1_80 ", offer.body)
    assert found is not None
    return sdp_at(direction, version, tag=int(found.group(1)))


def _direction(held: bool, holding: bool) -> str:
    """Return what the peer says of its sound (RFC 3264 section 8.4)."""
    if held:
        return "inactive" if holding else "recvonly"
    return "sendonly" if holding else "sendrecv"
