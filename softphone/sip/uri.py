"""SIP URIs and name-addr values, taken apart and put together (RFC 3261 sections 19.1, 25)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import unquote


@dataclass(frozen=True, slots=True)
class SipUri:
    """``scheme:user@host:port;params?headers``; every part as it was written."""

    scheme: str
    user: str
    host: str
    port: int | None
    params: tuple[tuple[str, str | None], ...] = ()
    headers: str = ""

    def param(self, name: str) -> str | None:
        """Return a parameter's value, an empty string for one without value, None if absent."""
        wanted = name.lower()
        return next((v or "" for k, v in self.params if k.lower() == wanted), None)

    def with_param(self, name: str, value: str | None) -> SipUri:
        """Return the URI with a parameter replaced or added."""
        wanted = name.lower()
        if any(k.lower() == wanted for k, _ in self.params):
            changed = tuple((k, value) if k.lower() == wanted else (k, v) for k, v in self.params)
        else:
            changed = (*self.params, (name, value))
        return replace(self, params=changed)

    def __str__(self) -> str:
        user = f"{self.user}@" if self.user else ""
        port = f":{self.port}" if self.port is not None else ""
        params = "".join(f";{k}" if v is None else f";{k}={v}" for k, v in self.params)
        headers = f"?{self.headers}" if self.headers else ""
        return f"{self.scheme}:{user}{self.host}{port}{params}{headers}"


def parse_uri(text: str) -> SipUri | None:
    """Parse a ``sip:`` or ``sips:`` URI; None for any other scheme or an unusable one."""
    text = text.strip()
    scheme, colon, rest = text.partition(":")
    if any(ord(c) <= 32 or ord(c) == 127 for c in text):
        return None
    if not colon or scheme.lower() not in ("sip", "sips"):
        return None
    rest, _, headers = rest.partition("?") if "@" not in rest.partition("?")[2] else (rest, "", "")
    user, at, hostpart = rest.rpartition("@")
    hostport, *raw_params = hostpart.split(";")
    host, port = split_host_port(hostport)
    if not host or port == -1 or (at and not user):
        return None
    params = tuple(
        (k, v if eq else None) for k, eq, v in (p.partition("=") for p in raw_params if p)
    )
    return SipUri(scheme.lower(), user, host, port, params, headers)


def split_host_port(text: str) -> tuple[str, int | None]:
    """Split ``host:port`` or ``[v6]:port``; the port is None when absent and -1 when unusable."""
    if text.startswith("["):
        host, bracket, rest = text.partition("]")
        if not bracket or (rest and not rest.startswith(":")):
            return "", -1
        host, port = host + "]", rest[1:]
    else:
        host, _, port = text.partition(":")
    if not port:
        return host, None
    if not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        return host, -1
    return host, int(port)


@dataclass(frozen=True, slots=True)
class NameAddr:
    """A Contact, Route, From or To value: display part, URI text, and what follows it."""

    display: str
    uri: str
    tail: str
    bracketed: bool = True

    def __str__(self) -> str:
        if not self.bracketed:
            return f"{self.uri}{self.tail}"
        display = f"{self.display} " if self.display else ""
        return f"{display}<{self.uri}>{self.tail}"

    @property
    def name(self) -> str:
        """The display name without quotes."""
        text = self.display.strip()
        if len(text) >= 2 and text[0] == text[-1] == '"':
            return text[1:-1].replace('\\"', '"').replace("\\\\", "\\")
        return text


def parse_name_addr(text: str) -> NameAddr:
    """Take a name-addr or addr-spec apart (RFC 3261 section 20.10)."""
    quoted, skip = False, False
    for place, character in enumerate(text):
        if skip:
            skip = False
        elif quoted:
            skip = character == "\\"
            quoted = character != '"'
        elif character == '"':
            quoted = True
        elif character == "<":
            inner, _, tail = text[place + 1 :].partition(">")
            return NameAddr(text[:place].strip(), inner.strip(), tail)
    uri, semicolon, tail = text.partition(";")
    return NameAddr("", uri.strip(), f"{semicolon}{tail}", bracketed=False)


def presented_number(value: str) -> tuple[str, str]:
    """Return number (or ``user@host``) and display name of a From or To value."""
    address = parse_name_addr(value)
    uri = parse_uri(address.uri)
    if uri is None:
        return address.uri.removeprefix("tel:").split(";")[0], address.name
    user = unquote(uri.user.split(";")[0].split(":")[0])
    digits = user.lstrip("+")
    if digits.isascii() and digits.isdigit():
        return user, address.name
    return (f"{user}@{uri.host}" if user else uri.host), address.name


def uri_of(target: str, domain: str) -> str:
    """Return the SIP URI of a number, an extension or an address."""
    return f"sip:{target}" if "@" in target else f"sip:{target}@{domain}"
