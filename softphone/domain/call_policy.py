"""What the policy says of calls: media, identities, recording rules, breaks.

Part of the signed policy; the engine gets it with the recording plan.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase

from softphone.domain.call import Direction
from softphone.domain.ids import UserId
from softphone.domain.phone_build import CODECS_EVERYWHERE
from softphone.domain.voice import VoiceRule, VoiceRules


class Redirects(StrEnum):
    """Which redirections (3xx) are followed; another domain could be a premium number."""

    NEVER = "never"
    OWN_DOMAIN = "own_domain"
    ALWAYS = "always"


class Notice(StrEnum):
    """How both sides learn that a call is recorded."""

    NONE = "none"
    AT_START = "at_start"
    BEEP = "beep"


@dataclass(frozen=True, slots=True)
class RecordingRule:
    """The first rule that fits a call decides; empty fields fit everything.

    ``number`` is a shell pattern over the far side's number (``+4930*``), ``account`` an address of
    record (``sip:user@host``).
    """

    record: bool
    direction: Direction | None = None
    account: str = ""
    number: str = ""
    agent: UserId | None = None

    def fits(self, direction: Direction, account: str, number: str, agent: UserId) -> bool:
        """Whether the rule speaks of this call."""
        return (
            self.direction in (None, direction)
            and self.account in ("", account)
            and (not self.number or fnmatchcase(number, self.number))
            and self.agent in (None, agent)
        )


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody whose line is watched (RFC 4235): a name, and an extension or ``user@host``."""

    name: str
    address: str


@dataclass(frozen=True, slots=True)
class CallPolicy:
    """Rules for all calls of an organisation. Times in seconds unless named otherwise."""

    plain_signalling: bool = False
    """Whether accounts may ask for TCP or UDP without TLS."""
    trust_asserted_identity: bool = False
    """Whether P-Asserted-Identity (RFC 3325) names the caller; else it is ignored."""
    redirects: Redirects = Redirects.OWN_DOMAIN
    auto_answer_by_header: bool = False
    codecs: tuple[str, ...] = CODECS_EVERYWHERE
    """In order of preference; others are off."""
    dtmf_by_info: bool = False
    """Send keys by SIP INFO instead of RFC 4733."""
    hold_tone: bool = False
    """Whether somebody on hold hears two soft tones every ten seconds; else silence."""
    session_expires_s: int = 1800
    """Session timer (RFC 4028); 0 switches it off, 90 is the least the RFC permits."""
    jitter_buffer_ms: int = 200
    """The most that late packets are waited for; read when the phone process starts."""
    echo_number: str = ""
    """What to call to hear oneself; without one there is no echo test call."""
    headset_buttons: bool = True
    """Whether the buttons of headsets may steer calls."""
    echo_cancellation: VoiceRule = VoiceRule.CHOICE
    noise_suppression: VoiceRule = VoiceRule.CHOICE
    automatic_gain: VoiceRule = VoiceRule.CHOICE
    recording_rules: tuple[RecordingRule, ...] = ()
    """Without any, every call is recorded as the policy's mode says."""
    notice: Notice = Notice.NONE
    beep_every_s: int = 15
    break_reasons: tuple[str, ...] = ("Break", "Lunch", "Meeting", "Training")
    after_call_work_s: int = 0
    """How long nobody is put through after a call; 0 for no such time."""
    colleagues: tuple[Colleague, ...] = ()
    url_template: str = ""
    """An address to open; ``{number}``, ``{name}`` and so on are filled in, percent-encoded."""
    url_when: str = "ring"
    """``ring``, ``answer`` or ``end``."""
    hook: tuple[str, ...] = ()
    """A program and its arguments, started at each of these moments without a shell."""

    @property
    def voice(self) -> VoiceRules:
        """What is said of the agent's voice."""
        return VoiceRules(self.echo_cancellation, self.noise_suppression, self.automatic_gain)

    def records(self, direction: Direction, account: str, number: str, agent: UserId) -> bool:
        """Whether a call may be recorded; the first rule that fits decides."""
        for rule in self.recording_rules:
            if rule.fits(direction, account, number, agent):
                return rule.record
        return True


USUAL = CallPolicy()
"""What holds where a policy says nothing of calls."""
