"""What a check of the computer found, in words for whoever rolls the phone out. No personal data:
neither names of people, devices, hosts and folders nor numbers."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Verdict(Enum):
    """How bad it is."""

    GOOD = "good"
    NOTICE = "notice"
    """The phone works, with less than it could."""
    BAD = "bad"
    """Something that people need does not work."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One check: what was found, and what to do where it is not good."""

    check: str
    verdict: Verdict
    found: str
    advice: str = ""


def worst(findings: tuple[Finding, ...]) -> Verdict:
    """Return the worst verdict of all; good where nothing was checked."""
    order = list(Verdict)
    return max((f.verdict for f in findings), key=order.index, default=Verdict.GOOD)
