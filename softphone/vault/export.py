"""A recording as an age file of its own: fresh keys, opens with the age command."""

from __future__ import annotations

from softphone.app.ports import ExportOrder, OnProgress, RecordingReader
from softphone.domain.errors import Cancelled, InvalidInput
from softphone.vault.delivery import sealed
from softphone.vault.recipients import WORK_FACTOR, Passphrase, Recipient, parse_recipient
from softphone.vault.stream import CHUNK

_STEP = 16 * CHUNK


class AgeExporter:
    """Writes age v1 files for an X25519 or hybrid recipient, or for a passphrase."""

    def __init__(self, *, work_factor: int = WORK_FACTOR) -> None:
        self._work_factor = work_factor

    def export(self, reader: RecordingReader, order: ExportOrder, on_progress: OnProgress) -> None:
        """Seal the recording's audio as it is. Raises as ``RecordingExporter`` says."""
        recipient = self._recipient(order)
        with sealed(order.destination, recipient) as file:
            done = 0
            while done < reader.size:
                part = reader.read_at(done, _STEP)
                file.write(part)
                done += len(part)
                if not on_progress(done, reader.size):
                    raise Cancelled("The export was cancelled.")

    def _recipient(self, order: ExportOrder) -> Recipient:
        if bool(order.recipient) == bool(order.passphrase):
            raise InvalidInput(
                "The recording was not exported.",
                "An age file is for one recipient or for one passphrase.",
                "Give one of them.",
            )
        if order.recipient:
            return parse_recipient(order.recipient.strip())
        return Passphrase(order.passphrase, work_factor=self._work_factor)
