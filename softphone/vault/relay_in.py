"""Recordings of other workstations that the server brings: fetched, waiting, taken in, refused."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from softphone.app.ports.relay import Incoming
from softphone.domain.audit import Action, AuditDraft, DataCategory, Result
from softphone.domain.errors import (
    Damaged,
    InvalidInput,
    NotFound,
    Refused,
    ServerMisbehaved,
)
from softphone.domain.ids import DeviceId, RecordingId
from softphone.domain.relay import (
    ADDRESS_VALID_FOR,
    LARGEST_PACKAGE,
    MOST_PACKAGES,
    PackageOutcome,
    PackageRefusal,
    RelayedPackage,
    Settled,
    WaitingPackage,
)
from softphone.paths import private_folder
from softphone.vault.core import Core
from softphone.vault.package_format import CLOCKS_DIFFER, PackageRefused, Receipt, signed
from softphone.vault.package_job import Stepwise
from softphone.vault.packages import Packages
from softphone.vault.relay_out import RelayOut
from softphone.vault.times import from_micros, to_micros

MOST_BYTES = 4 * LARGEST_PACKAGE
"""Of all packages that are here at a time; further ones stay at the server meanwhile."""
_COMING, _WAITING, _SETTLED, _TOLD = "coming", "waiting", "settled", "told"
_WORDS = {
    PackageRefusal.STRANGER: "Nobody has endorsed the workstation that it comes from.",
    PackageRefusal.TOO_LARGE: "It is larger than any recording may be.",
    PackageRefusal.HERE_ALREADY: "It was taken in before.",
    PackageRefusal.NOT_IN_TIME: "Nobody took it in before its address ended.",
}


class RelayIn:
    """What comes in. Nothing of a package is opened before a listener takes it in."""

    def __init__(self, core: Core, packages: Packages, out: RelayOut) -> None:
        self._core = core
        self._packages = packages
        self._out = out

    def offered(self, offers: Sequence[RelayedPackage]) -> list[Incoming]:
        """Return what to fetch; refuse or drop the rest. Raises ServerMisbehaved."""
        own = self._core.device.device
        if any(one.receiver != own for one in offers) or len(offers) > MOST_PACKAGES:
            raise ServerMisbehaved(
                "The synchronisation server was refused.",
                "It offers packages of other workstations, or far too many.",
                "Tell your administrator.",
            )
        self._end_old()
        self._drop_all_but({one.package for one in offers})
        for offer in offers:
            self._consider(offer)
        private_folder(self._core.profile.incoming)
        rows = self._core.connection.execute(
            "SELECT package, size, sha256 FROM incoming_packages WHERE state = ?"
            " ORDER BY ends_at, package",
            (_COMING,),
        ).fetchall()
        return [Incoming(p, size, sha256, self._part(p)) for p, size, sha256 in rows]

    def _consider(self, offer: RelayedPackage) -> None:
        """Put down what becomes of an offer that is new, or that the server tells otherwise."""
        row = self._core.connection.execute(
            "SELECT device, size, sha256, state FROM incoming_packages WHERE package = ?",
            (offer.package,),
        ).fetchone()
        if row is not None:
            if row[3] == _TOLD:
                self._put_state(offer.package, _SETTLED)
            elif row[3] == _COMING and row[:3] != (offer.sender, offer.size, offer.sha256):
                self.refuse(offer.package, "The server describes it otherwise than before.")
            return
        if self._taken_in(offer.package):
            why = PackageRefusal.HERE_ALREADY
        elif self._core.policy.device(offer.sender) is None:
            why = PackageRefusal.STRANGER
        elif offer.size > LARGEST_PACKAGE:
            why = PackageRefusal.TOO_LARGE
        elif self._bytes_here() + offer.size > MOST_BYTES:
            return
        else:
            self._put(offer, _COMING, PackageRefusal.NONE)
            return
        self._audit_refusal(offer.package, offer.sender, _WORDS[why])
        self._put(offer, _SETTLED, why)

    def arrived(self, package: str) -> None:
        """A package is here whole."""
        self._part(package).replace(self._file(package))
        self._put_state(package, _WAITING)

    def refuse(self, package: str, why: str) -> None:
        """A package is not the one that was announced."""
        device = self._sender(package)
        self._audit_refusal(package, device, why)
        self._settle(package, PackageRefusal.UNUSABLE)

    def settled(self) -> list[Settled]:
        """Return what the server does not know yet, signed."""
        rows = self._core.connection.execute(
            "SELECT package, why FROM incoming_packages WHERE state = ?", (_SETTLED,)
        ).fetchall()
        return [self._receipt(package, PackageRefusal(why)) for package, why in rows]

    def told(self, package: str) -> None:
        """The server knows. The row stays until its end: nothing is fetched a second time."""
        self._put_state(package, _TOLD)

    def waiting(self) -> list[WaitingPackage]:
        """Return what waits for somebody who may take it in, oldest first."""
        rows = self._core.connection.execute(
            "SELECT package, device, size, ends_at FROM incoming_packages"
            " WHERE state = ? AND ends_at > ? ORDER BY ends_at, package",
            (_WAITING, to_micros(self._core.clock.now())),
        ).fetchall()
        return [
            WaitingPackage(p, DeviceId(d), self._out.label(d), size, from_micros(ends_at))
            for p, d, size, ends_at in rows
        ]

    def begin(self, package: str, draft: AuditDraft) -> Stepwise[RecordingId]:
        """Begin to take a package in. Raises NotFound."""
        row = self._core.connection.execute(
            "SELECT device, size FROM incoming_packages WHERE package = ? AND state = ?",
            (package, _WAITING),
        ).fetchone()
        if row is None:
            raise NotFound("Nothing was taken in.", "The recording waits no longer.")
        steps = self._packages.receiving(self._file(package), draft, (package, str(row[0])))
        return Stepwise(
            steps,
            int(row[1]),
            lambda _recording: self._settle(package, PackageRefusal.NONE),
            lambda error: self._failed(package, error),
        )

    def _failed(self, package: str, error: Exception) -> None:
        """Settle what no other try would change; a full disk or a closed window is none of it."""
        if isinstance(error, PackageRefused):
            # A crash may have come between taking it in and noting that.
            was_it = error.refusal is PackageRefusal.HERE_ALREADY and self._taken_in(package)
            self._settle(package, PackageRefusal.NONE if was_it else error.refusal)
        elif isinstance(error, Refused):
            self._settle(package, PackageRefusal.ERASED)
        elif isinstance(error, InvalidInput | Damaged):
            self._settle(package, PackageRefusal.UNUSABLE)

    def _settle(self, package: str, why: PackageRefusal) -> None:
        with self._core.deeds.transaction() as connection:
            connection.execute(
                "UPDATE incoming_packages SET state = ?, why = ? WHERE package = ?",
                (_SETTLED, why.value, package),
            )
        self._remove(package)

    def _end_old(self) -> None:
        """Drop what is past its time; what a person has not taken in is logged."""
        now = to_micros(self._core.clock.now())
        rows = self._core.connection.execute(
            "SELECT package, device, state FROM incoming_packages WHERE ends_at <= ?", (now,)
        ).fetchall()
        for package, device, state in rows:
            if state == _WAITING:
                self._audit_refusal(package, device, _WORDS[PackageRefusal.NOT_IN_TIME])
            self._forget(package)

    def _drop_all_but(self, offered: set[str]) -> None:
        """Drop what the server offers no longer: its sender withdrew it, or it ended."""
        rows = self._core.connection.execute(
            "SELECT package, device, state FROM incoming_packages WHERE state IN (?, ?)",
            (_COMING, _WAITING),
        ).fetchall()
        for package, device, state in rows:
            if package in offered:
                continue
            if state == _WAITING:
                self._audit_refusal(package, device, "It was withdrawn before it was taken in.")
            self._forget(package)

    def _receipt(self, package: str, why: PackageRefusal) -> Settled:
        device = self._core.device
        taken = why is PackageRefusal.NONE
        outcome = PackageOutcome.TAKEN_IN if taken else PackageOutcome.REFUSED
        note = signed(Receipt(package, device.device, outcome, why), device)
        return Settled(package, outcome, why, note)

    def _put(self, offer: RelayedPackage, state: str, why: PackageRefusal) -> None:
        # A server that promises years does not fill this table.
        last = self._core.clock.now() + ADDRESS_VALID_FOR + CLOCKS_DIFFER
        with self._core.deeds.transaction() as connection:
            connection.execute(
                "INSERT INTO incoming_packages VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    offer.package,
                    offer.sender,
                    offer.size,
                    offer.sha256,
                    state,
                    why.value,
                    to_micros(min(offer.ends_at, last)),
                ),
            )

    def _put_state(self, package: str, state: str) -> None:
        with self._core.deeds.transaction() as connection:
            connection.execute(
                "UPDATE incoming_packages SET state = ? WHERE package = ?", (state, package)
            )

    def _forget(self, package: str) -> None:
        with self._core.deeds.transaction() as connection:
            connection.execute("DELETE FROM incoming_packages WHERE package = ?", (package,))
        self._remove(package)

    def _audit_refusal(self, package: str, device: str, why: str) -> None:
        draft = AuditDraft(
            Action.RECORDING_RECEIVED,
            DataCategory.RECORDING,
            result=Result.REFUSED,
            detail={"device": device, "package": package, "why": why},
        )
        with self._core.deeds.deed(draft):
            pass

    def _taken_in(self, package: str) -> bool:
        found = self._core.connection.execute(
            "SELECT 1 FROM received_recordings WHERE package = ?", (package,)
        ).fetchone()
        return found is not None

    def _sender(self, package: str) -> str:
        row = self._core.connection.execute(
            "SELECT device FROM incoming_packages WHERE package = ?", (package,)
        ).fetchone()
        return "" if row is None else str(row[0])

    def _bytes_here(self) -> int:
        row = self._core.connection.execute(
            "SELECT coalesce(sum(size), 0) FROM incoming_packages WHERE state IN (?, ?)",
            (_COMING, _WAITING),
        ).fetchone()
        return int(row[0])

    def _file(self, package: str) -> Path:
        return self._core.profile.incoming / package

    def _part(self, package: str) -> Path:
        return self._core.profile.incoming / f"{package}.part"

    def _remove(self, package: str) -> None:
        for file in (self._file(package), self._part(package)):
            file.unlink(missing_ok=True)
