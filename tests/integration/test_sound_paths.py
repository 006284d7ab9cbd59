"""Both paths of the call's sound under one contract, on a private PulseAudio."""

from __future__ import annotations

import ctypes
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from softphone.audio.native_path import NativePath
from softphone.audio.path import PythonPath
from tests.contract.path_contract import MIC_HZ, PathRig, SoundPathContract
from tests.integration import own_pjsip
from tests.integration.pulse import Pulse

pytestmark = [
    pytest.mark.peer,
    pytest.mark.skipif(shutil.which("pulseaudio") is None, reason="PulseAudio is not installed"),
]


@pytest.fixture
def speaking(tmp_path: Path) -> Iterator[Pulse]:
    (tmp_path / "pulse").mkdir()
    pulse = Pulse(tmp_path / "pulse")
    pulse.speak("voice", MIC_HZ)
    yield pulse
    pulse.close()


@pytest.fixture(scope="session")
def native(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return own_pjsip.native_functions(tmp_path_factory.mktemp("native"))


class TestPythonPath(SoundPathContract):
    @pytest.fixture
    def path_rig(self, speaking: Pulse) -> Iterator[PathRig]:
        made = PathRig(speaking, PythonPath)
        yield made
        made.close()


@pytest.mark.skipif(own_pjsip.wheel() is None, reason=own_pjsip.HOW)
class TestNativePath(SoundPathContract):
    @pytest.fixture
    def path_rig(self, speaking: Pulse, native: ctypes.CDLL) -> Iterator[PathRig]:
        made = PathRig(speaking, lambda backend, failed: NativePath(native, backend, failed))
        yield made
        made.close()
