"""Backups for the offline recovery key: an age file, the small keys apart, payloads by their hash.

The database is copied through SQLCipher's backup, so it stays encrypted on its way and is of one
moment; the keys of recordings and people are taken out of the copy (vault.backup_keys). A payload
that is there already is not written again; one that no backup row names any more is removed, so
that an erased recording does not live on in the folder.
"""

from __future__ import annotations

import hashlib
import io
import re
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO, BinaryIO, cast

import msgspec

from softphone.app.ports import BackupMade
from softphone.domain.errors import Damaged, InvalidInput, StorageFailed, WrongCredentials
from softphone.domain.ids import RecordingId
from softphone.domain.tombstone import format_time
from softphone.paths import Profile, private_file, private_folder
from softphone.vault.age_format import header_bytes, read_header
from softphone.vault.backup_keys import BackupKeys, keys_file, take_out, write_keys
from softphone.vault.core import Core
from softphone.vault.database import copy_database, write_compact
from softphone.vault.journal import payload_path
from softphone.vault.recipients import (
    HybridIdentity,
    NotForMe,
    new_file_key,
    parse_recipient,
    unwrap_file_key,
    wrap_file_key,
)
from softphone.vault.recovery_words import recovery_identity
from softphone.vault.stream import PayloadWriter, decrypt

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_FORMAT = 2
_KEYS_INSIDE = 1
"""The first format: keys in the database itself."""
_BLOCK = 1 << 20
_PARTS = ("slots", "vault.db")


class BackupManifest(msgspec.Struct, frozen=True):
    """What a backup holds: when (UTC text), of which device, and id, hash, size of each payload.

    ``entries`` says how many its log has; backups of the first format do not say.
    """

    format: int
    made_at: str
    device: str
    payloads: tuple[tuple[str, str, int], ...]
    entries: int = 0

    @property
    def keys_apart(self) -> bool:
        """Whether the small keys are in a file of their own."""
        return self.format != _KEYS_INSIDE


def payload_folder(file: Path) -> Path:
    """Return the folder of payloads beside a backup file."""
    return file.with_name(f"{file.name}.payloads")


def back_up(core: Core, file: Path, keys_at: Path, until: datetime) -> BackupMade:
    """Write a backup, and its keys into a file of their own, which replaces the one before.

    The keys come first: what was erased since the last backup is then out of reach already, though
    the rest should fail. An earlier backup in this place then stays, and the new keys fit it.
    Raises InvalidInput (a place for the keys that cannot be), StorageFailed.
    """
    _check_apart(file, keys_at)
    recipient = next(g.recipient for g in core.policy.groups if g.id.startswith("recovery/"))
    folder = payload_folder(file)
    try:
        private_folder(folder)
        kept, written, damaged = _seal_payloads(core, folder, recipient)
        made_at = format_time(core.clock.now())
        with _copied(core, made_at, format_time(until)) as (keys, copy):
            write_keys(keys_at, keys, core.vault_key, recipient)
            manifest = BackupManifest(
                _FORMAT, made_at, keys.device, tuple(kept), keys.logs[keys.device]
            )
            _write_archive(core, copy, file, recipient, manifest)
        if keys_at != keys_file(file):
            # Of an earlier run that did not part them: it must not outlive its successor.
            keys_file(file).unlink(missing_ok=True)
        wanted = {f"{digest}.age" for _, digest, _ in kept}
        for old in folder.iterdir():
            if old.name not in wanted:
                old.unlink()
    except OSError as error:
        raise StorageFailed(
            "The backup was not made.", "The folder cannot be written.", "Choose another place."
        ) from error
    return BackupMade(len(kept), written, damaged, until)


def _check_apart(file: Path, keys_at: Path) -> None:
    if keys_at == file or keys_at.parent == payload_folder(file):
        raise InvalidInput(
            "The backup was not made.",
            "The keys would lie where the backup itself has to.",
            "Name another file with --keys, best on another disk.",
        )


def forget_copies(profile: Profile) -> None:
    """Remove what a backup that was cut off left in the profile: a copy with all keys."""
    for left in profile.vault.glob("backup.db*"):
        left.unlink(missing_ok=True)


def unpack(
    file: Path, recovery_key: str, profile: Profile
) -> tuple[BackupManifest, tuple[RecordingId, ...]]:
    """Write what a backup holds into an empty profile; return its manifest and what is missing.

    The keys of its recordings are no part of it. What is missing are payloads, by recording.

    Raises WrongCredentials (not for this key), Damaged, InvalidInput, StorageFailed.
    """
    identity = recovery_identity(recovery_key)
    profile.prepare()
    manifest: BackupManifest | None = None
    try:
        plain = cast("IO[bytes]", PlainStream(_opened(file, identity)))
        with tarfile.open(fileobj=plain, mode="r|") as archive:
            for member in archive:
                content = archive.extractfile(member)
                if member.name == "manifest.json" and content is not None:
                    manifest = msgspec.json.decode(content.read(), type=BackupManifest)
                elif member.name in _PARTS and content is not None:
                    with private_file(profile.vault / member.name) as out:
                        while block := content.read(_BLOCK):
                            out.write(block)
    except (tarfile.TarError, msgspec.MsgspecError) as error:
        raise _damaged() from error
    parts = (profile.vault / part for part in _PARTS)
    known = (_KEYS_INSIDE, _FORMAT)
    if manifest is None or manifest.format not in known or not all(p.exists() for p in parts):
        raise _damaged()
    # Anybody can seal something for the recovery key: names become paths only when they are ours.
    if not all(_UUID.fullmatch(n) and _SHA256.fullmatch(d) for n, d, _ in manifest.payloads):
        raise _damaged()
    folder = payload_folder(file)
    missing = tuple(
        RecordingId(name)
        for name, digest, _ in manifest.payloads
        if not _open_payload(folder / f"{digest}.age", identity, profile, name, digest)
    )
    return manifest, missing


def _seal_payloads(
    core: Core, folder: Path, recipient: str
) -> tuple[list[tuple[str, str, int]], int, int]:
    """Seal what is not there yet; return what is there then, and counts of new and damaged ones."""
    rows = core.connection.execute(
        "SELECT id, payload_sha256, payload_bytes FROM recordings ORDER BY id"
    ).fetchall()
    written = damaged = 0
    kept: list[tuple[str, str, int]] = []
    for name, digest, size in rows:
        target = folder / f"{digest}.age"
        if not target.exists():
            source = payload_path(core.profile.recordings, RecordingId(name))
            if not _seal_payload(source, target, recipient, digest, size):
                damaged += 1
                continue
            written += 1
        kept.append((name, digest, size))
    return kept, written, damaged


@contextmanager
def _copied(core: Core, made_at: str, not_after: str) -> Iterator[tuple[BackupKeys, Path]]:
    """Copy the database, take the keys out, and write what is left page by page anew."""
    forget_copies(core.profile)
    whole, compact = core.profile.vault / "backup.db", core.profile.vault / "backup.db.compact"
    try:
        copy = copy_database(core.connection, whole, core.vault_key)
        try:
            keys = take_out(copy, core.device.device, made_at, not_after)
            write_compact(copy, compact)
        finally:
            copy.close()
        yield keys, compact
    finally:
        forget_copies(core.profile)


def _write_archive(
    core: Core, copy: Path, file: Path, recipient: str, manifest: BackupManifest
) -> None:
    said = msgspec.json.encode(manifest)
    with (
        private_file(file) as out,
        _Sealed(out, recipient) as sealed,
        tarfile.open(fileobj=cast("IO[bytes]", sealed), mode="w|") as archive,
    ):
        _add(archive, "manifest.json", len(said), io.BytesIO(said))
        for name, path in (("slots", core.profile.vault / "slots"), ("vault.db", copy)):
            with path.open("rb") as content:
                _add(archive, name, path.stat().st_size, content)


def _add(archive: tarfile.TarFile, name: str, size: int, content: BinaryIO) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.mode = size, 0o600
    archive.addfile(member, content)


class _Sealed:
    """A file whose plaintext is written here and sealed for the recovery key on its way."""

    def __init__(self, out: BinaryIO, recipient: str) -> None:
        file_key = new_file_key()
        stanzas = wrap_file_key([parse_recipient(recipient)], file_key)
        out.write(header_bytes(stanzas, file_key))
        self._writer = PayloadWriter(out, file_key)

    def __enter__(self) -> _Sealed:
        return self

    def write(self, data: bytes) -> int:
        """Seal plaintext."""
        self._writer.write(data)
        return len(data)

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self._writer.finish()


class PlainStream:
    """A file over decrypted pieces."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._rest = b""

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes, fewer only at the end."""
        parts, length = [self._rest], len(self._rest)
        while length < size and (piece := next(self._pieces, b"")):
            parts.append(piece)
            length += len(piece)
        joined = b"".join(parts)
        self._rest = joined[size:]
        return joined[:size]


def _seal_payload(source: Path, target: Path, recipient: str, digest: str, size: int) -> bool:
    """Copy a payload as its row describes it; False where it is missing or another one."""
    if not source.is_file() or _hash(_blocks(source, size)) != digest:
        return False
    with private_file(target) as out, _Sealed(out, recipient) as sealed:
        for block in _blocks(source, size):
            sealed.write(block)
    return True


def _open_payload(
    sealed: Path, identity: HybridIdentity, profile: Profile, name: str, digest: str
) -> bool:
    """Write a payload back; False where its copy is missing or not the one that was saved."""
    target = payload_path(profile.recordings, RecordingId(name))
    private_folder(target.parent)
    found = hashlib.sha256()
    try:
        with private_file(target) as out:
            for piece in _opened(sealed, identity):
                found.update(piece)
                out.write(piece)
    except (Damaged, WrongCredentials):
        return False
    if found.hexdigest() != digest:
        target.unlink()
        return False
    return True


def _opened(path: Path, identity: HybridIdentity) -> Iterator[bytes]:
    """Yield the plaintext of an age file. Raises WrongCredentials, Damaged."""
    try:
        with path.open("rb") as file:
            try:
                file_key = unwrap_file_key(read_header(file), [identity])
            except NotForMe as error:
                raise WrongCredentials from error
            yield from decrypt(file, file_key)
    except FileNotFoundError as error:
        raise Damaged("The backup cannot be read.", "A file of it is missing.") from error


def _blocks(path: Path, size: int) -> Iterator[bytes]:
    with path.open("rb") as file:
        while size > 0 and (block := file.read(min(size, _BLOCK))):
            size -= len(block)
            yield block


def _hash(blocks: Iterator[bytes]) -> str:
    digest = hashlib.sha256()
    for block in blocks:
        digest.update(block)
    return digest.hexdigest()


def _damaged() -> Damaged:
    return Damaged("The backup cannot be read.", "It is damaged or of another kind.")
