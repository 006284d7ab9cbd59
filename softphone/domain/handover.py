"""How one log hands over to another: a restored workstation must not go on under its old name.

Its backup is older than what was confirmed since. Going on with the old key would sign two logs of
one name, which is what a turned-back workstation does; the witness refuses both alike. So it gets
a new identifier and a new key. Its log begins with all entries of the old one up to the backup,
the next entry names the device they came from, and the old key signs whose log goes on.
"""

from __future__ import annotations

import uuid

from softphone.domain.errors import ProofInvalid
from softphone.domain.note import (
    ED25519,
    Sign,
    SignedNote,
    VerifierKey,
    format_note,
    parse_note,
    parse_verifier_key,
    sign,
)

_TITLE = "softphone log handover v1"
CONTINUED = "log.continued"
"""The action whose entry is the first of another device; its object is the one before."""


def hand_over(earlier: VerifierKey, signer: Sign, new: VerifierKey) -> str:
    """Return the signed note by which an earlier log's key names the log that goes on."""
    text = f"{_TITLE}\n{earlier.name}\n{new}\n"
    return format_note(SignedNote(text, (sign(text, earlier, signer),)))


def parse_handover(note: str) -> tuple[str, str]:
    """Return the earlier device and the new log's verifier key; the signature is not verified.

    Raises ProofInvalid.
    """
    lines = parse_note(note).text.split("\n")
    if len(lines) != 4 or lines[0] != _TITLE:
        raise ProofInvalid("A handover cannot be used.", "It is of another kind.")
    program, _, device = lines[1].partition("/")
    try:
        good = program == "softphone" and str(uuid.UUID(device)) == device
    except ValueError:
        good = False
    if not good or parse_verifier_key(lines[2]).type != ED25519:
        raise ProofInvalid("A handover cannot be used.", "It does not name two logs.")
    return device, lines[2]


def next_device(said: dict[str, object], current: str) -> str:
    """Return whose entries follow from this one on; the first entry begins with its own device.

    Raises ProofInvalid for an entry of another device that does not say that it continues.
    """
    device = str(said["device"])
    if current and device != current and (said["action"], said["object"]) != (CONTINUED, current):
        raise ProofInvalid("The log does not hold.", "An entry is out of its place.")
    return device
