from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path

import msgspec
import pytest

from softphone.domain.errors import Damaged, InvalidInput, StorageFailed, WrongCredentials
from softphone.vault import slots as slots_module
from softphone.vault.secret_store import NoSecretStore
from softphone.vault.slots import KdfParameters, KeySlots, SlotSecrets
from tests.fakes.secrets import MemorySecrets

CHEAP = KdfParameters(memory_kib=64, passes=1, lanes=1)
DEARER = KdfParameters(memory_kib=128, passes=1, lanes=1)
CONTENT = SlotSecrets(b"v" * 32, b"u" * 32, "user-1", b"a" * 32, 1)


@pytest.fixture
def store() -> MemorySecrets:
    return MemorySecrets()


@pytest.fixture
def slots(tmp_path: Path, store: MemorySecrets) -> KeySlots:
    made = KeySlots(tmp_path / "slots", store, CHEAP)
    made.create()
    made.add("Ada Lovelace", "password", CONTENT)
    return made


def test_the_default_cost_is_64_mib_in_3_passes_over_4_lanes():
    assert KdfParameters() == KdfParameters(65536, 3, 4)
    assert KdfParameters().reasonable()


def test_a_slot_opens_with_its_password_only(slots: KeySlots):
    assert slots.unlock("Ada Lovelace", "password").secrets == CONTENT
    assert slots.unlock(" ada LOVELACE", "password").secrets == CONTENT
    for name, password in (("Ada Lovelace", "Password"), ("Bob", "password"), ("", "")):
        with pytest.raises(WrongCredentials):
            slots.unlock(name, password)


def test_unknown_names_pay_the_same_argon2(slots: KeySlots, monkeypatch: pytest.MonkeyPatch):
    paid: list[tuple[int, int, int]] = []
    real = slots_module.Argon2id

    def counted(**parameters):
        paid.append((parameters["memory_cost"], parameters["iterations"], parameters["lanes"]))
        return real(**parameters)

    monkeypatch.setattr(slots_module, "Argon2id", counted)
    for name in ("Ada Lovelace", "Nobody"):
        with pytest.raises(WrongCredentials):
            slots.unlock(name, "wrong")
    assert paid[0] == paid[1]
    assert len(paid) == 2


def test_no_name_and_no_key_is_in_the_file(slots: KeySlots, tmp_path: Path):
    raw = (tmp_path / "slots").read_bytes()
    assert b"Lovelace" not in raw
    assert CONTENT.vault_key not in raw
    assert (tmp_path / "slots").stat().st_mode & 0o777 == 0o600


def test_the_device_secret_is_needed(slots: KeySlots, tmp_path: Path, store: MemorySecrets):
    elsewhere = KeySlots(tmp_path / "slots", NoSecretStore(), CHEAP)
    with pytest.raises(StorageFailed):
        elsewhere.unlock("Ada Lovelace", "password")
    store.kept["device-secret"] = b"x" * 32
    with pytest.raises(WrongCredentials):
        slots.unlock("Ada Lovelace", "password")


def test_without_a_key_store_the_password_alone_opens_until_there_is_one(tmp_path: Path):
    path = tmp_path / "slots"
    alone = KeySlots(path, NoSecretStore(), CHEAP)
    alone.create()
    alone.add("Ada", "password", CONTENT)
    assert alone.unlock("Ada", "password").secrets == CONTENT
    store = MemorySecrets()
    KeySlots(path, store, CHEAP).unlock("Ada", "password")
    assert store.kept
    with pytest.raises(StorageFailed):
        alone.unlock("Ada", "password")


def test_a_key_store_that_keeps_nothing_does_not_lock_out(tmp_path: Path):
    class Forgetful(MemorySecrets):
        def put(self, name: str, value: bytes) -> bool:
            return False

    slots = KeySlots(tmp_path / "slots", Forgetful(), CHEAP)
    slots.create()
    slots.add("Ada", "password", CONTENT)
    assert slots.unlock("Ada", "password").secrets == CONTENT


def test_parameters_are_raised_at_the_next_sign_in(
    slots: KeySlots, tmp_path: Path, store: MemorySecrets
):
    newer = KeySlots(tmp_path / "slots", store, DEARER)
    before = (tmp_path / "slots").read_bytes()
    newer.unlock("Ada Lovelace", "password")
    raised = (tmp_path / "slots").read_bytes()
    assert raised != before
    newer.unlock("Ada Lovelace", "password")
    slots.unlock("Ada Lovelace", "password")
    assert (tmp_path / "slots").read_bytes() == raised


def test_slots_are_added_replaced_and_removed(slots: KeySlots):
    other = SlotSecrets(b"v" * 32, b"o" * 32, "user-2", b"a" * 32, 1)
    slots.add("Bob", "his password", other)
    with pytest.raises(InvalidInput):
        slots.add("BOB", "another", other)
    slots.change_password("Bob", other, "new password")
    with pytest.raises(WrongCredentials):
        slots.unlock("Bob", "his password")
    assert slots.unlock("Bob", "new password").secrets == other
    assert slots.remove("Bob")
    assert not slots.remove("Bob")
    with pytest.raises(WrongCredentials):
        slots.unlock("Bob", "new password")
    assert slots.unlock("Ada Lovelace", "password").secrets == CONTENT


def test_an_open_slot_is_rewritten_without_its_password(slots: KeySlots):
    opened = slots.unlock("Ada Lovelace", "password")
    newer = SlotSecrets(b"v" * 32, b"u" * 32, "user-1", b"a" * 32, 7)
    slots.rewrite(opened, newer)
    assert slots.unlock("Ada Lovelace", "password").secrets.policy_version == 7


def test_the_recovery_key_opens_its_own_slot(slots: KeySlots):
    slots.set_recovery(b"r" * 32, CONTENT)
    assert slots.open_recovery(b"r" * 32) == CONTENT
    with pytest.raises(WrongCredentials):
        slots.open_recovery(b"s" * 32)


def damaged(raw: bytes) -> list[bytes]:
    file = json.loads(raw)
    return [
        b"",
        raw[:-5],
        raw.replace(file["body"][30:40].encode(), b"AAAAAAAAAA"),
        b"\xff\xfe",
        b"{}",
        json.dumps({**file, "sha256": "0"}).encode(),
    ]


def test_a_damaged_file_says_so(slots: KeySlots, tmp_path: Path):
    path = tmp_path / "slots"
    for raw in damaged(path.read_bytes()):
        path.write_bytes(raw)
        with pytest.raises(Damaged, match="key slots is damaged"):
            slots.unlock("Ada Lovelace", "password")
    path.unlink()
    with pytest.raises(Damaged, match="missing"):
        slots.unlock("Ada Lovelace", "password")


def test_unreasonable_costs_are_not_paid():
    for parameters in (
        KdfParameters(memory_kib=1 << 21),
        KdfParameters(passes=17),
        KdfParameters(lanes=0),
        KdfParameters(memory_kib=8, lanes=4),
    ):
        assert not parameters.reasonable()


def wrapped(body: bytes) -> bytes:
    return json.dumps(
        {"body": base64.b64encode(body).decode(), "sha256": hashlib.sha256(body).hexdigest()}
    ).encode()


def test_a_file_of_a_newer_program_and_senseless_ones_are_refused(slots: KeySlots, tmp_path: Path):
    path = tmp_path / "slots"
    body = msgspec.msgpack.decode(base64.b64decode(json.loads(path.read_bytes())["body"]))
    newer = wrapped(msgspec.msgpack.encode({**body, "format": 2}))
    slot = body["slots"][0]
    dear = {**slot, "kdf": {**slot["kdf"], "memory_kib": 1 << 30}}
    for raw, words in (
        (newer, "newer version"),
        (wrapped(msgspec.msgpack.encode({**body, "slots": [dear]})), "make no sense"),
        (wrapped(b"\xc1"), "cannot be read"),
    ):
        path.write_bytes(raw)
        with pytest.raises(Damaged, match=words):
            slots.unlock("Ada Lovelace", "password")


def test_a_cheaper_cost_written_into_the_file_opens_nothing(slots: KeySlots, tmp_path: Path):
    path = tmp_path / "slots"
    body = msgspec.msgpack.decode(base64.b64decode(json.loads(path.read_bytes())["body"]))
    slot = body["slots"][0]
    for change in ({"kdf": {**slot["kdf"], "memory_kib": 32}}, {"device_bound": False}):
        path.write_bytes(wrapped(msgspec.msgpack.encode({**body, "slots": [{**slot, **change}]})))
        with pytest.raises(WrongCredentials):
            slots.unlock("Ada Lovelace", "password")
