from __future__ import annotations

from types import SimpleNamespace as Of

import pytest

from softphone.sip.quality import QualityMeter


def stat(
    received: int, lost: int = 0, discarded: int = 0, jitter_us: int = 0, trip_us: int = 0,
    burst: int = 2,
):  # fmt: skip
    return Of(
        rtcp=Of(
            rxStat=Of(pkt=received, loss=lost, jitterUsec=Of(last=jitter_us)),
            rttUsec=Of(last=trip_us),
        ),
        jbuf=Of(discard=discarded, avgDelayMsec=40, burst=burst, avgBurst=2),
    )


def test_each_second_for_itself_and_the_whole_at_the_end():
    meter = QualityMeter("PCMU")
    assert meter.summary() is None
    good = meter.measure(stat(50, jitter_us=2000, trip_us=30_000))
    lossy = meter.measure(stat(90, lost=10))
    late = meter.measure(stat(140, lost=10, discarded=25))
    assert (good.loss_percent, good.late_percent, good.jitter_ms, good.round_trip_ms) == (
        0, 0, 2.0, 30.0,
    )  # fmt: skip
    assert (lossy.loss_percent, lossy.late_percent) == (20.0, 0)
    assert (late.loss_percent, late.late_percent) == (0, 50.0)
    assert late.estimated_mos < lossy.estimated_mos < good.estimated_mos
    whole = meter.summary()
    assert whole is not None
    assert whole.loss_percent == pytest.approx(20 / 3)
    assert whole.late_percent == pytest.approx(50 / 3)


def test_what_came_after_all_is_no_negative_loss():
    meter = QualityMeter("PCMU")
    meter.measure(stat(45, lost=5))
    assert meter.measure(stat(100, lost=0)).loss_percent == 0
    assert meter.measure(stat(100)).loss_percent == 0, "nothing was expected"


@pytest.mark.parametrize(
    ("burst", "jitter_us", "straddles"),
    [(2, 500, False), (4, 500, True), (4, 8000, False)],
)
def test_two_packets_between_two_ticks_without_jitter_come_at_the_ticks_moments(
    burst, jitter_us, straddles
):
    meter = QualityMeter("G722")
    meter.measure(stat(50, burst=burst, jitter_us=jitter_us))
    assert meter.straddles is straddles
    meter.measure(stat(100))
    assert meter.straddles is False
