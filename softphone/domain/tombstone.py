"""Tombstones as they are signed and sent: canonical JSON without content (see domain.privacy)."""

from __future__ import annotations

import base64
import re
import uuid
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

from softphone.domain.canonical import Json, canonical_json
from softphone.domain.errors import InvalidInput
from softphone.domain.ids import DeviceId, ErasureId, RecordingId, SubjectPseudonym
from softphone.domain.note import Sign, Verify
from softphone.domain.privacy import ErasureReason, Tombstone

_FIELDS = frozenset(
    {"erasure", "device", "reason", "executed_at", "recordings", "subjects", "counts", "signature"}
)
_COUNT_NAME = re.compile(r"[a-z_]{1,32}")
_PSEUDONYM = re.compile(r"[0-9a-f]{64}")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
_MAX_ITEMS = 100_000


def signed_bytes(tombstone: Tombstone) -> bytes:
    """Return the bytes that ``signature`` is over: canonical JSON of all other fields."""
    fields = to_dict(tombstone)
    del fields["signature"]
    return canonical_json(fields)


def sign_tombstone(tombstone: Tombstone, signer: Sign) -> Tombstone:
    """Return the tombstone with its signature (base64 Ed25519)."""
    value = base64.b64encode(signer(signed_bytes(tombstone))).decode()
    return replace(tombstone, signature=value)


def tombstone_verifies(tombstone: Tombstone, public_key: bytes, verifier: Verify) -> bool:
    """Return whether the signature is that of ``public_key`` (raw Ed25519, 32 bytes)."""
    try:
        value = base64.b64decode(tombstone.signature.encode("ascii"), validate=True)
    except ValueError:
        return False
    return len(value) == 64 and verifier(public_key, value, signed_bytes(tombstone))


def to_dict(tombstone: Tombstone) -> dict[str, Json]:
    """Return the JSON object of a tombstone; times as ``YYYY-MM-DDTHH:MM:SS.ffffffZ`` (UTC)."""
    # Left out where there is none: as tombstones were signed before there was one.
    target: dict[str, Json] = {} if tombstone.target is None else {"target": tombstone.target}
    return {
        **target,
        "erasure": tombstone.erasure,
        "device": tombstone.device,
        "reason": tombstone.reason.value,
        "executed_at": format_time(tombstone.executed_at),
        "recordings": list(tombstone.recordings),
        "subjects": list(tombstone.subjects),
        "counts": {name: count for name, count in tombstone.counts},
        "signature": tombstone.signature,
    }


def from_dict(value: Mapping[str, object]) -> Tombstone:
    """Parse a received tombstone strictly: nothing but codes, counts and random ids passes.

    Raises InvalidInput.
    """
    if set(value) - {"target"} != _FIELDS:
        raise _malformed("Its fields are not those of a tombstone.")
    try:
        reason = ErasureReason(_text(value["reason"]))
    except ValueError as error:
        raise _malformed("Its reason is unknown.") from error
    if ("target" in value) != (reason is ErasureReason.DEVICE_GIVEN_UP):
        raise _malformed("A workstation is named by the order that gives it up, and only there.")
    return Tombstone(
        erasure=ErasureId(_uuid(value["erasure"])),
        device=DeviceId(_uuid(value["device"])),
        reason=reason,
        executed_at=parse_time(_text(value["executed_at"])),
        recordings=tuple(RecordingId(_uuid(item)) for item in _list(value["recordings"])),
        subjects=tuple(SubjectPseudonym(_pseudonym(item)) for item in _list(value["subjects"])),
        counts=_counts(value["counts"]),
        signature=_text(value["signature"]),
        target=DeviceId(_uuid(value["target"])) if "target" in value else None,
    )


def format_time(when: datetime) -> str:
    """Return an aware time as UTC text with microseconds and ``Z`` (RFC 3339)."""
    # Four times as fast as strftime; every entry of the audit log comes through here.
    return when.astimezone(UTC).isoformat(timespec="microseconds")[:-6] + "Z"


def parse_time(text: str) -> datetime:
    """Parse what :func:`format_time` writes. Raises InvalidInput."""
    if not _TIME.fullmatch(text):
        raise _malformed("Its time is malformed.")
    try:
        return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
    except ValueError as error:
        raise _malformed("Its time does not exist.") from error


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise _malformed("A field is not text.")
    return value


def _uuid(value: object) -> str:
    text = _text(value)
    try:
        canonical = str(uuid.UUID(text))
    except ValueError as error:
        raise _malformed("An identifier is malformed.") from error
    if canonical != text:
        raise _malformed("An identifier is malformed.")
    return text


def _pseudonym(value: object) -> str:
    text = _text(value)
    if not _PSEUDONYM.fullmatch(text):
        raise _malformed("A pseudonym is malformed.")
    return text


def _list(value: object) -> list[object] | tuple[object, ...]:
    if not isinstance(value, list | tuple) or len(value) > _MAX_ITEMS:
        raise _malformed("A list is malformed.")
    return value


def _counts(value: object) -> tuple[tuple[str, int], ...]:
    if not isinstance(value, dict):
        raise _malformed("Its counts are malformed.")
    counts: list[tuple[str, int]] = []
    for name, count in sorted(value.items()):
        plain = isinstance(count, int) and not isinstance(count, bool) and 0 <= count < 2**53
        if not (isinstance(name, str) and _COUNT_NAME.fullmatch(name) and plain):
            raise _malformed("Its counts are malformed.")
        counts.append((name, count))
    return tuple(counts)


def _malformed(why: str) -> InvalidInput:
    return InvalidInput("A tombstone cannot be used.", why)
