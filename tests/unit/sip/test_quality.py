from __future__ import annotations

from types import SimpleNamespace as Of

import pytest

from softphone.sip.quality import QualityMeter


def stat(
    received: int, lost: int = 0, discarded: int = 0, jitter_us: int = 0, trip_us: int = 0,
    burst: int = 2, sent: int = 0, sent_lost: int = 0, reports: int = 0,
):  # fmt: skip
    return Of(
        rtcp=Of(
            rxStat=Of(pkt=received, loss=lost, jitterUsec=Of(last=jitter_us)),
            txStat=Of(pkt=sent, loss=sent_lost, updateCount=reports),
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


def test_what_the_far_side_loses_is_known_by_its_reports():
    meter = QualityMeter("PCMU")
    told = [
        meter.measure(stat(50 * n, sent=50 * n, sent_lost=lost, reports=reports)).sent_loss_percent
        for n, (lost, reports) in enumerate([(0, 0), (0, 1), (0, 1), (10, 2), (10, 2), (10, 3)], 1)
    ]
    assert told == [0, 0, 0, 10.0, 10.0, 0], "each report speaks of the packets since the last"


def test_seconds_without_a_packet_are_counted_unless_nothing_is_expected():
    meter = QualityMeter("PCMU")
    assert meter.measure(stat(50)).silent_s == 0
    assert [meter.measure(stat(50)).silent_s for _ in range(9)] == list(range(1, 10))
    nothing = meter.measure(stat(50))
    assert (nothing.word, nothing.hint[:15]) == ("poor", "Nothing arrives")
    assert meter.measure(stat(50), expected=False).silent_s == 0, "on hold"
    heard = meter.measure(stat(100))
    assert (heard.silent_s, heard.word, heard.hint) == (0, "good", "")
    whole = meter.summary()
    assert whole is not None
    assert (whole.packets, whole.word) == (100, "good"), "a pause of theirs spoils no call"


def test_another_stream_counts_from_the_beginning():
    meter = QualityMeter("PCMU")
    meter.measure(stat(500, lost=20, discarded=9, sent=500, sent_lost=5, reports=3))
    after = meter.measure(stat(40, lost=10, sent=40))
    assert (after.packets, after.loss_percent, after.late_percent) == (540, 20.0, 0)
    assert after.sent_loss_percent == 1.0, "until a report says otherwise"
