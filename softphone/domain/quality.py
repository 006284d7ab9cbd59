"""Call quality: counters and an estimate of MOS by the E-model (ITU-T G.107, simplified)."""

from __future__ import annotations

from dataclasses import dataclass

# Equipment impairment and packet-loss robustness, ITU-T G.113 appendix I.
CODEC_IMPAIRMENT: dict[str, tuple[float, float]] = {
    "PCMU": (0.0, 25.1),
    "PCMA": (0.0, 25.1),
    "G722": (0.0, 25.1),
    "OPUS": (0.0, 25.1),  # not in G.113; taken for as good as G.722
    "GSM": (20.0, 10.0),
    "SPEEX": (11.0, 19.0),
    "ILBC": (11.0, 32.0),
}


LOSS_HEARD_PERCENT = 3.0
JITTER_HEARD_MS = 40.0
DELAY_HEARD_MS = 400.0
"""Round trip; ITU-T G.114 calls more than 400 ms one way unacceptable, 200 one way noticeable."""
NOTHING_S = 8
"""Whoever says nothing sends a packet now and then all the same (comfort noise, RFC 3389)."""
HINTS = (
    "Nothing arrives from the other side. If you do not hear them, call again.",
    "Packets are lost on the way to you.",
    "Packets are lost on the way from you; you may be hard to understand.",
    "Sound arrives unevenly; a cable instead of Wi-Fi often helps.",
    "The line has a long delay; pause before you speak.",
)


@dataclass(frozen=True, slots=True)
class Quality:
    """Counters of one second of a call; times in ms, loss in percent, MOS 1.0 to 4.5.

    ``late_percent`` of the packets came, but after their moment. ``sent_loss_percent`` did not
    reach the far side, as it last told (RFC 3550 section 6.4.1). ``packets`` were received in the
    call so far. For ``silent_s`` seconds up to now not one has, though no hold explains it.
    """

    loss_percent: float
    jitter_ms: float
    round_trip_ms: float
    discarded: int
    estimated_mos: float
    late_percent: float = 0.0
    sent_loss_percent: float = 0.0
    packets: int = 0
    silent_s: int = 0

    @property
    def nothing_arrives(self) -> bool:
        """Whether no packet has come for so long that the far side is hardly just quiet."""
        return self.silent_s >= NOTHING_S

    @property
    def hint(self) -> str:
        """What is wrong in plain words, and with whom to begin; empty while nothing is."""
        if self.nothing_arrives:
            return "Nothing arrives from the other side. If you do not hear them, call again."
        if self.loss_percent >= LOSS_HEARD_PERCENT:
            return "Packets are lost on the way to you."
        if self.jitter_ms >= JITTER_HEARD_MS or self.late_percent >= LOSS_HEARD_PERCENT:
            return "Sound arrives unevenly; a cable instead of Wi-Fi often helps."
        if self.sent_loss_percent >= LOSS_HEARD_PERCENT:
            return "Packets are lost on the way from you; you may be hard to understand."
        if self.round_trip_ms >= DELAY_HEARD_MS:
            return "The line has a long delay; pause before you speak."
        return ""

    @property
    def word(self) -> str:
        """Good, fair or poor."""
        if self.nothing_arrives:
            return "poor"
        if self.estimated_mos >= 4.0:
            return "good"
        return "fair" if self.estimated_mos >= 3.1 else "poor"


def estimate_mos(codec: str, loss_percent: float, one_way_delay_ms: float) -> float:
    """Return the estimated MOS (1.0 to 4.5) by the E-model, ITU-T G.107 with default values.

    ``codec`` is the RTP encoding name without clock rate; an unknown one counts as 11.
    """
    impairment, robustness = CODEC_IMPAIRMENT.get(codec.upper().split("/")[0], (11.0, 10.0))
    loss = min(max(loss_percent, 0.0), 100.0)
    effective = impairment + (95.0 - impairment) * loss / (loss + robustness)
    delay = max(one_way_delay_ms, 0.0)
    echo = 0.024 * delay + (0.11 * (delay - 177.3) if delay > 177.3 else 0.0)
    rating = min(max(93.2 - echo - effective, 0.0), 100.0)
    mos = 1.0 + 0.035 * rating + rating * (rating - 60.0) * (100.0 - rating) * 7e-6
    return min(max(mos, 1.0), 4.5)
