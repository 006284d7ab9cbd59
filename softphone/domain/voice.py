"""What is done to the agent's voice before others hear it, and who decides."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum


class VoicePart(StrEnum):
    """A kind of processing that is switched on and off by itself."""

    ECHO = "echo_cancellation"
    """The customer does not hear themselves through the agent's speaker."""
    NOISE = "noise_suppression"
    GAIN = "automatic_gain"


class VoiceRule(StrEnum):
    """What the policy says of one kind of processing."""

    CHOICE = "choice"
    """Whoever sits there decides."""
    ON = "on"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class VoiceProcessing:
    """Which kinds are on."""

    echo_cancellation: bool = True
    noise_suppression: bool = True
    automatic_gain: bool = True

    @property
    def any(self) -> bool:
        """Whether anything is on at all."""
        return self.echo_cancellation or self.noise_suppression or self.automatic_gain

    def has(self, part: VoicePart) -> bool:
        """Whether one kind is on."""
        return bool(getattr(self, part.value))

    def switched(self, part: VoicePart, on: bool) -> VoiceProcessing:
        """Return the same with one kind on or off."""
        return replace(self, **{part.value: on})


@dataclass(frozen=True, slots=True)
class VoiceRules:
    """What the policy says of each kind."""

    echo_cancellation: VoiceRule = VoiceRule.CHOICE
    noise_suppression: VoiceRule = VoiceRule.CHOICE
    automatic_gain: VoiceRule = VoiceRule.CHOICE

    def of(self, part: VoicePart) -> VoiceRule:
        """Return the rule of one kind."""
        return VoiceRule(getattr(self, part.value))

    def decide(self, chosen: VoiceProcessing) -> VoiceProcessing:
        """Return what is done: the rule where there is one, else what the person chose."""
        decided = chosen
        for part in VoicePart:
            if self.of(part) is not VoiceRule.CHOICE:
                decided = decided.switched(part, self.of(part) is VoiceRule.ON)
        return decided
