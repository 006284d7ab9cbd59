"""The torture messages of RFC 4475, each as a stream: framed, or refused by name."""

from __future__ import annotations

from pathlib import Path

import pytest

from softphone.sip.message import Framer, MalformedMessage, Message
from softphone.sip.rewrite import Rewriter

FOLDER = Path(__file__).parents[2].parent / "shared/vectors/rfc4475"
# What a stream cannot frame, or what is no SIP; RFC 4475 section in brackets.
REFUSED = {
    "badvers",  # 3.1.2.16 unknown version
    "bigcode",  # 3.1.2.19 overlarge response code
    "inv2543",  # 3.3.8 no Content-Length: fine over UDP, not on a stream (RFC 3261, 18.3)
    "lwsruri",  # 3.1.2.11 spaces in the Request-URI
    "lwsstart",  # 3.1.2.12 several spaces in the request line
    "mcl01",  # 3.3.9 several values of Content-Length
    "ncl",  # 3.1.2.3 negative Content-Length
    "test",  # not a message of the RFC: no version
    "trws",  # 3.1.2.13 trailing space in the request line
}
INCOMPLETE = {"clerr"}  # 3.1.2.2 Content-Length larger than the message: a stream waits for more


def messages(path: Path) -> tuple[list[Message], str]:
    """Return what was framed, and why the rest was refused."""
    found: list[Message] = []
    try:
        for item in Framer().feed(path.read_bytes()):
            if isinstance(item, Message):
                found.append(item)
    except MalformedMessage as error:
        return found, error.why
    return found, ""


@pytest.mark.skipif(not FOLDER.is_dir(), reason="the folder of outside vectors is absent")
def test_all_messages_are_there():
    assert len(list(FOLDER.glob("*.dat"))) >= 49


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.dat")), ids=lambda p: p.stem)
def test_message(path: Path):
    found, why = messages(path)
    if path.stem in REFUSED:
        assert found == []
        assert why
        return
    if path.stem in INCOMPLETE:
        assert found == []
        assert why == ""
        return
    assert found
    rewriter = Rewriter(7000, "192.0.2.1:5061")
    for message in found:
        body = message.body
        again = list(Framer().feed(rewriter.inbound(message).encode()))
        assert len(again) == 1
        assert isinstance(again[0], Message)
        assert again[0].body == body
        rewriter.outbound(again[0]).encode()
