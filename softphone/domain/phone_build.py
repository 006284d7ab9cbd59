"""What the library under the phone was built for: it differs from workstation to workstation."""

from __future__ import annotations

from dataclasses import dataclass

MOST_LINES = 8
"""More calls at once nobody keeps apart, whatever the library takes."""
FEWEST_LINES = 4
"""What PJSIP is built for where nobody says otherwise (PJSUA_MAX_CALLS)."""


CODECS_EVERYWHERE = ("G722", "PCMA", "PCMU")
CODECS = (*CODECS_EVERYWHERE, "OPUS", "SPEEX", "GSM", "ILBC")
"""What a policy may name; not every library has those after the first three."""


@dataclass(frozen=True, slots=True)
class PhoneBuild:
    """Calls at once, sound over IPv6, codecs by the names that a policy uses, and more."""

    library: str = ""
    """Name and version."""
    lines: int = FEWEST_LINES
    ipv6_sound: bool = False
    codecs: tuple[str, ...] = CODECS_EVERYWHERE
    native_sound: bool = False
    """Whether sound passes without the interpreter (decision 0021)."""


PLAIN_BUILD = PhoneBuild()
