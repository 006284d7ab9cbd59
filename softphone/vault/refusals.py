"""Openings of the vault that were refused because of damage or a bad policy.

They are kept beside the vault until somebody gets in and the log has them: what cannot be opened
cannot be written to either.
"""

from __future__ import annotations

import logging
from datetime import datetime
from pathlib import Path

import msgspec

from softphone.app.ports import Clock
from softphone.domain.audit import Action, AuditDraft, DataCategory, Result
from softphone.domain.errors import PolicyInvalid, SoftphoneError
from softphone.paths import write_private

log = logging.getLogger(__name__)
KEPT = 50
"""The first ones of these, then the newest: whoever tries again all day fills nothing."""


class _Refusal(msgspec.Struct, frozen=True):
    at: datetime
    policy: bool
    what: str
    why: str


class Refusals:
    """Notes in a small file; sentences only, which name nobody."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self._path = path
        self._clock = clock

    def note(self, error: SoftphoneError) -> None:
        """Keep a refusal for the log. A disk that cannot take it changes nothing."""
        new = _Refusal(self._clock.now(), isinstance(error, PolicyInvalid), error.what, error.why)
        known = self._read()
        kept = (*known[: KEPT - 1], new)
        try:
            write_private(self._path, msgspec.json.encode(kept))
        except OSError:
            log.warning("a refused opening of the vault could not be noted")

    def drafts(self) -> list[AuditDraft]:
        """Return what the log has to say of them."""
        return [
            AuditDraft(
                Action.POLICY_REJECTED if known.policy else Action.OPENING_REFUSED,
                DataCategory.RIGHTS if known.policy else DataCategory.SIGN_IN,
                result=Result.REFUSED,
                detail={"at": known.at.isoformat(), "what": known.what, "why": known.why},
            )
            for known in self._read()
        ]

    def forget(self) -> None:
        """The log has them."""
        self._path.unlink(missing_ok=True)

    def _read(self) -> tuple[_Refusal, ...]:
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=tuple[_Refusal, ...])
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
            return ()
