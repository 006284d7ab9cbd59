"""The receipt of an erasure as a file: it names the erasure, never the person."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from softphone.domain.errors import InvalidInput
from softphone.domain.ids import ErasureId
from softphone.domain.privacy import ErasureReason, ErasureReceipt
from softphone.domain.tombstone import format_time, parse_time

FORMAT = "softphone-erasure-receipt/1"


@dataclass(frozen=True, slots=True)
class ReadReceipt:
    """A receipt that was read from a file, with the key that its log is said to have."""

    receipt: ErasureReceipt
    log_key: str


def receipt_json(receipt: ErasureReceipt, log_key: str) -> str:
    """Return the receipt as JSON text; ``log_key`` is the C2SP verifier key of the log."""
    return json.dumps(
        {
            "format": FORMAT,
            "erasure": receipt.erasure,
            "executed_at": format_time(receipt.executed_at),
            "reason": receipt.reason.value,
            "counts": dict(receipt.counts),
            "remains_found": receipt.remains_found,
            "entry": receipt.entry_index,
            "checkpoint": receipt.checkpoint,
            "log_key": log_key,
        },
        indent=2,
    )


def parse_receipt(text: str) -> ReadReceipt:
    """Parse a receipt strictly. Raises InvalidInput."""
    try:
        value: Any = json.loads(text)
        if value["format"] != FORMAT:
            raise ValueError("another format")
        counts = tuple((str(name), int(count)) for name, count in value["counts"].items())
        receipt = ErasureReceipt(
            ErasureId(str(value["erasure"])),
            parse_time(str(value["executed_at"])),
            ErasureReason(str(value["reason"])),
            counts,
            int(value["remains_found"]),
            int(value["entry"]),
            str(value["checkpoint"]),
        )
        return ReadReceipt(receipt, str(value["log_key"]))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InvalidInput(
            "The receipt cannot be read.",
            "It is not a receipt of an erasure, or it was changed.",
            "Take the file as it was handed out.",
        ) from error
