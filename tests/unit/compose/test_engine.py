from __future__ import annotations

from pathlib import Path

import pytest

from softphone.__main__ import main
from softphone.audio.headset.headsets import HidHeadsets
from softphone.compose.engine import WITHOUT_HEADSETS, headsets
from softphone.engine.headset_desk import NoHeadsets


def test_headsets_are_used_with_the_workstations_own_sound_only(tmp_path, monkeypatch):
    monkeypatch.delenv(WITHOUT_HEADSETS, raising=False)
    assert isinstance(headsets("auto", tmp_path / "headset.json"), HidHeadsets)
    assert isinstance(headsets("none", tmp_path / "headset.json"), NoHeadsets)
    assert isinstance(headsets("file:x.wav", tmp_path / "headset.json"), NoHeadsets)


def test_the_environment_keeps_the_phone_from_touching_any(tmp_path, monkeypatch):
    monkeypatch.setenv(WITHOUT_HEADSETS, "1")
    assert isinstance(headsets("auto", tmp_path / "headset.json"), NoHeadsets)


@pytest.mark.parametrize("command", ["run", "engine"])
def test_so_does_the_command_line(command, tmp_path: Path, monkeypatch):
    monkeypatch.setenv(WITHOUT_HEADSETS, "")
    seen: list[str] = []

    def compose(way: str) -> object:
        seen.append(headsets("auto", tmp_path / "h.json").__class__.__name__)
        return lambda: None

    monkeypatch.setattr("softphone.__main__._compose", compose)
    with pytest.raises(AttributeError):  # nothing is run
        main([command, "--no-headsets", "--profile", str(tmp_path)])
    assert seen == ["NoHeadsets"]
