from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from softphone.domain.agent import LineState
from softphone.sip.packages import UnreadableBody, line_state, messages_waiting

HEAD = (
    '<?xml version="1.0"?><dialog-info xmlns="urn:ietf:params:xml:ns:dialog-info" version="0" '
    'state="full" entity="sip:a@x.example">'
)


def document(*states: str) -> bytes:
    dialogs = "".join(f'<dialog id="{n}"><state>{s}</state></dialog>' for n, s in enumerate(states))
    return f"{HEAD}{dialogs}</dialog-info>".encode()


@pytest.mark.parametrize(
    ("states", "line"),
    [
        ([], LineState.FREE),
        (["terminated"], LineState.FREE),
        (["trying"], LineState.RINGING),
        (["early"], LineState.RINGING),
        (["proceeding", "confirmed"], LineState.BUSY),
        (["terminated", "confirmed"], LineState.BUSY),
    ],
)
def test_the_busiest_dialog_decides(states: list[str], line: LineState):
    assert line_state(document(*states)) is line


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<dialog-info>",
        b"not xml",
        b'<!DOCTYPE x [<!ENTITY a "b">]><dialog-info>&a;</dialog-info>',
        b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><dialog-info/>',
        b"<a>" * 30 + b"</a>" * 30,
    ],
)
def test_a_bad_or_dangerous_document_is_refused(body: bytes):
    with pytest.raises(UnreadableBody):
        line_state(body)


@pytest.mark.parametrize(
    ("body", "counts"),
    [
        ("Messages-Waiting: yes\r\nVoice-Message: 2/8 (0/2)\r\n", (2, 8)),
        ("messages-waiting:YES\nMessage-Account: sip:a@x\n", (1, 0)),
        ("Messages-Waiting: no\r\nVoice-Message: 0/3\r\n", (0, 3)),
        ("Messages-Waiting: yes\r\nVoice-Message: 99999999/1\r\n", (9999, 1)),
    ],
)
def test_counts_of_a_mailbox(body: str, counts: tuple[int, int]):
    assert messages_waiting(body.encode()) == counts


@pytest.mark.parametrize(
    "body", ["", "Voice-Message: 1/2", "Messages-Waiting: yes\nVoice-Message: a/b",
             "Messages-Waiting: yes\nVoice-Message: ١/٢"],
)  # fmt: skip
def test_a_mailbox_that_makes_no_sense(body: str):
    with pytest.raises(UnreadableBody):
        messages_waiting(body.encode())


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(body: bytes):
    for read in (line_state, messages_waiting):
        try:
            read(body)
        except UnreadableBody:
            continue
