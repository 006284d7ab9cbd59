"""``softphone policy`` and the care of the server: a fleet follows one policy by commands."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from softphone.__main__ import main
from softphone.compose.office import vault_keeper
from softphone.paths import Profile
from softphone.server import run
from tests.integration.test_device_command import profiles
from tests.unit.vault.rig import ADMIN, AGENT, PASSWORD

__all__ = ["profiles"]
Call = Callable[..., tuple[int, dict]]


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    def run_it(*arguments: str, name: str = ADMIN.name) -> tuple[int, dict]:
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{name}\n{PASSWORD}\n"))
        code = main(list(arguments))
        out = capsys.readouterr().out
        return code, json.loads(out) if out.startswith("{") else {"text": out.strip()}

    return run_it


def test_one_publishes_and_the_other_follows(profiles: tuple[Path, Path], call: Call):
    one, two = (str(profile) for profile in profiles)
    _, shown = call("policy", "show", "--profile", one, name=AGENT.name)
    assert (shown["publishes"], shown["follows"]) == (False, "")
    assert call("policy", "publish", "--profile", one, name=AGENT.name)[0] == 1
    code, published = call("policy", "publish", "--profile", one)
    assert (code, published["publishes"]) == (0, True)
    assert call("policy", "follow", "no key", "--profile", two)[0] == 1
    code, following = call("policy", "follow", shown["policy_key"], "--profile", two)
    assert (code, following["follows"]) == (0, shown["policy_key"])
    vault = vault_keeper(Profile(profiles[0])).unlock(ADMIN.name, PASSWORD)
    note = vault.policy_to_publish()
    vault.close()
    vault = vault_keeper(Profile(profiles[1])).unlock(AGENT.name, PASSWORD)
    assert vault.receive_policy(note.encode(), '"1"')
    vault.close()
    _, shown = call("policy", "show", "--profile", two, name=AGENT.name)
    assert shown["version"] > 1
    assert shown["not_after"] > shown["issued_at"]
    code, after = call("policy", "unfollow", "--profile", two)
    assert (code, after["follows"], after["version"]) == (0, "", 0)


def test_the_server_is_cared_for_by_commands(
    tmp_path: Path, profiles: tuple[Path, Path], call: Call
):
    data = str(tmp_path / "server")
    _, said = call("server", "init", "--data", data)
    assert said["text"].startswith("softphone-witness/")
    _, keys = call("server", "keys", "--data", data)
    assert keys == {"witness": said["text"], "policy": ""}
    _, shown = call("policy", "show", "--profile", str(profiles[0]))
    _, keys = call("server", "keys", "--policy", shown["policy_key"], "--data", data)
    assert keys["policy"] == shown["policy_key"]
    assert call("server", "keys", "--policy", "no key", "--data", data)[0] == 1
    assert call("server", "retire", "nobody", "--data", data)[0] == 1
    store = run.open_store(tmp_path / "server")
    assert store.ready()
    store.close()
