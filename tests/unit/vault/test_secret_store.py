from __future__ import annotations

import threading
from pathlib import Path

import pytest
from keyring.backend import KeyringBackend
from keyring.errors import KeyringError

from softphone.vault import secret_store
from softphone.vault.secret_store import KeyringStore, NoSecretStore, system_secret_store


class Backend(KeyringBackend):
    priority = 5

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password


class Locked(Backend):
    def get_password(self, service: str, username: str) -> str | None:
        raise KeyringError("locked")

    def set_password(self, service: str, username: str, password: str) -> None:
        raise KeyringError("locked")


class Hung(Backend):
    def __init__(self) -> None:
        super().__init__()
        self.released = threading.Event()

    def get_password(self, service: str, username: str) -> str | None:
        self.released.wait(30)
        return None


@pytest.fixture(autouse=True)
def bus(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere")


def use(monkeypatch: pytest.MonkeyPatch, backend: object) -> None:
    monkeypatch.setattr("softphone.vault.secret_store.keyring.get_keyring", lambda: backend)


def test_secrets_come_back_and_profiles_are_apart(tmp_path: Path):
    backend = Backend()
    store = KeyringStore(backend, tmp_path / "one")
    assert store.get("x") is None
    assert store.put("x", b"\0\xff")
    assert store.get("x") == b"\0\xff"
    assert KeyringStore(backend, tmp_path / "two").get("x") is None


def test_a_store_that_refuses_or_holds_nonsense_gives_nothing(tmp_path: Path):
    store = KeyringStore(Locked(), tmp_path)
    assert store.get("x") is None
    assert not store.put("x", b"y")
    backend = Backend()
    store = KeyringStore(backend, tmp_path)
    store.put("x", b"y")
    backend.kept = dict.fromkeys(backend.kept, "not base64!")
    assert store.get("x") is None


def test_a_store_that_hangs_does_not_hang_the_sign_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(secret_store, "PROBE_SECONDS", 0.05)
    backend = Hung()
    assert KeyringStore(backend, tmp_path).get("x") is None
    backend.released.set()


def test_only_trusted_backends_are_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    use(monkeypatch, Backend())
    assert isinstance(system_secret_store(tmp_path), NoSecretStore)
    monkeypatch.setattr(secret_store, "_TRUSTED", (Backend.__module__,))
    assert isinstance(system_secret_store(tmp_path), KeyringStore)


def test_without_a_session_bus_nothing_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def never() -> object:
        raise AssertionError("asked")

    monkeypatch.setattr("softphone.vault.secret_store.keyring.get_keyring", never)
    monkeypatch.setattr("softphone.vault.secret_store.sys.platform", "linux")
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS")
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    store = system_secret_store(tmp_path)
    assert not store.available
    assert not store.put("x", b"y")
    assert store.get("x") is None


def test_other_platforms_always_have_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    use(monkeypatch, None)
    monkeypatch.setattr("softphone.vault.secret_store.sys.platform", "darwin")
    assert isinstance(system_secret_store(tmp_path), NoSecretStore)
