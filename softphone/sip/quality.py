"""In-call quality from PJSIP's counters."""

from __future__ import annotations

import statistics
from dataclasses import dataclass, field

import pjsua2 as pj

from softphone.domain.quality import Quality, estimate_mos

STEADY_MS = 5.0
"""Below this the network is not to blame when packets come two at a time."""


@dataclass(slots=True)
class QualityMeter:
    """Turns running counters into per-second figures for one call."""

    codec: str = ""
    straddles: bool = False
    """Whether packets come so close to the media tick that some are just late for theirs: the
    jitter buffer then keeps one more than the network asks for, and conceals and discards."""
    _packets: int = 0
    _lost: int = 0
    _discarded: int = 0
    _seconds: list[Quality] = field(default_factory=list)

    def measure(self, stat: pj.StreamStat) -> Quality:
        """Return the figures since the last call of this method."""
        received = stat.rtcp.rxStat
        packets = received.pkt - self._packets
        lost = received.loss - self._lost
        discarded = stat.jbuf.discard - self._discarded
        self._packets, self._lost = received.pkt, received.loss
        self._discarded = stat.jbuf.discard
        expected = packets + max(lost, 0)
        share = 100.0 / expected if expected > 0 else 0.0
        loss = max(lost, 0) * share
        # What came too late to be played is as good as lost, but its cause is another one.
        late = min(max(discarded, 0) * share, 100.0 - loss)
        round_trip_ms = stat.rtcp.rttUsec.last / 1000.0
        one_way = round_trip_ms / 2 + stat.jbuf.avgDelayMsec + 20.0
        second = Quality(
            loss_percent=loss,
            jitter_ms=received.jitterUsec.last / 1000.0,
            round_trip_ms=round_trip_ms,
            discarded=stat.jbuf.discard,
            estimated_mos=estimate_mos(self.codec, loss + late, one_way),
            late_percent=late,
        )
        self._seconds.append(second)
        self.straddles = stat.jbuf.burst > stat.jbuf.avgBurst > 0 and second.jitter_ms < STEADY_MS
        return second

    def summary(self) -> Quality | None:
        """Return the whole call so far: means, and what was discarded; None without a second."""
        if not self._seconds:
            return None

        def mean(values: list[float]) -> float:
            return statistics.fmean(values)

        return Quality(
            loss_percent=mean([q.loss_percent for q in self._seconds]),
            jitter_ms=mean([q.jitter_ms for q in self._seconds]),
            round_trip_ms=mean([q.round_trip_ms for q in self._seconds]),
            discarded=self._seconds[-1].discarded,
            estimated_mos=mean([q.estimated_mos for q in self._seconds]),
            late_percent=mean([q.late_percent for q in self._seconds]),
        )
