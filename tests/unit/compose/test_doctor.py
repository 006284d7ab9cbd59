from __future__ import annotations

import json
import os
import zipfile
from collections import namedtuple
from pathlib import Path

import pytest

from softphone.__main__ import main
from softphone.audio.apm import VoiceUnavailable
from softphone.audio.self_check import check_devices, check_headsets, check_urgency, check_voice
from softphone.compose.doctor import diagnose, write_bundle
from softphone.domain.call_sound import CallSound
from softphone.domain.diagnosis import Finding, Verdict, worst
from softphone.domain.quality import Quality
from softphone.domain.sound import SoundHealth
from softphone.engine.self_check import check_calls
from softphone.engine.sound_log import write_sounds
from softphone.paths import Profile
from softphone.vault import self_check
from tests.fakes.sound import FakeBackend

NAME = "Annegret Musterfrau"


def broken() -> Finding:
    raise RuntimeError(f"/home/{NAME}/profile")


def test_a_check_that_fails_is_a_finding_without_its_words():
    [finding] = diagnose([("database", broken)])
    assert finding.verdict is Verdict.BAD
    assert "RuntimeError" in finding.found
    assert NAME not in finding.found + finding.advice


def test_the_worst_counts():
    good, notice = Finding("a", Verdict.GOOD, ""), Finding("b", Verdict.NOTICE, "")
    assert worst(()) is Verdict.GOOD
    assert worst((good, notice, good)) is Verdict.NOTICE
    assert worst((notice, Finding("c", Verdict.BAD, ""), good)) is Verdict.BAD


@pytest.mark.parametrize(
    ("devices", "verdict"),
    [((("m",), ("s",)), Verdict.GOOD), (((), ("s",)), Verdict.BAD), ((("m",), ()), Verdict.BAD)],
)
def test_devices_are_counted_and_not_named(devices, verdict):
    backend = FakeBackend(*(tuple(f"{NAME} {d}" for d in kind) for kind in devices))
    finding = check_devices(lambda: backend)
    assert finding.verdict is verdict
    assert NAME not in finding.found
    assert bool(finding.advice) is (verdict is Verdict.BAD)


def test_a_missing_voice_library_is_a_notice():
    def load() -> None:
        raise VoiceUnavailable("ModuleNotFoundError")

    assert check_voice(load).verdict is Verdict.NOTICE


def test_urgency_that_is_not_granted_says_how_it_is():
    assert check_urgency(lambda: True).verdict is Verdict.GOOD
    finding = check_urgency(lambda: False)
    assert (finding.verdict is Verdict.NOTICE) is (os.uname().sysname == "Linux")


def test_headsets_are_looked_for():
    assert check_headsets().verdict is Verdict.GOOD


def test_the_last_calls_are_judged_by_a_fifth_of_them():
    good = CallSound(3, "G722", quality=Quality(0, 1, 10, 0, 4.3))
    gappy, poor = (
        CallSound(3, "G722", SoundHealth(speaker_gaps=1)),
        CallSound(3, "G722", quality=Quality(9, 60, 10, 0, 2.0)),
    )
    assert check_calls(()).verdict is Verdict.GOOD
    assert check_calls((good,) * 9 + (gappy,)).verdict is Verdict.GOOD
    assert "headset" in check_calls((good,) * 3 + (gappy,)).advice
    assert "network" in check_calls((good,) * 3 + (poor,)).advice


def test_the_place_of_a_profile(tmp_path, monkeypatch):
    profile = Profile(tmp_path / "p").prepare()
    assert {f.verdict for f in self_check.check_place(profile)[:2]} == {Verdict.GOOD}
    profile.vault.chmod(0o755)
    assert self_check.check_place(profile)[0].verdict is Verdict.NOTICE
    usage = namedtuple("usage", "free")
    monkeypatch.setattr(self_check.shutil, "disk_usage", lambda path: usage(100 << 20))
    assert self_check.check_place(profile)[2].verdict is Verdict.BAD


def test_a_profile_on_a_share_is_bad(tmp_path, monkeypatch):
    def refuse(folder: Path) -> None:
        raise self_check.StorageFailed("what", "It lies on a share.", "Move it.")

    monkeypatch.setattr(self_check, "refuse_network", refuse)
    finding = self_check.check_place(Profile(tmp_path))[1]
    assert (finding.verdict, finding.advice) == (Verdict.BAD, "Move it.")


def test_the_command_prints_and_writes_a_bundle_that_names_nobody(tmp_path, capsys):
    root = tmp_path / NAME
    profile = Profile(root).prepare()
    write_sounds(profile.call_sounds, (CallSound(5, "G722"),))
    bundle = tmp_path / "bundle.zip"
    code = main(["doctor", "--json", "--profile", str(root), "--bundle", str(bundle)])
    said = json.loads(capsys.readouterr().out)
    by_name = {f["check"]: f["verdict"] for f in said["findings"]}
    assert by_name["database"] == by_name["phone"] == by_name["disk"] == "good"
    assert code == (1 if said["verdict"] == "bad" else 0)
    with zipfile.ZipFile(bundle) as parts:
        whole = b"".join(parts.read(name) for name in parts.namelist())
        assert json.loads(parts.read("calls.json"))[0]["codec"] == "G722"
        assert json.loads(parts.read("versions.json"))["packages"]["sqlcipher3"]
    for needle in (NAME, str(tmp_path), os.uname().nodename):
        assert needle.encode() not in whole
    assert bundle.stat().st_mode & 0o077 == 0


def test_people_get_lines_with_what_to_do(tmp_path, capsys):
    main(["doctor", "--profile", str(tmp_path / "none")])
    lines = capsys.readouterr().out.splitlines()
    assert any(line.startswith("ok") and "SQLCipher" in line for line in lines)


def test_a_bundle_that_cannot_be_written_says_so(tmp_path):
    with pytest.raises(self_check.StorageFailed):
        write_bundle(tmp_path / "missing" / "b.zip", (), ())
