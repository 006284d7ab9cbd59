"""Subscriptions of one account (RFC 6665): lines of colleagues, and messages waiting.

They are the edge's own traffic, on its thread: the SIP stack never sees them.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from softphone.domain.account import Account
from softphone.domain.agent import LineState
from softphone.domain.events import EngineEvent, LineWatched, MessagesWaiting
from softphone.sip.digest import Credentials, authorize
from softphone.sip.message import Message
from softphone.sip.packages import UnreadableBody, line_state, messages_waiting
from softphone.sip.uri import parse_name_addr

log = logging.getLogger(__name__)

EXPIRES_S = 600
RETRY_S = 120.0
DIALOG, SUMMARY = "dialog", "message-summary"
_ACCEPT = {
    DIALOG: "application/dialog-info+xml",
    SUMMARY: "application/simple-message-summary",
}


class Way(Protocol):
    """What carries subscriptions to the registrar: the edge, or a flow over UDP."""

    @property
    def address(self) -> str:
        """``host:port`` of our end, as Via and Contact say it; empty while there is none."""
        ...

    def send(self, message: Message) -> None:
        """Send; dropped while there is no way."""
        ...


@dataclass(slots=True)
class Subscription:
    """One dialog of ours with whoever tells; ``watched`` is the address as the policy names it."""

    event: str
    watched: str
    uri: str
    call_id: str = field(default_factory=lambda: f"w{secrets.token_hex(12)}")
    tag: str = field(default_factory=lambda: secrets.token_hex(6))
    to_tag: str = ""
    target: str = ""
    routes: tuple[str, ...] = ()
    sequence: int = 0
    challenged: bool = False
    timer: asyncio.TimerHandle | None = None


class Watcher:
    """Keeps the subscriptions of one account alive while it is registered."""

    def __init__(
        self, account: Account, password: str, way: Way, emit: Callable[[EngineEvent], None]
    ) -> None:
        self._account = account
        self._credentials = Credentials(account.auth_user or account.user, password)
        self._way = way
        self._emit = emit
        self._subscriptions: dict[str, Subscription] = {}
        self._sent: dict[str, tuple[Subscription, Message]] = {}

    # --- what is watched ------------------------------------------------------------------------

    def watch(self, addresses: tuple[str, ...]) -> None:
        """Subscribe to these lines and to our own mailbox, anew."""
        self.forget()
        own = self._account.address_of_record
        wanted = [(SUMMARY, "", own)]
        for address in addresses:
            where = address if "@" in address else f"{address}@{self._account.domain}"
            wanted.append((DIALOG, address, f"sip:{where}"))
        for event, watched, uri in wanted:
            made = Subscription(event, watched, uri)
            self._subscriptions[made.call_id] = made
            self._subscribe(made)

    def forget(self) -> None:
        """Drop all subscriptions; what was known of lines is unknown now."""
        for one in self._subscriptions.values():
            if one.timer is not None:
                one.timer.cancel()
            if one.event == DIALOG:
                self._tell_line(one, LineState.UNKNOWN)
        self._subscriptions.clear()
        self._sent.clear()

    # --- edge.OwnTraffic ------------------------------------------------------------------------

    def takes(self, message: Message) -> bool:
        """Handle answers to our SUBSCRIBEs and every NOTIFY of the two packages."""
        if not message.is_request:
            if message.first("Call-ID") not in self._subscriptions:
                return message.method == "SUBSCRIBE" and message.first("Call-ID").startswith("w")
            self._answered(message)
            return True
        event = message.first("Event").partition(";")[0].strip().lower()
        if message.method != "NOTIFY" or event not in _ACCEPT:
            return False
        self._notified(message, event)
        return True

    # --- inside ---------------------------------------------------------------------------------

    def _subscribe(self, one: Subscription) -> None:
        account, place = self._account, self._way.address
        if not place:
            return
        one.sequence += 1
        transport = account.transport.value
        to = f"<{one.uri}>" + (f";tag={one.to_tag}" if one.to_tag else "")
        contact = f"<sip:{account.user}@{place};transport={transport}>"
        request = Message(
            f"SUBSCRIBE {one.target or one.uri} SIP/2.0",
            [
                ("Via", _via(transport, place)),
                ("Max-Forwards", "70"),
                *(("Route", route) for route in one.routes),
                ("From", f"<{account.address_of_record}>;tag={one.tag}"),
                ("To", to),
                ("Call-ID", one.call_id),
                ("CSeq", f"{one.sequence} SUBSCRIBE"),
                ("Contact", contact),
                ("Event", one.event),
                ("Accept", _ACCEPT[one.event]),
                ("Expires", str(EXPIRES_S)),
            ],
        )
        one.challenged = False
        self._send(one, request)

    def _send(self, one: Subscription, request: Message) -> None:
        self._sent[one.call_id] = (one, request)
        self._way.send(request)

    def _answered(self, answer: Message) -> None:
        one, request = self._sent.get(answer.first("Call-ID"), (None, None))
        if one is None or request is None or answer.status < 200:
            return
        if answer.first("CSeq") != request.first("CSeq"):
            return
        if answer.status in (401, 407) and not one.challenged:
            one.challenged = True
            if authorize(request, answer, self._credentials):
                one.sequence += 1
                request.set_values("CSeq", [f"{one.sequence} SUBSCRIBE"])
                transport = self._account.transport.value
                request.set_values("Via", [_via(transport, self._way.address)])
                self._send(one, request)
                return
        del self._sent[one.call_id]
        if answer.status // 100 != 2:
            self._again(one, anew=True, after_s=RETRY_S)
            if one.event == DIALOG:
                self._tell_line(one, LineState.UNKNOWN)
            return
        self._learn(one, answer)
        granted = answer.first("Expires")
        expires = int(granted) if granted.isascii() and granted.isdigit() else EXPIRES_S
        self._again(one, anew=False, after_s=max(min(expires, EXPIRES_S) * 0.8, 5.0))

    def _learn(self, one: Subscription, answer: Message) -> None:
        tail = parse_name_addr(answer.first("To")).tail
        one.to_tag = next(
            (p.partition("=")[2] for p in tail.split(";") if p.strip().lower().startswith("tag=")),
            one.to_tag,
        )
        contacts = answer.values("Contact")
        if contacts:
            one.target = parse_name_addr(contacts[0]).uri
        one.routes = tuple(reversed(answer.values("Record-Route")))

    def _again(self, one: Subscription, *, anew: bool, after_s: float) -> None:
        if one.timer is not None:
            one.timer.cancel()

        def due() -> None:
            if one.call_id not in self._subscriptions:
                return
            if not anew:
                self._subscribe(one)
                return
            del self._subscriptions[one.call_id]
            fresh = Subscription(one.event, one.watched, one.uri)
            self._subscriptions[fresh.call_id] = fresh
            self._subscribe(fresh)

        one.timer = asyncio.get_running_loop().call_later(after_s, due)

    def _notified(self, request: Message, event: str) -> None:
        known = self._subscriptions.get(request.first("Call-ID"))
        if known is None and event == DIALOG:
            self._reply(request, 481, "Subscription Does Not Exist")
            return
        self._reply(request, 200, "OK")
        try:
            if event == SUMMARY and request.body:
                new, old = messages_waiting(request.body)
                self._emit(MessagesWaiting(self._account.id, new, old))
            elif known is not None and event == DIALOG and request.body:
                self._tell_line(known, line_state(request.body))
        except UnreadableBody as error:
            log.warning("a notification was not understood: %s", error)
        state = request.first("Subscription-State").partition(";")[0].strip().lower()
        if known is not None and state == "terminated":
            self._again(known, anew=True, after_s=RETRY_S)

    def _reply(self, request: Message, status: int, reason: str) -> None:
        kept = ("via", "from", "to", "call-id", "cseq", "record-route")
        copied = [(k, v) for k, v in request.headers if k.lower() in kept]
        self._way.send(Message(f"SIP/2.0 {status} {reason}", copied))

    def _tell_line(self, one: Subscription, state: LineState) -> None:
        self._emit(LineWatched(one.watched, state))


def _via(transport: str, place: str) -> str:
    return f"SIP/2.0/{transport.upper()} {place};branch=z9hG4bK{secrets.token_hex(12)}"
