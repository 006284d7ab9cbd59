"""In-call quality from PJSIP's counters."""

from __future__ import annotations

from dataclasses import dataclass

import pjsua2 as pj

from softphone.domain.quality import Quality, estimate_mos


@dataclass(slots=True)
class QualityMeter:
    """Turns running counters into per-second figures for one call."""

    codec: str = ""
    _packets: int = 0
    _lost: int = 0
    _discarded: int = 0

    def measure(self, stat: pj.StreamStat) -> Quality:
        """Return the figures since the last call of this method."""
        received = stat.rtcp.rxStat
        packets = received.pkt - self._packets
        lost = received.loss - self._lost
        discarded = stat.jbuf.discard - self._discarded
        self._packets, self._lost = received.pkt, received.loss
        self._discarded = stat.jbuf.discard
        expected = packets + max(lost, 0)
        loss = 100.0 * (max(lost, 0) + max(discarded, 0)) / expected if expected > 0 else 0.0
        round_trip_ms = stat.rtcp.rttUsec.mean / 1000.0
        one_way = round_trip_ms / 2 + stat.jbuf.avgDelayMsec + 20.0
        return Quality(
            loss_percent=min(loss, 100.0),
            jitter_ms=received.jitterUsec.mean / 1000.0,
            round_trip_ms=round_trip_ms,
            discarded=stat.jbuf.discard,
            estimated_mos=estimate_mos(self.codec, loss, one_way),
        )
