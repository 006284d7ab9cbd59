"""Sealed hand-over: the address that a workstation gives out, and the package it gets back.

Both are C2SP signed notes by the workstation's log key, so that whoever endorsed a workstation
knows whose they are. A package is an age file for the key of an address; in it stand a mark, the
length of the note (4 bytes, big endian), the note, and the payload as it lay on the disk.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TypeVar

import msgspec

from softphone.domain.errors import InvalidInput, ProofInvalid
from softphone.domain.note import (
    ED25519,
    SignedNote,
    VerifierKey,
    format_note,
    parse_note,
    parse_verifier_key,
    sign,
    verify,
)
from softphone.domain.permissions import Policy
from softphone.domain.recording import SealedRecording, SealTarget
from softphone.domain.relay import ADDRESS_TITLE, PackageOutcome, PackageRefusal
from softphone.vault.crypto import signer, verifies
from softphone.vault.meta import DeviceSecrets

MARK = b"softphone package v1\n"
LARGEST_NOTE = 1 << 20
LARGEST_ADDRESS = 1 << 18
CLOCKS_DIFFER = timedelta(hours=26)
"""A clock that was turned back an hour, or is in a wrong zone, refuses nobody."""
T = TypeVar("T", bound=msgspec.Struct)


class Address(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where recordings of one team may be handed to: whom to seal the header and the package for.

    ``targets`` are the receiving vault's newest listeners of the team, then its recovery key;
    ``recipient`` is a key of this address alone.
    """

    device: str
    team: str
    targets: tuple[SealTarget, ...]
    recipient: str
    not_after: datetime


class PackageNote(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What a package says of its recording; the payload follows it.

    ``joined``: the numbers of those who came into it by a transfer. A program that does not know of
    them refuses such a package, as it could not erase them.
    """

    package: str
    device: str
    to_device: str
    recipient: str
    made_at: datetime
    agent_name: str
    sealed: SealedRecording
    joined: tuple[str, ...] = ()


class Receipt(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the receiving side did with a package, for its sender."""

    package: str
    device: str
    outcome: PackageOutcome
    why: PackageRefusal


_TITLES: dict[type[msgspec.Struct], str] = {
    Address: ADDRESS_TITLE,
    PackageNote: "softphone hand-over package v1\n",
    Receipt: "softphone hand-over receipt v1\n",
}


def signed(content: Address | PackageNote | Receipt, device: DeviceSecrets) -> str:
    """Return the note of an address, a package or a receipt, signed by this workstation."""
    text = _TITLES[type(content)] + msgspec.json.encode(content).decode() + "\n"
    return format_note(SignedNote(text, (sign(text, device.log_vkey, signer(device.log_key)),)))


def read_signed(kind: type[T], note: str, policy: Policy, own: DeviceSecrets) -> T:
    """Return what an endorsed workstation signed. Raises InvalidInput: forged, foreign, malformed.

    The workstation's own word counts as well: who hands over to themselves is told so elsewhere.
    """
    title = _TITLES[kind]
    try:
        parsed = parse_note(note)
        if not parsed.text.startswith(title):
            raise ProofInvalid("It cannot be used.", "It is of another kind.")
        content = msgspec.json.decode(parsed.text.removeprefix(title), type=kind)
    except (ProofInvalid, msgspec.MsgspecError, ValueError) as error:
        raise unusable("It is damaged or of another kind.") from error
    device = str(getattr(content, "device", ""))
    key = _key_of(device, policy, own)
    if key is None:
        raise unusable(
            "Nobody has endorsed the workstation that it comes from.", PackageRefusal.STRANGER
        )
    try:
        verify(parsed, key, verifies)
    except ProofInvalid as error:
        raise unusable(
            "Its signature is not that of the workstation that it names.", PackageRefusal.STRANGER
        ) from error
    return content


def _key_of(device: str, policy: Policy, own: DeviceSecrets) -> VerifierKey | None:
    if device == own.device:
        return own.log_vkey
    endorsed = next((d for d in policy.devices if d.device == device), None)
    key = parse_verifier_key(endorsed.log_key) if endorsed else None
    return key if key is not None and key.type == ED25519 else None


class PackageRefused(InvalidInput):
    """An address or a package cannot be used; ``refusal`` says it to programs."""

    def __init__(self, why: str, refusal: PackageRefusal) -> None:
        super().__init__(
            "The recording was not handed over.", why, "Ask whoever gave it to you for a new one."
        )
        self.refusal = refusal


def unusable(why: str, refusal: PackageRefusal = PackageRefusal.UNUSABLE) -> PackageRefused:
    """Return the refusal of an address or a package."""
    return PackageRefused(why, refusal)
