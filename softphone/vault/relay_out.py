"""Addresses of other workstations, and recordings that are on their way to them."""

from __future__ import annotations

import hashlib
from collections.abc import Generator, Sequence
from contextlib import suppress
from pathlib import Path

from softphone.app.ports.relay import Outgoing
from softphone.domain.audit import AuditDraft
from softphone.domain.errors import InvalidInput, NotFound, ServerMisbehaved
from softphone.domain.ids import DeviceId, RecordingId
from softphone.domain.relay import (
    ADDRESS_VALID_FOR,
    LARGEST_PACKAGE,
    OPEN_STATES,
    AddressOffer,
    Correspondent,
    PackageOutcome,
    PackageRefusal,
    SendState,
    SentPackage,
)
from softphone.paths import private_folder
from softphone.vault.core import Core
from softphone.vault.journal import payload_path
from softphone.vault.package_format import (
    CLOCKS_DIFFER,
    LARGEST_NOTE,
    Address,
    PackageNote,
    PackageRefused,
    Receipt,
    read_signed,
)
from softphone.vault.package_job import Stepwise
from softphone.vault.packages import Packages
from softphone.vault.times import from_micros, to_micros

_BLOCK = 1 << 20
_OPEN = tuple(state.value for state in OPEN_STATES)


class RelayOut:
    """What goes out. A sealed file lies here until the server has all of it."""

    def __init__(self, core: Core, packages: Packages) -> None:
        self._core = core
        self._packages = packages
        self._being_made = 0
        self._swept = False

    # addresses
    def own_notes(self) -> list[str]:
        """Return the own addresses that hold: not ended, and for the listeners of today."""
        core = self._core
        rows = core.connection.execute(
            "SELECT note FROM handover_keys WHERE note <> '' AND expires_at > ? ORDER BY team",
            (to_micros(core.clock.now()),),
        ).fetchall()
        return [note for (note,) in rows if self._of_today(note)]

    def own_addresses(self) -> list[Correspondent]:
        """Return the same for people."""
        known = [self._own(note) for note in self.own_notes()]
        return [Correspondent(DeviceId(a.device), "", a.team, a.not_after) for a in known]

    def _own(self, note: str) -> Address:
        return read_signed(Address, note, self._core.policy, self._core.device)

    def _of_today(self, note: str) -> bool:
        try:
            address = self._own(note)
        except PackageRefused:
            # Of the device that this vault was before it was restored.
            return False
        newest = self._core.policy.group_for_team(address.team)
        return newest is not None and address.targets[0].group == newest.id

    def wanted(self, offers: Sequence[AddressOffer]) -> list[AddressOffer]:
        """Return which offered addresses to fetch; forget what is offered no longer."""
        core = self._core
        offered = {one.digest for one in offers}
        rows = core.connection.execute("SELECT digest FROM relay_addresses").fetchall()
        known = {digest for (digest,) in rows}
        if gone := known - offered:
            with core.deeds.transaction() as connection:
                connection.executemany(
                    "DELETE FROM relay_addresses WHERE digest = ?", [(digest,) for digest in gone]
                )
        endorsed = {device.device for device in core.policy.devices}
        return [
            one
            for one in offers
            if one.digest not in known
            and one.device in endorsed
            and one.device != core.device.device
        ]

    def keep(self, offer: AddressOffer, note: str) -> None:
        """Keep an address. Raises ServerMisbehaved for one that does not hold."""
        core = self._core
        now = core.clock.now()
        try:
            if hashlib.sha256(note.encode("utf-8")).hexdigest() != offer.digest:
                raise InvalidInput("", "It is not the one that was offered.")
            address = read_signed(Address, note, core.policy, core.device)
            if address.device != offer.device:
                raise InvalidInput("", "It is that of another workstation.")
            if not now < address.not_after <= now + ADDRESS_VALID_FOR + CLOCKS_DIFFER:
                raise InvalidInput("", "It is out of date, or one of the two clocks is wrong.")
        except InvalidInput as error:
            raise ServerMisbehaved(
                "The address of another workstation was refused.",
                error.why,
                "Tell your administrator.",
            ) from error
        with core.deeds.transaction() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO relay_addresses VALUES (?, ?, ?, ?, ?)",
                (offer.digest, address.device, address.team, note, to_micros(address.not_after)),
            )

    def correspondents(self) -> list[Correspondent]:
        """Return the workstations that can be sent to, by name."""
        core = self._core
        rows = core.connection.execute(
            "SELECT device, team, ends_at FROM relay_addresses WHERE ends_at > ?",
            (to_micros(core.clock.now()),),
        ).fetchall()
        endorsed = {device.device for device in core.policy.devices}
        found = [
            Correspondent(DeviceId(device), self.label(device), team, from_micros(ends_at))
            for device, team, ends_at in rows
            if device in endorsed
        ]
        return sorted(found, key=lambda one: (one.label.casefold(), one.team))

    def label(self, device: str) -> str:
        """Return what people call a workstation, or its identifier."""
        known = self._core.policy.device(DeviceId(device))
        return known.label if known is not None and known.label else device

    # sending
    def begin(
        self, recording: RecordingId, to: Correspondent, draft: AuditDraft
    ) -> Stepwise[PackageNote]:
        """Begin to seal a recording for a workstation. Raises NotFound, InvalidInput."""
        core = self._core
        row = core.connection.execute(
            "SELECT note FROM relay_addresses WHERE device = ? AND team = ? AND ends_at > ?"
            " ORDER BY ends_at DESC",
            (to.device, to.team, to_micros(core.clock.now())),
        ).fetchone()
        if row is None:
            raise NotFound(
                "The recording was not sent.",
                "The server has no address of that workstation.",
                "Ask for a new one there, or hand the recording over as a file.",
            )
        path = payload_path(core.profile.recordings, recording)
        size = path.stat().st_size if path.exists() else 0
        if size + size // 1024 + 2 * LARGEST_NOTE > LARGEST_PACKAGE:
            raise InvalidInput(
                "The recording was not sent.",
                "It is too large for the server.",
                "Hand it over as a file.",
            )
        self.sweep()
        return Stepwise(self._sending(recording, row[0], draft), 3 * size)

    def _sending(
        self, recording: RecordingId, address: str, draft: AuditDraft
    ) -> Generator[int, None, PackageNote]:
        core = self._core
        private_folder(core.profile.outgoing)
        made: list[Path] = []

        def place(package: str) -> Path:
            made.append(self._file(package, recording))
            return made[0]

        self._being_made += 1
        try:
            note = yield from self._packages.sealing(recording, address, place, draft)
            sha256, size = yield from _hashed(made[0])
            with core.deeds.transaction() as connection:
                connection.execute(
                    "INSERT INTO outgoing_packages VALUES (?, ?, ?, ?, ?, ?, '', ?)",
                    (
                        note.package,
                        recording,
                        note.to_device,
                        size,
                        sha256,
                        SendState.WAITING.value,
                        to_micros(core.clock.now()),
                    ),
                )
        except BaseException:
            for file in made:
                file.unlink(missing_ok=True)
            raise
        finally:
            self._being_made -= 1
        return note

    def outgoing(self) -> list[Outgoing]:
        """Return what is under way, oldest first."""
        self.sweep()
        rows = self._core.connection.execute(
            "SELECT p.package, p.recording_id, p.device, p.size, p.sha256, p.state"
            " FROM outgoing_packages p JOIN recordings r ON r.id = p.recording_id"
            " WHERE p.state IN (?, ?) ORDER BY p.made_at, p.package",
            _OPEN,
        ).fetchall()
        return [
            Outgoing(
                package,
                DeviceId(device),
                size,
                sha256,
                SendState(state),
                self._file(package, RecordingId(recording)),
            )
            for package, recording, device, size, sha256, state in rows
        ]

    def withdrawn(self) -> list[str]:
        """Return packages whose recording is gone."""
        rows = self._core.connection.execute(
            "SELECT package FROM outgoing_packages WHERE recording_id NOT IN"
            " (SELECT id FROM recordings)"
        ).fetchall()
        return [package for (package,) in rows]

    def note(self, package: str, state: SendState, why: PackageRefusal) -> None:
        """Note how far a package got; only one that waits keeps its file."""
        core = self._core
        with core.deeds.transaction() as connection:
            connection.execute(
                "UPDATE outgoing_packages SET state = ?, why = ? WHERE package = ?",
                (state.value, why.value, package),
            )
        if state is not SendState.WAITING:
            self._remove(package)

    def note_receipt(self, package: str, receipt: str) -> None:
        """Note what the receiver says. Raises ServerMisbehaved when it does not say it."""
        core = self._core
        row = core.connection.execute(
            "SELECT device FROM outgoing_packages WHERE package = ?", (package,)
        ).fetchone()
        try:
            said = read_signed(Receipt, receipt, core.policy, core.device)
            if row is None or (said.package, said.device) != (package, row[0]):
                raise InvalidInput("", "It is about another package or of another workstation.")
        except InvalidInput as error:
            raise ServerMisbehaved(
                "The receipt of a recording was refused.", error.why, "Tell your administrator."
            ) from error
        taken = said.outcome is PackageOutcome.TAKEN_IN
        self.note(package, SendState.TAKEN_IN if taken else SendState.REFUSED, said.why)

    def forget(self, package: str) -> None:
        """Forget a package and its file."""
        with self._core.deeds.transaction() as connection:
            connection.execute("DELETE FROM outgoing_packages WHERE package = ?", (package,))
        self._remove(package)

    def sent(self) -> list[SentPackage]:
        """Return what was sent, newest first."""
        rows = self._core.connection.execute(
            "SELECT p.package, p.recording_id, p.device, p.state, p.why, p.made_at"
            " FROM outgoing_packages p JOIN recordings r ON r.id = p.recording_id"
            " ORDER BY p.made_at DESC, p.package"
        ).fetchall()
        return [
            SentPackage(
                package,
                RecordingId(recording),
                DeviceId(device),
                self.label(device),
                SendState(state),
                PackageRefusal(why),
                from_micros(made_at),
            )
            for package, recording, device, state, why, made_at in rows
        ]

    def put_away(self, package: str) -> None:
        """Forget one that came to its end; of others nothing is changed."""
        with self._core.deeds.transaction() as connection:
            connection.execute(
                "DELETE FROM outgoing_packages WHERE package = ? AND state NOT IN (?, ?)",
                (package, *_OPEN),
            )

    def sweep(self) -> None:
        """Delete what a crash left half made; once, and not while something is being made."""
        folder = self._core.profile.outgoing
        if self._swept or self._being_made or not folder.is_dir():
            return
        self._swept = True
        rows = self._core.connection.execute(
            "SELECT package, recording_id FROM outgoing_packages WHERE state = ?",
            (SendState.WAITING.value,),
        ).fetchall()
        wanted = {f"{package}.{recording}" for package, recording in rows}
        for file in folder.iterdir():
            if file.name not in wanted:
                with suppress(FileNotFoundError):
                    file.unlink()

    def _file(self, package: str, recording: RecordingId) -> Path:
        # By the recording's name the file goes with it, in the middle of an erasure.
        return self._core.profile.outgoing / f"{package}.{recording}"

    def _remove(self, package: str) -> None:
        for file in self._core.profile.outgoing.glob(f"{package}.*"):
            file.unlink(missing_ok=True)


def _hashed(file: Path) -> Generator[int, None, tuple[str, int]]:
    """Return hash and size of a file, yielding after each block its bytes."""
    digest, size = hashlib.sha256(), 0
    with file.open("rb") as source:
        while block := source.read(_BLOCK):
            digest.update(block)
            size += len(block)
            yield len(block)
    return digest.hexdigest(), size
