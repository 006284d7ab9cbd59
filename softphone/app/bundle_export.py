"""The whole log as a provable bundle, written in steps that can be stopped."""

from __future__ import annotations

from pathlib import Path

from softphone.app.ports import BundleWriter, Vault
from softphone.domain.audit import AuditDraft
from softphone.domain.errors import SoftphoneError

_LINES = 2000
"""Lines a step, so that the vault serves others in between."""


class BundleExport:
    """An export that goes on in steps, each on the vault's thread."""

    def __init__(
        self, vault: Vault, writer: BundleWriter, destination: Path, failed: AuditDraft
    ) -> None:
        self._vault = vault
        self._failed = failed
        bundle = vault.audit_bundle()
        self.total = bundle.entries
        self.done = 0
        self._parts = writer.parts(bundle, destination, _LINES)

    def step(self) -> bool:
        """Write the next lines; True when the bundle is in its place.

        Raises InvalidInput, StorageFailed, both logged; then nothing is left of it.
        """
        try:
            written = next(self._parts, None)
        except SoftphoneError:
            self._vault.append_audit(self._failed)
            raise
        if written is None:
            return True
        self.done = min(written, self.total)
        return False

    def cancel(self) -> None:
        """Stop; nothing is left of the bundle, and the log says that it failed."""
        self._parts.close()
        self._vault.append_audit(self._failed)
