"""In-call quality from PJSIP's counters."""

from __future__ import annotations

import statistics
from dataclasses import dataclass, field

import pjsua2 as pj

from softphone.domain.quality import Quality, estimate_mos

STEADY_MS = 5.0
"""Below this the network is not to blame when packets come two at a time."""


@dataclass(slots=True)
class _Counters:
    """What has been counted when the stream was last looked at; a hold begins another stream."""

    packets: int = 0
    lost: int = 0
    discarded: int = 0
    sent: int = 0
    sent_lost: int = 0
    reports: int = 0


@dataclass(slots=True)
class QualityMeter:
    """Turns running counters into per-second figures for one call."""

    codec: str = ""
    straddles: bool = False
    """Whether packets come so close to the media tick that some are just late for theirs: the
    jitter buffer then keeps one more than the network asks for, and conceals and discards."""
    _last: _Counters = field(default_factory=_Counters)
    _packets: int = 0
    _silent_s: int = 0
    _sent_loss: float = 0.0
    _seconds: list[Quality] = field(default_factory=list)

    def measure(self, stat: pj.StreamStat, expected: bool = True) -> Quality:
        """Return the figures since the last call of this method, a second ago; ``expected`` says
        whether the far side has a reason to send anything."""
        received = stat.rtcp.rxStat
        if received.pkt < self._last.packets or stat.rtcp.txStat.pkt < self._last.sent:
            self._last = _Counters()
        last = self._last
        packets = received.pkt - last.packets
        lost = received.loss - last.lost
        discarded = stat.jbuf.discard - last.discarded
        last.packets, last.lost, last.discarded = received.pkt, received.loss, stat.jbuf.discard
        self._packets += packets
        self._silent_s = self._silent_s + 1 if expected and not packets else 0
        self._hear_of_sent(stat.rtcp.txStat)
        share = 100.0 / (packets + max(lost, 0)) if packets + max(lost, 0) > 0 else 0.0
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
            sent_loss_percent=self._sent_loss,
            packets=self._packets,
            silent_s=self._silent_s,
        )
        self._seconds.append(second)
        self.straddles = stat.jbuf.burst > stat.jbuf.avgBurst > 0 and second.jitter_ms < STEADY_MS
        return second

    def _hear_of_sent(self, sent: pj.RtcpStreamStat) -> None:
        """Take what the far side's reports say of our packets: one comes every few seconds."""
        last = self._last
        if sent.updateCount == last.reports:
            return
        packets, lost = sent.pkt - last.sent, sent.loss - last.sent_lost
        last.reports, last.sent, last.sent_lost = sent.updateCount, sent.pkt, sent.loss
        self._sent_loss = min(100.0, 100.0 * max(lost, 0) / packets) if packets > 0 else 0.0

    def summary(self) -> Quality | None:
        """Return the whole call so far: means and counts; None without a second."""
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
            sent_loss_percent=mean([q.sent_loss_percent for q in self._seconds]),
            packets=self._packets,
        )
