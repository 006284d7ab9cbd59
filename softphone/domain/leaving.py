"""The certificate of a workstation that was given up (C2SP signed note), as everybody reads it."""

from __future__ import annotations

from softphone.domain.errors import ProofInvalid
from softphone.domain.note import VerifierKey, Verify, parse_note, verify

TITLE = "softphone decommissioning v1"


def parse_certificate(text: str, key: VerifierKey, verifier: Verify) -> dict[str, str]:
    """Return what a certificate says, when this key signed it. Raises ProofInvalid."""
    note = parse_note(text)
    verify(note, key, verifier)
    title, *lines = note.text.rstrip("\n").split("\n")
    if title != TITLE or len(lines) < 3:
        raise ProofInvalid("The certificate is none.", "It is a signed note of another kind.")
    device, when, *rest = lines
    return {"device": device, "at": when, **dict(line.split(" ", 1) for line in rest)}
