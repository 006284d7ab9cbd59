from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from softphone.domain.quality import Quality, estimate_mos

loss = st.floats(0, 100)
delay = st.floats(0, 5000)
codec = st.sampled_from(["PCMU", "PCMA/8000", "g722", "GSM", "speex", "iLBC", "unknown"])


@given(codec, st.floats(-50, 200), st.floats(-50, 10_000))
def test_the_estimate_stays_on_the_scale(name: str, lost: float, late: float):
    assert 1.0 <= estimate_mos(name, lost, late) <= 4.5


@given(codec, loss, loss, delay)
def test_more_loss_is_never_better(name: str, one: float, other: float, late: float):
    better, worse = sorted((one, other))
    assert estimate_mos(name, better, late) >= estimate_mos(name, worse, late) - 1e-9


@given(codec, loss, delay, delay)
def test_more_delay_is_never_better(name: str, lost: float, one: float, other: float):
    better, worse = sorted((one, other))
    assert estimate_mos(name, lost, better) >= estimate_mos(name, lost, worse) - 1e-9


def test_a_clean_g711_call_has_the_value_of_g107():
    assert estimate_mos("PCMU", 0, 0) == pytest.approx(4.41, abs=0.01)


@pytest.mark.parametrize(
    ("mos", "word"), [(4.2, "good"), (4.0, "good"), (3.5, "fair"), (3.1, "fair"), (2.0, "poor")]
)
def test_words(mos: float, word: str):
    assert Quality(0, 0, 0, 0, mos).word == word


@pytest.mark.parametrize(
    ("figures", "word"),
    [
        ((0, 5, 20, 0, 4.4), ""),
        ((5, 5, 20, 0, 3.0), "lost"),
        ((0, 60, 20, 0, 3.0), "unevenly"),
        ((0, 5, 20, 9, 3.0, 8.0), "unevenly"),
        ((0, 5, 700, 0, 3.0), "delay"),
    ],
)
def test_a_hint_names_the_cause(figures, word):
    hint = Quality(*figures).hint
    assert word in hint
    assert bool(hint) is bool(word)
