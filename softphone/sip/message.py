"""SIP messages as far as an edge must understand them (RFC 3261 sections 7, 18.3, 20, 25).

Header lines are unfolded, compact names expanded, and lists split where the grammar says so; all
else passes through byte for byte (UTF-8 with ``surrogateescape``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

MAX_HEAD = 64 * 1024
MAX_BODY = 256 * 1024
MAX_HEADERS = 256

COMPACT = {
    "a": "Accept-Contact", "b": "Referred-By", "c": "Content-Type", "d": "Request-Disposition",
    "e": "Content-Encoding", "f": "From", "i": "Call-ID", "j": "Reject-Contact",
    "k": "Supported", "l": "Content-Length", "m": "Contact", "n": "Identity-Info",
    "o": "Event", "r": "Refer-To", "s": "Subject", "t": "To", "u": "Allow-Events", "v": "Via",
    "x": "Session-Expires", "y": "Identity",
}  # fmt: skip
"""Compact forms registered with IANA (RFC 3261 section 7.3.3 and later)."""


class MalformedMessage(Exception):
    """The bytes are not SIP; ``fatal`` when the stream cannot be framed any further."""

    def __init__(self, why: str, *, fatal: bool = False) -> None:
        super().__init__(why)
        self.why = why
        self.fatal = fatal


@dataclass(slots=True)
class Message:
    """One request or response; ``headers`` keeps order and spelling of everything not touched."""

    start: str
    headers: list[tuple[str, str]]
    body: bytes = b""

    @property
    def is_request(self) -> bool:
        """Whether this is a request."""
        return not self.start.startswith("SIP/2.0 ")

    @property
    def method(self) -> str:
        """The request's method, or the CSeq method of a response."""
        if self.is_request:
            return self.start.split(" ", 1)[0]
        parts = self.first("CSeq").split()
        return parts[1] if len(parts) == 2 else ""

    @property
    def status(self) -> int:
        """The status code of a response, 0 for a request."""
        return 0 if self.is_request else int(self.start[8:11])

    @property
    def uri(self) -> str:
        """The Request-URI of a request."""
        return self.start.split(" ")[1] if self.is_request else ""

    @property
    def transaction(self) -> str:
        """What an answer has in common with its request (RFC 3261 section 17.1.3)."""
        vias = self.values("Via")
        return f"{vias[0].partition('branch=')[2].partition(';')[0]} {self.method}" if vias else ""

    def first(self, name: str) -> str:
        """Return the first value of a header, or an empty string."""
        wanted = name.lower()
        return next((v for k, v in self.headers if k.lower() == wanted), "")

    def values(self, name: str) -> list[str]:
        """Return all values of a list header, over several lines and commas."""
        wanted = name.lower()
        return [
            item for k, v in self.headers if k.lower() == wanted for item in split_outside(v, ",")
        ]

    def set_values(self, name: str, values: list[str], *, at_top: bool = False) -> None:
        """Replace all lines of a header by one line a value, where the first one stood."""
        wanted = name.lower()
        place = next((i for i, (k, _) in enumerate(self.headers) if k.lower() == wanted), None)
        kept = [(k, v) for k, v in self.headers if k.lower() != wanted]
        if place is None:
            place = 0 if at_top else len(kept)
        else:
            place -= sum(1 for k, _ in self.headers[:place] if k.lower() == wanted)
        self.headers = [*kept[:place], *((name, v) for v in values), *kept[place:]]

    def map_values(self, name: str, change: Callable[[str], str]) -> None:
        """Change every value of a list header in its place."""
        wanted = name.lower()
        self.headers = [
            (k, ", ".join(change(item) for item in split_outside(v, ",")))
            if k.lower() == wanted
            else (k, v)
            for k, v in self.headers
        ]

    def encode(self) -> bytes:
        """Return the message as bytes; Content-Length is computed afresh."""
        lines = [self.start]
        lines += [f"{k}: {v}" for k, v in self.headers if k.lower() != "content-length"]
        lines.append(f"Content-Length: {len(self.body)}")
        head = "\r\n".join(lines) + "\r\n\r\n"
        return head.encode("utf-8", "surrogateescape") + self.body


def split_outside(text: str, separator: str) -> list[str]:
    """Split at a separator outside of quoted strings and angle brackets; parts are stripped."""
    parts: list[str] = []
    begin, quoted, angle, skip = 0, False, False, False
    for place, character in enumerate(text):
        if skip:
            skip = False
        elif quoted:
            skip = character == "\\"
            quoted = character != '"'
        elif character == '"' and not angle:
            quoted = True
        elif character in "<>":
            angle = character == "<"
        elif character == separator and not angle:
            parts.append(text[begin:place].strip())
            begin = place + 1
    parts.append(text[begin:].strip())
    return [part for part in parts if part]


def parse_head(data: bytes) -> Message:
    """Parse start line and headers (without the empty line). Raises MalformedMessage."""
    text = data.decode("utf-8", "surrogateescape")
    lines = text.split("\r\n")
    start = lines[0]
    _check_start(start)
    headers: list[tuple[str, str]] = []
    for line in lines[1:]:
        if "\n" in line or "\r" in line:
            # Also in a folded line: what reads it as a break would see headers nobody checked.
            raise MalformedMessage("a bare line break in a header")
        if line[:1] in (" ", "\t"):
            if not headers:
                raise MalformedMessage("folded line before any header")
            name, value = headers[-1]
            headers[-1] = (name, f"{value} {line.strip()}".strip())
            continue
        name, colon, value = line.partition(":")
        name = name.rstrip(" \t")
        if not colon or not name or any(c in name for c in ' \t\r\n<>@,;"/[]?={}'):
            raise MalformedMessage("a header line without a proper name")
        headers.append((COMPACT.get(name.lower(), name), value.strip()))
        if len(headers) > MAX_HEADERS:
            raise MalformedMessage("too many headers", fatal=True)
    return Message(start, headers)


def _check_start(start: str) -> None:
    if "\n" in start or "\r" in start:
        raise MalformedMessage("a bare line break in the start line")
    if start.startswith("SIP/2.0 "):
        code = start[8:11]
        if not (code.isascii() and code.isdigit() and 100 <= int(code) <= 699):
            raise MalformedMessage("a status code outside 100 to 699")
        if start[11:12] not in ("", " "):
            raise MalformedMessage("a status line without a space after the code")
        return
    parts = start.split(" ")
    if len(parts) != 3 or parts[2].upper() != "SIP/2.0" or not parts[0] or not parts[1]:
        raise MalformedMessage("a start line that is neither request nor response")


def content_length(message: Message) -> int:
    """Return the body's length, which a stream must state (RFC 3261 section 18.3)."""
    given = {v for k, v in message.headers if k.lower() == "content-length"}
    if len(given) != 1:
        raise MalformedMessage("no single Content-Length on a stream", fatal=True)
    text = given.pop()
    if not (text.isascii() and text.isdigit()) or int(text) > MAX_BODY:
        raise MalformedMessage("an unusable Content-Length", fatal=True)
    return int(text)


def parse_datagram(data: bytes) -> Message:
    """Parse a message that came alone: without a length its body ends with it (RFC 3261, 18.3).

    Raises MalformedMessage.
    """
    head, end, body = data.lstrip(b"\r\n").partition(b"\r\n\r\n")
    if not end or len(head) > MAX_HEAD:
        raise MalformedMessage("a header that does not end")
    message = parse_head(head)
    length = content_length(message) if message.first("Content-Length") else len(body)
    if length > len(body):
        raise MalformedMessage("a body shorter than its length says")
    message.body = body[:length]
    return message


PING = b"\r\n\r\n"
PONG = b"\r\n"


class Framer:
    """Cuts a byte stream into messages; keep-alives (RFC 5626 section 4.4.1) come as bytes."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[Message | bytes]:
        """Add received bytes; yield whole messages, and PING or PONG between them.

        Raises MalformedMessage; when it is not fatal, feeding ``b""`` goes on behind the message.
        """
        self._buffer += data
        while self._buffer:
            if self._buffer[:1] == b"\r":
                yield from self._keep_alive()
                if self._buffer[:1] == b"\r":
                    return
                continue
            end = self._buffer.find(b"\r\n\r\n")
            if end < 0:
                if len(self._buffer) > MAX_HEAD:
                    raise MalformedMessage("a header that does not end", fatal=True)
                return
            message, whole = self._message(end)
            if message is None:
                return
            del self._buffer[:whole]
            yield message

    def _keep_alive(self) -> Iterator[bytes]:
        if self._buffer[:4] == PING:
            del self._buffer[:4]
            yield PING
        elif self._buffer[:2] == PONG and (
            len(self._buffer) == 2 or self._buffer[2:3] not in (b"\r",)
        ):
            del self._buffer[:2]
            yield PONG
        elif len(self._buffer) >= 2 and self._buffer[:2] != PONG:
            raise MalformedMessage("a bare carriage return between messages", fatal=True)

    def _message(self, end: int) -> tuple[Message | None, int]:
        head = bytes(self._buffer[:end])
        try:
            message = parse_head(head)
        except MalformedMessage as error:
            if error.fatal:
                raise
            self._skip(head, end)
            raise
        length = content_length(message)
        whole = end + 4 + length
        if len(self._buffer) < whole:
            return None, 0
        message.body = bytes(self._buffer[end + 4 : whole])
        return message, whole

    def _skip(self, head: bytes, end: int) -> None:
        """Step over a message whose head is wrong but whose length can still be found."""
        for line in head.split(b"\r\n"):
            name, _, value = line.partition(b":")
            if name.strip().lower() in (b"content-length", b"l") and value.strip().isdigit():
                length = int(value)
                if length <= MAX_BODY and len(self._buffer) >= end + 4 + length:
                    del self._buffer[: end + 4 + length]
                    return
        raise MalformedMessage("a broken message without a usable length", fatal=True)
