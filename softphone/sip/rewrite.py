"""How the edge changes messages between PJSIP (TCP on loopback) and the registrar (TLS).

The edge is transparent: it adds no Via. To the far side we are ``TLS`` at the address of our TLS
socket; to PJSIP the edge is a loose-routing proxy at ``127.0.0.1:port`` (RFC 3261 section 16).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from softphone.sip.message import Message
from softphone.sip.uri import NameAddr, SipUri, parse_name_addr, parse_uri, split_host_port

DIALOG_METHODS = frozenset({"INVITE", "SUBSCRIBE", "REFER", "NOTIFY", "UPDATE"})


@dataclass(slots=True)
class Rewriter:
    """Rewrites for one pair of connections.

    ``edge_port`` is our loopback listener; ``outer`` is ``host:port`` of our end of the TLS
    connection; ``inner`` and ``inner_contact`` are what PJSIP calls itself in Via and Contact.
    """

    edge_port: int
    outer: str
    inner: str = ""
    inner_contact: str = ""
    outer_transport: str = "tls"
    """``tls`` or ``tcp``."""

    @property
    def record_route(self) -> str:
        """The route that brings PJSIP's in-dialog requests back to the edge."""
        return f"<sip:127.0.0.1:{self.edge_port};transport=tcp;lr>"

    def outbound(self, message: Message) -> Message:
        """From PJSIP to the registrar."""
        if message.is_request:
            self._via_out(message)
            self._strip("Route", message)
        else:
            self._strip("Record-Route", message)
        message.map_values("Contact", self._contact_out)
        return message

    def inbound(self, message: Message) -> Message:
        """From the registrar to PJSIP."""
        if message.is_request:
            self._uri_in(message)
            routes = message.values("Record-Route")
            message.set_values("Record-Route", [self.record_route, *routes], at_top=True)
        else:
            self._via_in(message)
            message.map_values("Contact", self._contact_in)
            if message.method in DIALOG_METHODS and 100 < message.status < 300:
                routes = message.values("Record-Route")
                message.set_values("Record-Route", [*routes, self.record_route])
        return message

    def _is_us(self, value: str) -> bool:
        uri = parse_uri(parse_name_addr(value).uri)
        return uri is not None and (uri.host, uri.port) == ("127.0.0.1", self.edge_port)

    def _strip(self, name: str, message: Message) -> None:
        values = message.values(name)
        kept = [value for value in values if not self._is_us(value)]
        if len(kept) != len(values):
            message.set_values(name, kept)

    def _via_out(self, message: Message) -> None:
        vias = message.values("Via")
        if not vias:
            return
        protocol, _, rest = vias[0].partition(" ")
        sent_by, semicolon, params = rest.strip().partition(";")
        if protocol.upper() == "SIP/2.0/TCP":
            self.inner = sent_by.strip()
            vias[0] = f"SIP/2.0/{self.outer_transport.upper()} {self.outer}{semicolon}{params}"
            message.set_values("Via", vias)

    def _via_in(self, message: Message) -> None:
        vias = message.values("Via")
        if not vias or not self.inner:
            return
        protocol, _, rest = vias[0].partition(" ")
        _, semicolon, params = rest.strip().partition(";")
        if protocol.upper() == f"SIP/2.0/{self.outer_transport.upper()}":
            vias[0] = f"SIP/2.0/TCP {self.inner}{semicolon}{params}"
            message.set_values("Via", vias)

    def _contact_out(self, value: str) -> str:
        address = parse_name_addr(value)
        uri = parse_uri(address.uri)
        if uri is None or uri.host != "127.0.0.1":
            return value  # "*", or a redirection to somewhere else
        self.inner_contact = f"{uri.host}:{uri.port}" if uri.port else uri.host
        return _moved(address, uri, self.outer, self.outer_transport)

    def _contact_in(self, value: str) -> str:
        address = parse_name_addr(value)
        uri = parse_uri(address.uri)
        if uri is None or not self.inner_contact or not _at(uri, self.outer):
            return value
        return _moved(address, uri, self.inner_contact, "tcp")

    def _uri_in(self, message: Message) -> None:
        uri = parse_uri(message.uri)
        if uri is None or not self.inner_contact or not _at(uri, self.outer):
            return
        host, port = split_host_port(self.inner_contact)
        changed = replace(uri, host=host, port=port).with_param("transport", "tcp")
        message.start = f"{message.method} {changed} SIP/2.0"


def _at(uri: SipUri, place: str) -> bool:
    return (uri.host, uri.port) == split_host_port(place)


def _moved(address: NameAddr, uri: SipUri, place: str, transport: str) -> str:
    host, port = split_host_port(place)
    changed = replace(uri, host=host, port=port).with_param("transport", transport)
    return str(replace(address, uri=str(changed)))
