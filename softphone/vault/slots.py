"""Key slots: wrapped copies of the vault key, one for each person (the idea of LUKS).

A slot's key is Argon2id (RFC 9106) over the password, combined by HKDF with a device secret from
the system's key store. Names are never kept in the clear: a slot is found by a keyed hash.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import msgspec
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from softphone.domain.errors import Damaged, InvalidInput, StorageFailed, WrongCredentials
from softphone.paths import sync_folder, write_private
from softphone.vault.crypto import KEY_BYTES, derive, new_key, open_sealed, seal
from softphone.vault.hpke import open_with, seal_for
from softphone.vault.secret_store import SecretStore

DEVICE_SECRET = "device-secret"  # noqa: S105 - the name of an entry
_ESCROW = b"softphone slot escrow v1\n"
_FORMAT = 1
T = TypeVar("T")


class KdfParameters(msgspec.Struct, frozen=True):
    """Cost of Argon2id: memory in KiB, passes, lanes."""

    memory_kib: int = 65536
    passes: int = 3
    lanes: int = 4

    def reasonable(self) -> bool:
        """Whether the cost may be paid at all (at most 1 GiB)."""
        return (
            8 * self.lanes <= self.memory_kib <= 1 << 20
            and 1 <= self.passes <= 16
            and 1 <= self.lanes <= 16
        )

    def weaker_than(self, other: KdfParameters) -> bool:
        """Whether this costs an attacker less than ``other``."""
        return self.memory_kib * self.passes < other.memory_kib * other.passes


class SlotSecrets(msgspec.Struct, frozen=True):
    """What a slot opens. ``user_seed`` is the seed of the person's hybrid age identity.

    ``policy_key`` (Ed25519 seed) is there only for those who may sign policies; ``anchor`` is the
    public key that policies are verified with; it never comes from the database.
    """

    vault_key: bytes
    user_seed: bytes
    user: str
    anchor: bytes
    policy_version: int
    policy_key: bytes = b""
    recovery: str = ""
    """Recipient of the offline recovery key; the escrow of the slot is sealed for it."""
    one_time: bool = False
    """Whether somebody else knows the password, so that the person must choose their own."""


class _Slot(msgspec.Struct, frozen=True):
    label: bytes
    salt: bytes
    kdf: KdfParameters
    device_bound: bool
    sealed: bytes
    escrow: bytes = b""
    """The same secrets for the recovery key, so that a forgotten password loses nothing."""


class _Body(msgspec.Struct, frozen=True):
    format: int
    salt: bytes
    slots: tuple[_Slot, ...]
    recovery: bytes


class _File(msgspec.Struct, frozen=True):
    body: bytes
    sha256: str


@dataclass(frozen=True, slots=True, repr=False)
class OpenSlot:
    """An opened slot; its key stays in memory so that the payload can be rewritten."""

    label: bytes
    key: bytes
    secrets: SlotSecrets


class KeySlots:
    """The file of key slots of one vault."""

    def __init__(
        self, path: Path, store: SecretStore, parameters: KdfParameters | None = None
    ) -> None:
        self._path = path
        self._store = store
        self._parameters = parameters or KdfParameters()

    def exists(self) -> bool:
        """Whether the file is there."""
        return self._path.exists()

    def create(self) -> None:
        """Write a file without slots, and bind it to this device where that is possible."""
        self._write(_Body(_FORMAT, secrets.token_bytes(32), (), b""))
        self.bind_device()

    def move_to(self, path: Path) -> None:
        """Give the finished file its final name, durably."""
        self._path.replace(path)
        sync_folder(path.parent)
        self._path = path

    def add(self, name: str, password: str, content: SlotSecrets) -> None:
        """Add a slot. Raises InvalidInput when the name has one already."""
        body = self._read()
        label = self._label(body, name)
        if any(slot.label == label for slot in body.slots):
            raise InvalidInput(
                "The person was not added.", "The name is taken.", "Choose another name."
            )
        slot, _ = self._seal(label, password, content)
        self._write(msgspec.structs.replace(body, slots=(*body.slots, slot)))

    def remove(self, name: str) -> bool:
        """Destroy a slot; returns whether there was one."""
        body = self._read()
        label = self._label(body, name)
        kept = tuple(slot for slot in body.slots if slot.label != label)
        self._write(msgspec.structs.replace(body, slots=kept))
        return len(kept) < len(body.slots)

    def keep_only(self, names: Iterable[str]) -> int:
        """Destroy the slots of everybody else; returns how many there were."""
        body = self._read()
        wanted = {self._label(body, name) for name in names}
        kept = tuple(slot for slot in body.slots if slot.label in wanted)
        if len(kept) < len(body.slots):
            self._write(msgspec.structs.replace(body, slots=kept))
        return len(body.slots) - len(kept)

    def change_password(self, name: str, content: SlotSecrets, password: str) -> OpenSlot:
        """Rewrite one slot for a new password (or add it again after recovery)."""
        body = self._read()
        label = self._label(body, name)
        kept = tuple(slot for slot in body.slots if slot.label != label)
        slot, key = self._seal(label, password, content)
        self._write(msgspec.structs.replace(body, slots=(*kept, slot)))
        return OpenSlot(label, key, content)

    def saved(self) -> bytes:
        """Return the file as it is, for :meth:`put_back`."""
        return self._path.read_bytes()

    def put_back(self, saved: bytes) -> None:
        """Undo what was written since :meth:`saved`."""
        write_private(self._path, saved)

    def unlock(self, name: str, password: str) -> OpenSlot:
        """Open the slot of a person; weak parameters are raised on the way.

        Unknown names cost the same Argon2id as wrong passwords. Raises WrongCredentials, Damaged,
        StorageFailed (the system's key store does not answer).
        """
        body = self._read()
        label = self._label(body, name)
        found = next((s for s in body.slots if hmac.compare_digest(s.label, label)), None)
        # A name without a slot is tried against nobody's: same work, and it cannot open.
        slot = found or _nobody(body, self._parameters)
        device = self._device_secret(slot)
        key = _slot_key(slot, label, password, device)
        try:
            opened = open_sealed(key, slot.sealed, _bound_to(slot))
        except Damaged as error:
            raise WrongCredentials from error
        content = _decode(opened, SlotSecrets)
        may_bind = not slot.device_bound and self.bind_device()
        if slot.kdf.weaker_than(self._parameters) or may_bind:
            self.change_password(name, content, password)
            return self.unlock(name, password)
        return OpenSlot(label, key, content)

    def rewrite(self, slot: OpenSlot, content: SlotSecrets) -> OpenSlot:
        """Replace what an opened slot holds, without its password."""
        body = self._read()
        changed = tuple(
            msgspec.structs.replace(
                known,
                sealed=seal(slot.key, msgspec.msgpack.encode(content), _bound_to(known)),
                escrow=_escrow(known.label, content),
            )
            if known.label == slot.label
            else known
            for known in body.slots
        )
        self._write(msgspec.structs.replace(body, slots=changed))
        return OpenSlot(slot.label, slot.key, content)

    def set_recovery(self, recovery_seed: bytes, content: SlotSecrets) -> None:
        """Write the slot that the offline recovery key opens."""
        body = self._read()
        sealed = seal(_recovery_key(recovery_seed), msgspec.msgpack.encode(content), b"recovery")
        self._write(msgspec.structs.replace(body, recovery=sealed))

    def open_recovery(self, recovery_seed: bytes) -> SlotSecrets:
        """Open the recovery slot. Raises WrongCredentials, Damaged."""
        try:
            opened = open_sealed(_recovery_key(recovery_seed), self._read().recovery, b"recovery")
        except Damaged as error:
            raise WrongCredentials from error
        return _decode(opened, SlotSecrets)

    def open_escrow(self, recovery_seed: bytes, name: str) -> SlotSecrets | None:
        """Return what the slot of a person holds, by the recovery key; None where it has none.

        Whoever can write the file could have put it there: compare it with the recovery slot.
        Raises Damaged.
        """
        body = self._read()
        label = self._label(body, name)
        found = next((s for s in body.slots if s.label == label), None)
        if found is None or not found.escrow:
            return None
        opened = open_with(recovery_seed, found.escrow, _ESCROW + label)
        return _decode(opened, SlotSecrets)

    def _seal(self, label: bytes, password: str, content: SlotSecrets) -> tuple[_Slot, bytes]:
        device = self._store.get(DEVICE_SECRET) or b""
        salt = secrets.token_bytes(16)
        empty = _Slot(label, salt, self._parameters, bool(device), b"", _escrow(label, content))
        key = _slot_key(empty, label, password, device)
        sealed = seal(key, msgspec.msgpack.encode(content), _bound_to(empty))
        return msgspec.structs.replace(empty, sealed=sealed), key

    def bind_device(self) -> bool:
        """Make sure that there is a device secret; returns whether there is one."""
        if not self._store.available:
            return False
        if self._store.get(DEVICE_SECRET) is None:
            self._store.put(DEVICE_SECRET, new_key())
        return self._store.get(DEVICE_SECRET) is not None

    def _device_secret(self, slot: _Slot) -> bytes:
        """Return the device secret that a slot needs, empty for one that needs none."""
        if not slot.device_bound:
            return b""
        secret = self._store.get(DEVICE_SECRET)
        if secret is None:
            raise StorageFailed(
                "The vault cannot be opened.",
                "The system's key store does not answer or was emptied.",
                "Unlock it, or use the recovery key.",
            )
        return secret

    def _label(self, body: _Body, name: str) -> bytes:
        return hmac.digest(body.salt, plain_name(name).encode(), hashlib.sha256)[:16]

    def _read(self) -> _Body:
        try:
            raw = self._path.read_bytes()
        except FileNotFoundError as error:
            raise _damaged("It is missing.") from error
        file = _decode_file(raw)
        if hashlib.sha256(file.body).hexdigest() != file.sha256:
            raise _damaged("Its checksum is wrong.")
        body = _decode(file.body, _Body)
        if body.format != _FORMAT:
            raise Damaged(
                "The vault cannot be opened.",
                "A newer version of the program made its key slots.",
                "Install the newest version.",
            )
        if not all(slot.kdf.reasonable() for slot in body.slots):
            raise _damaged("Its parameters make no sense.")
        return body

    def _write(self, body: _Body) -> None:
        encoded = msgspec.msgpack.encode(body)
        file = _File(encoded, hashlib.sha256(encoded).hexdigest())
        write_private(self._path, msgspec.json.encode(file))


def _slot_key(slot: _Slot, label: bytes, password: str, device: bytes) -> bytes:
    kdf = Argon2id(
        salt=slot.salt,
        length=KEY_BYTES,
        iterations=slot.kdf.passes,
        lanes=slot.kdf.lanes,
        memory_cost=slot.kdf.memory_kib,
    )
    stretched = kdf.derive(unicodedata.normalize("NFKC", password).encode())
    bound = device if slot.device_bound else b""
    return derive(stretched + bound, "softphone key slot v1", salt=slot.salt + label)


def _nobody(body: _Body, parameters: KdfParameters) -> _Slot:
    kdf = body.slots[0].kdf if body.slots else parameters
    size = len(body.slots[0].sealed) if body.slots else 64
    bound = any(slot.device_bound for slot in body.slots)
    return _Slot(b"", body.salt[:16], kdf, bound, bytes(size))


def _bound_to(slot: _Slot) -> bytes:
    return msgspec.msgpack.encode((slot.label, slot.salt, slot.kdf, slot.device_bound))


def plain_name(name: str) -> str:
    """Return the one spelling of a name that sign-in compares."""
    return unicodedata.normalize("NFKC", name).strip().casefold()


def _escrow(label: bytes, content: SlotSecrets) -> bytes:
    if not content.recovery:
        return b""
    return seal_for(content.recovery, msgspec.msgpack.encode(content), _ESCROW + label)


def _recovery_key(seed: bytes) -> bytes:
    return derive(seed, "softphone recovery slot v1")


def _decode_file(raw: bytes) -> _File:
    try:
        return msgspec.json.decode(raw, type=_File)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _damaged("It cannot be read.") from error


def _decode(raw: bytes, kind: type[T]) -> T:
    try:
        return msgspec.msgpack.decode(raw, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _damaged("It cannot be read.") from error


def _damaged(why: str) -> Damaged:
    return Damaged(
        "The vault cannot be opened.",
        f"The file of key slots is damaged. {why}",
        "Restore it from a backup.",
    )
