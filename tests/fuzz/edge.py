"""``python -m tests.fuzz.edge SECONDS``: coverage-guided bytes through everything the edge parses.

Only what the edge expects may be raised; what goes out must be SIP again, and mean the same.
"""

from __future__ import annotations

import sys
from contextlib import suppress
from pathlib import Path

import atheris

with atheris.instrument_imports():
    from softphone.sip import digest, identity, incoming, message, packages, rewrite, uri

FOLDER = Path(__file__).parents[2].parent / "shared/vectors/rfc4475"
SEEDS = Path("build/fuzz/edge")
INVITE = (
    b"INVITE sip:anna@192.0.2.7:5061;transport=tls SIP/2.0\r\n"
    b"v: SIP/2.0/TLS 192.0.2.1;branch=z9\r\n"
    b'f: "A, B" <sip:b@x.example>;tag=1\r\nt: <sip:anna@x.example>\r\ni: 1\r\nCSeq: 1 INVITE\r\n'
    b"Record-Route: <sip:p1;lr>, <sip:p2;lr>\r\nm: <sip:b@192.0.2.1>\r\nl: 0\r\n\r\n"
)
DIALOG = (
    b'<?xml version="1.0"?><dialog-info xmlns="urn:ietf:params:xml:ns:dialog-info" version="1" '
    b'state="full" entity="sip:a@x"><dialog id="1"><state>confirmed</state></dialog></dialog-info>'
)


def _stream(data: bytes) -> list[message.Message]:
    """Feed as the edge does, in two pieces; return whole messages."""
    framer, found = message.Framer(), []
    half = len(data) // 2
    for piece in (data[:half], data[half:]):
        while True:
            try:
                found += [i for i in framer.feed(piece) if isinstance(i, message.Message)]
                break
            except message.MalformedMessage as error:
                if error.fatal:
                    return found
                piece = b""
    return found


def _through(taken: message.Message) -> None:
    """Rewrite both ways; what is sent on must be readable and the same to a reader."""
    rewriter = rewrite.Rewriter(5060, "192.0.2.7:5061", "127.0.0.1:4000", "127.0.0.1:4000")
    before = taken.encode()
    [again] = _stream(before) or [None]
    assert again is not None, "what was read cannot be read again"
    assert again.encode() == before, "reading again changed it"
    for change in (rewriter.inbound, rewriter.outbound):
        [copy] = _stream(before)
        sent = change(copy).encode()
        assert _stream(sent), "what was rewritten cannot be read"
    incoming.asks_to_answer(taken)
    identity.caller(taken.first("From"), taken, trust_asserted=True)
    request = message.Message("SUBSCRIBE sip:a@x SIP/2.0", [])
    digest.authorize(request, taken, digest.Credentials("a", "b"))


def one(data: bytes) -> None:
    """One input."""
    for taken in _stream(data):
        _through(taken)
    with suppress(message.MalformedMessage):
        message.parse_datagram(data)
    incoming.read_invite(data.decode("utf-8", "surrogateescape"))
    text = data.decode("utf-8", "surrogateescape")
    parsed = uri.parse_uri(text)
    if parsed is not None:
        assert uri.parse_uri(str(parsed)) == parsed, "a URI changed by being written"
    uri.presented_number(text)
    for read in (packages.line_state, packages.messages_waiting):
        try:
            read(data)
        except packages.UnreadableBody:
            continue


def main() -> None:
    """Run for as many seconds as the first argument says."""
    seconds = sys.argv[1] if len(sys.argv) > 1 else "600"
    SEEDS.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate((INVITE, DIALOG, b"Messages-Waiting: yes\r\n"
                                   b"Voice-Message: 2/8 (0/2)\r\n")):  # fmt: skip
        (SEEDS / f"seed{number}").write_bytes(seed)
    for path in FOLDER.glob("*.dat") if FOLDER.is_dir() else ():
        (SEEDS / path.name).write_bytes(path.read_bytes())
    atheris.Setup(
        [sys.argv[0], f"-max_total_time={seconds}", "-max_len=8192", "-timeout=10",
         "-artifact_prefix=build/fuzz/", str(SEEDS)],
        one,
    )  # fmt: skip
    atheris.Fuzz()


if __name__ == "__main__":
    main()
