"""``softphone audit``: on a live vault by name and password, on a bundle by anybody."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from softphone.__main__ import main
from softphone.compose.office import vault_keeper
from softphone.domain.audit import Action, AuditDraft, AuditFilter, DataCategory
from softphone.paths import Profile
from tests.unit.vault.rig import ADMIN, AGENT, PASSWORD

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def profile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("profile")
    vault, _ = vault_keeper(Profile(root)).create(ADMIN, "desk 7")
    vault.add_member(AGENT, AuditDraft(Action.USER_ADDED, DataCategory.RIGHTS))
    vault.close()
    return root


@pytest.fixture
def command(
    profile: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Command:
    def run(*arguments: object, name: str = ADMIN.name) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{name}\n{PASSWORD}\n"))
        part, *rest = map(str, arguments)
        code = main(["audit", part, "--profile", str(profile), *rest])
        done = capsys.readouterr()
        return code, done.out, done.err

    return run


def entries(profile: Path, action: Action) -> list[tuple[str, str]]:
    vault = vault_keeper(Profile(profile)).unlock(ADMIN.name, PASSWORD)
    try:
        rows = vault.audit_rows(AuditFilter(action=action), 99, 0)
        return [(row.who, row.entry.result) for row in rows]
    finally:
        vault.close()


def test_the_log_is_checked_and_the_check_is_logged(command: Command, profile: Path):
    code, out, _ = command("verify")
    answer = json.loads(out)
    assert (code, answer["ok"], answer["why"]) == (0, True, "")
    assert entries(profile, Action.AUDIT_VERIFIED)[0] == (ADMIN.name, "done")
    assert entries(profile, Action.SIGNED_OUT)[0] == (ADMIN.name, "done")


def test_entries_are_shown_filtered_a_line_each(command: Command):
    code, out, _ = command("show", "--action", "user.added", "--since", "2020-01-01")
    [row] = [json.loads(line) for line in out.splitlines()]
    assert (code, row["what"], row["category"]) == (0, "Added a person", "rights")
    assert command("show", "--until", "2020-01-01")[1] == ""
    assert len(command("show", "--limit", "2")[1].splitlines()) == 2
    newest = json.loads(command("show", "--limit", "1")[1])
    assert newest["action"] == "audit.read"
    code, _, problem = command("show", "--since", "yesterday")
    assert (code, "cannot be read" in problem) == (1, True)


def test_an_entry_is_proved(command: Command):
    code, out, _ = command("prove", 0)
    proof = json.loads(out)
    assert (code, proof["n"]) == (0, 0)
    assert "softphone/" in proof["checkpoint"]
    assert command("prove", 99_999)[0] == 1


def test_a_bundle_is_exported_and_checked_without_a_password(command: Command, tmp_path: Path):
    bundle = tmp_path / "log.zip"
    assert command("export", bundle)[0] == 0
    code, out, _ = command("verify", "--bundle", bundle, name="nobody")
    answer = json.loads(out)
    assert (code, answer["ok"], answer["keys_compared"]) == (0, True, False)
    key = answer["log_key"]
    assert json.loads(command("verify", "--bundle", bundle, "--log-key", key)[1])["keys_compared"]
    other = "softphone/x+12345678+AQ=="
    assert command("verify", "--bundle", bundle, "--log-key", other)[0] == 1
    assert command("export", bundle)[0] == 1
    bundle.write_bytes(b"")
    assert command("verify", "--bundle", bundle)[0] == 1


@pytest.mark.parametrize("part", [("verify",), ("show",), ("prove", 0), ("export", "/nowhere")])
def test_without_the_right_it_is_refused_and_written_down(
    command: Command, profile: Path, part: tuple[object, ...]
):
    code, out, problem = command(*part, name=AGENT.name)
    assert (code, out) == (1, "")
    assert "You do not have the right" in problem
    action = {
        "verify": Action.AUDIT_VERIFIED,
        "show": Action.AUDIT_READ,
    }.get(str(part[0]), Action.AUDIT_EXPORTED)
    assert (AGENT.name, "refused") in entries(profile, action)
