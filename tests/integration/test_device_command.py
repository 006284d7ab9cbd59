"""``softphone device``: two workstations learn to believe each other's erasures."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from softphone.__main__ import main
from softphone.compose.office import vault_keeper
from softphone.domain.audit import Action, AuditDraft, DataCategory
from softphone.domain.ids import new_id
from softphone.paths import Profile
from tests.unit.vault.rig import ADMIN, AGENT, PASSWORD


@pytest.fixture(scope="module")
def profiles(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    made = (tmp_path_factory.mktemp("one"), tmp_path_factory.mktemp("two"))
    for root in made:
        vault, _ = vault_keeper(Profile(root)).create(ADMIN, "desk")
        vault.add_member(AGENT, AuditDraft(Action.USER_ADDED, DataCategory.RIGHTS))
        vault.close()
    return made


def test_a_key_is_shown_endorsed_listed_and_withdrawn(
    profiles: tuple[Path, Path],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    one, two = profiles

    def device(profile: Path, *arguments: str, name: str = ADMIN.name) -> tuple[int, dict]:
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{name}\n{PASSWORD}\n"))
        code = main(["device", arguments[0], "--profile", str(profile), *arguments[1:]])
        out = capsys.readouterr().out
        return code, json.loads(out) if out else {}

    _, shown = device(one, "key", name=AGENT.name)
    assert device(two, "endorse", shown["log_key"], name=AGENT.name)[0] == 1
    assert device(two, "list")[1]["devices"] == []
    code, endorsed = device(two, "endorse", shown["log_key"], "--label", "desk 1")
    assert (code, endorsed["device"], endorsed["waiting"]) == (0, shown["device"], 0)
    assert device(two, "list")[1]["devices"] == [{**shown_only(shown), "label": "desk 1"}]
    assert device(one, "endorse", shown["log_key"])[0] == 1
    assert device(two, "withdraw", new_id())[0] == 1
    assert device(two, "withdraw", shown["device"])[0] == 0
    assert device(two, "list")[1]["devices"] == []


def shown_only(answer: dict) -> dict:
    return {key: answer[key] for key in ("device", "log_key")}
