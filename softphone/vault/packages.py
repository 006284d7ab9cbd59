"""Recordings handed to another workstation as sealed packages, and taken in from one.

The header is wrapped for the receiving listeners by somebody who may hear the recording here;
the payload and its file key stay. The receiving side needs no key to take it in, and hears it
only with its listeners' keys. A recording keeps its identifier, so that tombstones find it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO, cast

from softphone.domain.audit import AuditDraft
from softphone.domain.errors import Damaged, InvalidInput, NotFound, Refused, StorageFailed
from softphone.domain.ids import RecordingId, UserId, new_id
from softphone.domain.recording import Manifest, SealedRecording
from softphone.domain.relay import ADDRESS_VALID_FOR, PackageRefusal
from softphone.paths import private_file, private_folder
from softphone.vault.age_format import header_bytes, parse_header, read_header
from softphone.vault.backup import PlainStream
from softphone.vault.core import Core
from softphone.vault.delivery import sealed as sealed_file
from softphone.vault.groups import seal_targets
from softphone.vault.heard import joined
from softphone.vault.journal import payload_path
from softphone.vault.package_format import (
    CLOCKS_DIFFER,
    LARGEST_ADDRESS,
    LARGEST_NOTE,
    MARK,
    Address,
    PackageNote,
    read_signed,
    signed,
    unusable,
)
from softphone.vault.package_job import finished
from softphone.vault.payloads import comparing
from softphone.vault.recipients import (
    HybridIdentity,
    NotForMe,
    parse_recipient,
    unwrap_file_key,
    wrap_file_key,
)
from softphone.vault.recordings import RecordingStore
from softphone.vault.stream import decrypt
from softphone.vault.times import to_micros

_BLOCK = 1 << 20


class Packages:
    """Gives out addresses, makes packages, takes them in."""

    def __init__(self, core: Core, recordings: RecordingStore) -> None:
        self._core = core
        self._recordings = recordings

    def address(self, team: str, destination: Path | None, draft: AuditDraft) -> None:
        """Make the team's address anew; what was sealed for an earlier one opens no more.

        It is written to a file where one is named, and offered through the server.
        Raises NotFound (a team without listeners), StorageFailed.
        """
        core = self._core
        group = core.policy.group_for_team(team)
        if group is None or not group.members:
            raise NotFound("There is no address.", "Nobody may hear recordings of this team.")
        identity = HybridIdentity.generate()
        nobody = replace(core.user, id=UserId(""), role="")
        not_after = core.clock.now() + ADDRESS_VALID_FOR
        address = Address(
            core.device.device,
            team,
            seal_targets(core.policy, team, nobody),
            identity.recipient(),
            not_after,
        )
        note = signed(address, core.device)
        with core.deeds.deed(draft) as connection:
            connection.execute("DELETE FROM handover_keys WHERE team = ?", (team,))
            connection.execute(
                "INSERT INTO handover_keys VALUES (?, ?, ?, ?, ?)",
                (address.recipient, team, identity.seed, to_micros(not_after), note),
            )
        if destination is not None:
            with private_file(destination) as out:
                out.write(note.encode())

    def hand_over(
        self, recording: RecordingId, address: Path, destination: Path, draft: AuditDraft
    ) -> None:
        """Write a package for the workstation of an address. Raises as ``HandOverStore`` says."""
        with _reading(address) as source:
            text = source.read(LARGEST_ADDRESS).decode("utf-8", "replace")
        finished(self.sealing(recording, text, lambda _package: destination, draft))

    def sealing(
        self,
        recording: RecordingId,
        address: str,
        place: Callable[[str], Path],
        draft: AuditDraft,
    ) -> Generator[int, None, PackageNote]:
        """Write a package to the place for its number, yielding after each block its bytes."""
        core = self._core
        to = read_signed(Address, address, core.policy, core.device)
        if to.device == core.device.device:
            raise unusable("The address is this workstation's own.")
        if to.not_after <= core.clock.now():
            raise unusable("The address is out of date.")
        known, payload = self._sealed_for(recording, to)
        manifest = known.manifest
        problem = yield from comparing(payload, manifest.payload_sha256, manifest.payload_bytes)
        if problem:
            raise Damaged("The recording was not handed over.", problem)
        note = PackageNote(
            new_id(),
            core.device.device,
            to.device,
            to.recipient,
            core.clock.now(),
            core.member_name(known.agent) or self._agent_name(recording),
            known,
            tuple(number for _, number in joined(core, recording)),
        )
        said = signed(note, core.device).encode()
        detail = {**draft.detail, "device": to.device, "package": note.package}
        # The entry comes first: what was begun is in the log though the file should fail.
        with core.deeds.deed(replace(draft, detail=detail)):
            pass
        with sealed_file(place(note.package), parse_recipient(to.recipient)) as file:
            file.write(MARK + len(said).to_bytes(4, "big") + said)
            with payload.open("rb") as source:
                while block := source.read(_BLOCK):
                    file.write(block)
                    yield len(block)
        return note

    def receive(self, file: Path, draft: AuditDraft) -> RecordingId:
        """Take a package in. Raises as ``HandOverStore`` says; then nothing is changed."""
        return finished(self.receiving(file, draft))

    def receiving(
        self, file: Path, draft: AuditDraft, announced: tuple[str, str] | None = None
    ) -> Generator[int, None, RecordingId]:
        """Take a package in, yielding after each block its bytes.

        ``announced``: the number and the sender that the server told.
        """
        try:
            with _reading(file) as source:
                note, team, target = yield from self._unpacked(source, announced)
        except Damaged as error:
            raise unusable("It is damaged or of another kind.") from error
        try:
            taken = replace(note.sealed, team=team)
            detail = {**draft.detail, "device": note.device, "package": note.package}
            entry = replace(draft, object_id=note.sealed.manifest.recording, detail=detail)
            self._recordings.take_in(taken, entry, came_from=note)
        except BaseException:
            target.unlink(missing_ok=True)
            raise
        return note.sealed.manifest.recording

    def _unpacked(
        self, source: BinaryIO, announced: tuple[str, str] | None
    ) -> Generator[int, None, tuple[PackageNote, str, Path]]:
        """Check a package and write its payload; return its note, the team here, the payload."""
        plain = self._opened(source)
        if plain.read(len(MARK)) != MARK:
            raise unusable("It is damaged or of another kind.")
        length = int.from_bytes(plain.read(4), "big")
        if length > LARGEST_NOTE:
            raise unusable("It is damaged or of another kind.")
        said = plain.read(length).decode("utf-8", "replace")
        note = read_signed(PackageNote, said, self._core.policy, self._core.device)
        if announced is not None and announced != (note.package, note.device):
            raise unusable("It is another package than the server announced.")
        team = self._checked(note)
        target = payload_path(self._core.profile.recordings, note.sealed.manifest.recording)
        private_folder(target.parent)
        yield from _copy(plain, target, note.sealed.manifest)
        return note, team, target

    def _sealed_for(self, recording: RecordingId, to: Address) -> tuple[SealedRecording, Path]:
        """Return a recording with its header wrapped for an address, and its payload's path."""
        core = self._core
        row = self._recordings.get(recording)
        header, (number, sha256, size, rate) = self._recordings.header_of(recording)
        if not row.complete:
            raise Damaged(
                "The recording was not handed over.",
                "A crash cut it off, and nobody has closed it yet.",
                "Listen to it once.",
            )
        path = payload_path(core.profile.recordings, recording)
        file_key = unwrap_file_key(header, list(core.groups.values()))
        recipients = [parse_recipient(target.recipient) for target in to.targets]
        stanzas = wrap_file_key(recipients, file_key)
        fresh = parse_header(header_bytes(stanzas, file_key))
        manifest = Manifest(recording, sha256, size, row.audio_ms, row.codec, rate, row.gaps)
        return SealedRecording(
            manifest=manifest,
            call=row.call,
            agent=row.agent,
            team=row.team,
            direction=row.direction,
            number=number,
            started_at=row.started_at,
            group=to.targets[0].group,
            stanzas=fresh.stanzas,
            header_mac=fresh.mac,
        ), path

    def _agent_name(self, recording: RecordingId) -> str:
        return self._recordings.get(recording).agent_name

    def _opened(self, source: BinaryIO) -> PlainStream:
        """Open the outer seal by a key of this workstation's addresses. Raises InvalidInput."""
        connection = self._core.connection
        now = to_micros(self._core.clock.now())
        with self._core.deeds.transaction():
            connection.execute("DELETE FROM handover_keys WHERE expires_at <= ?", (now,))
        seeds = connection.execute("SELECT seed FROM handover_keys").fetchall()
        try:
            header = read_header(source)
            file_key = unwrap_file_key(header, [HybridIdentity(bytes(s)) for (s,) in seeds])
        except NotForMe as error:
            raise unusable(
                "It is not for this workstation, or its address ended.", PackageRefusal.FOREIGN
            ) from error
        return PlainStream(decrypt(source, file_key))

    def _checked(self, note: PackageNote) -> str:
        """Return the team that the recording is for here. Raises InvalidInput, Refused."""
        core, sealed = self._core, note.sealed
        row = core.connection.execute(
            "SELECT team FROM handover_keys WHERE recipient = ?", (note.recipient,)
        ).fetchone()
        if row is None or note.to_device != core.device.device:
            raise unusable("It was made for another workstation.", PackageRefusal.FOREIGN)
        if note.device == core.device.device:
            raise unusable("It comes from this workstation itself.")
        now = core.clock.now()
        if not now - ADDRESS_VALID_FOR - CLOCKS_DIFFER <= note.made_at <= now + CLOCKS_DIFFER:
            raise unusable(
                "It is out of date, or one of the two clocks is wrong.", PackageRefusal.OUT_OF_DATE
            )
        team = str(row[0])
        newest = core.policy.group_for_team(team)
        if newest is None or sealed.group != newest.id:
            raise unusable(
                "It is sealed for listeners that have changed since.",
                PackageRefusal.LISTENERS_CHANGED,
            )
        self._refuse_known(note)
        _plain_identifiers(sealed)
        return team

    def _refuse_known(self, note: PackageNote) -> None:
        connection, recording = self._core.connection, note.sealed.manifest.recording
        if connection.execute("SELECT 1 FROM recordings WHERE id = ?", (recording,)).fetchone():
            raise unusable("The recording is here already.", PackageRefusal.HERE_ALREADY)
        if self._recordings.erased(note.sealed, note.joined):
            raise Refused(
                "The recording was not taken in.",
                "It, or a person in it, was erased.",
                "An erasure is for good: delete the package.",
            )


def _plain_identifiers(sealed: SealedRecording) -> None:
    """Refuse identifiers that are none: they become parts of paths. Raises InvalidInput."""
    manifest = sealed.manifest
    ids = (manifest.recording, sealed.call, sealed.agent)
    if not all(len(i) == 36 and set(i) <= set("0123456789abcdef-") for i in ids):
        raise unusable("It is damaged or of another kind.")
    if not manifest.complete or sealed.tail or manifest.payload_bytes <= 0:
        raise unusable("It is damaged or of another kind.")


def _copy(plain: PlainStream, target: Path, manifest: Manifest) -> Generator[int, None, None]:
    """Write the payload and compare it with the note. Raises InvalidInput, StorageFailed."""
    digest, left = hashlib.sha256(), manifest.payload_bytes
    with private_file(target) as out:
        while left > 0 and (block := plain.read(min(_BLOCK, left))):
            digest.update(block)
            out.write(block)
            left -= len(block)
            yield len(block)
        if left or plain.read(1) or digest.hexdigest() != manifest.payload_sha256:
            raise unusable("Its sound is not the one that was handed over.")


@contextmanager
def _reading(file: Path) -> Iterator[BinaryIO]:
    try:
        with file.open("rb") as source:
            yield cast("BinaryIO", source)
    except FileNotFoundError as error:
        raise InvalidInput(
            "The recording was not taken in.", "There is no such file.", "Name another one."
        ) from error
    except OSError as error:
        raise StorageFailed(
            "The recording was not taken in.", "The file cannot be read.", "Try again."
        ) from error
