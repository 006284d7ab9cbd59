"""Recordings handed from one workstation to another as sealed packages."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from softphone.domain.audit import AuditDraft
from softphone.domain.ids import RecordingId


class HandOverStore(Protocol):
    """Makes addresses and packages, and takes packages in."""

    def handover_address(self, team: str, destination: Path | None, draft: AuditDraft) -> None:
        """Make a new address of a team (a signed note); an earlier one ends by it.

        It is written to a file where one is named, and offered through the server.

        Raises NotFound (nobody may hear the team's recordings), StorageFailed.
        """
        ...

    def hand_over(
        self, recording: RecordingId, address: Path, destination: Path, draft: AuditDraft
    ) -> None:
        """Write a recording, sealed for the listeners of an address, into a package.

        Raises NotFound, Refused (no key, restricted), InvalidInput (forged, foreign or old
        address), Damaged (altered, or cut off and not closed), StorageFailed.
        """
        ...

    def receive_package(self, file: Path, draft: AuditDraft) -> RecordingId:
        """Take a recording in from a package; it keeps its identifier.

        Raises InvalidInput (forged, foreign, old, here already), Refused (erased), StorageFailed.
        """
        ...
