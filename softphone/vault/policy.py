"""The policy as a C2SP signed note over canonical JSON; verified against the slot's anchor."""

from __future__ import annotations

from dataclasses import asdict, fields
from datetime import datetime, timedelta
from typing import Any

import msgspec
import rfc8785

from softphone.domain.call_policy import USUAL
from softphone.domain.errors import PolicyInvalid, ProofInvalid
from softphone.domain.fleet import FLEET_TITLE
from softphone.domain.note import (
    SignedNote,
    VerifierKey,
    format_note,
    parse_note,
    parse_verifier_key,
    sign,
    verify,
)
from softphone.domain.permissions import Policy
from softphone.domain.tombstone import format_time
from softphone.domain.workplace import USUAL_WORKPLACE
from softphone.vault.crypto import public_key, signer, verifies
from softphone.vault.database import Connection

VALID_FOR = timedelta(days=366)
_TITLE = "softphone policy v1\n"
_KEY_NAME = "softphone-policy"
_LATER: dict[str, object] = {
    field.name: field.default
    for field in fields(Policy)
    if field.name in ("devices", "retention", "follows")
}
_USUAL_CALLS = asdict(USUAL)
_USUAL_WORKPLACE = asdict(USUAL_WORKPLACE)
"""Fields that older policies were signed without: left out while they hold their default."""


def anchor_key(public: bytes) -> VerifierKey:
    """Return the verifier key of whoever signs policies."""
    return VerifierKey(_KEY_NAME, public)


def sign_policy(policy: Policy, seed: bytes) -> str:
    """Return the signed note of a policy. ``seed`` is the Ed25519 policy key."""
    text = _TITLE + rfc8785.dumps(_plain(policy)).decode() + "\n"
    signature = sign(text, anchor_key(public_key(seed)), signer(seed))
    return format_note(SignedNote(text, (signature,)))


def sign_fleet_policy(policy: Policy, seed: bytes) -> str:
    """Return the signed note of the part that holds for a fleet (domain.fleet)."""
    text = FLEET_TITLE + rfc8785.dumps(_plain(policy)).decode() + "\n"
    signature = sign(text, anchor_key(public_key(seed)), signer(seed))
    return format_note(SignedNote(text, (signature,)))


def verify_policy(note: str, anchor: bytes) -> Policy:
    """Return the policy of a note that the anchor signed. Raises PolicyInvalid."""
    return _verified(note, anchor_key(anchor), _TITLE)


def verify_fleet_policy(note: str, followed_key: str) -> Policy:
    """Return the fleet's policy of a note that the followed key signed. Raises PolicyInvalid."""
    try:
        key = parse_verifier_key(followed_key)
    except ProofInvalid as error:
        raise _invalid("The key that is followed is malformed.") from error
    policy = _verified(note, key, FLEET_TITLE)
    if policy.members or policy.groups or policy.follows:
        raise _invalid("It names people.")
    return policy


def _verified(note: str, key: VerifierKey, kind: str) -> Policy:
    try:
        parsed = parse_note(note)
        verify(parsed, key, verifies)
    except ProofInvalid as error:
        raise _invalid("Its signature is wrong.") from error
    title, _, body = parsed.text.partition("\n")
    if f"{title}\n" != kind:
        raise _invalid("It is of an unknown kind.")
    try:
        policy = msgspec.json.decode(body, type=Policy)
    except msgspec.DecodeError as error:
        raise _invalid("It cannot be read.") from error
    if rfc8785.dumps(_plain(policy)).decode() + "\n" != body:
        raise _invalid("It is not canonical.")
    return policy


def check_in_force(policy: Policy, now: datetime, last_seen: int) -> None:
    """Check version and expiry. Raises PolicyInvalid."""
    if policy.version < last_seen:
        raise _invalid("An older policy was put back.")
    if policy.not_after <= now:
        raise PolicyInvalid(
            "The policy is out of date.",
            "It expired.",
            "An administrator has to sign in and renew it.",
        )


def load_note(connection: Connection) -> str:
    """Return the newest policy note in the database. Raises PolicyInvalid."""
    row = connection.execute("SELECT note FROM policies ORDER BY version DESC LIMIT 1").fetchone()
    if row is None:
        raise _invalid("It is missing.")
    return str(row[0])


def save_note(connection: Connection, policy: Policy, note: str) -> None:
    """Keep a policy note within the caller's transaction."""
    connection.execute("INSERT INTO policies VALUES (?, ?)", (policy.version, note))


def _plain(policy: Policy) -> Any:
    plain = asdict(policy)
    for name, default in _LATER.items():
        if plain[name] == default:
            del plain[name]
    for part, usual in (("calls", _USUAL_CALLS), ("workplace", _USUAL_WORKPLACE)):
        said = {k: v for k, v in plain.pop(part).items() if v != usual[k]}
        if said:
            plain[part] = said
    return _times(plain)


def _times(value: object) -> object:
    if isinstance(value, datetime):
        return format_time(value)
    if isinstance(value, dict):
        return {key: _times(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_times(inner) for inner in value]
    return str(value) if isinstance(value, str) else value


def _invalid(why: str) -> PolicyInvalid:
    return PolicyInvalid(
        "The policy cannot be trusted.", why, "Ask your administrator for the newest policy."
    )
