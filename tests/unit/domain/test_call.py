from __future__ import annotations

import pytest

from softphone.domain.call import (
    Call,
    CallState,
    Direction,
    Disposition,
    disposition_for,
    sentence_for,
)

IN, OUT = Direction.INCOMING, Direction.OUTGOING


@pytest.mark.parametrize(
    ("direction", "status", "established", "expected"),
    [
        (OUT, 200, True, Disposition.ANSWERED),
        (OUT, 486, False, Disposition.BUSY),
        (IN, 600, False, Disposition.BUSY),
        (OUT, 603, False, Disposition.DECLINED),
        (IN, 487, False, Disposition.MISSED),
        (OUT, 487, False, Disposition.CANCELLED),
        (OUT, 408, False, Disposition.NO_ANSWER),
        (OUT, 480, False, Disposition.NO_ANSWER),
        (OUT, 503, False, Disposition.FAILED),
    ],
)
def test_how_a_call_ended(direction, status, established, expected):
    assert disposition_for(direction, status, established=established) is expected


def test_every_status_has_a_sentence():
    assert sentence_for(486) == "Busy."
    assert sentence_for(302) == "The number has moved."
    assert "599" in sentence_for(599)


@pytest.mark.parametrize("state", CallState)
def test_a_call_lives_until_it_ended(state: CallState):
    call = Call("c", "a", OUT, state, "201")
    assert call.live is (state is not CallState.ENDED)
