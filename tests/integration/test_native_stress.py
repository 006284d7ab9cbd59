"""The C++ of ``native/`` under the compiler's sanitizers: memory, arithmetic, threads."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
STRESS = ROOT / "tests" / "native" / "stress.cpp"


@pytest.mark.skipif(shutil.which("g++") is None, reason="no C++ compiler is installed")
@pytest.mark.timeout(180)
@pytest.mark.parametrize("sanitizer", ["address,undefined", "thread"])
def test_threads_that_do_everything_at_once(tmp_path: Path, sanitizer: str):
    program = tmp_path / "stress"
    subprocess.run(
        ["g++", "-std=c++17", "-O1", "-g", f"-fsanitize={sanitizer}", "-fno-sanitize-recover=all",
         "-Wall", "-Wextra", "-Werror", f"-I{ROOT / 'native'}", "-o", program, STRESS, "-lpthread"],
        check=True, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    ran = subprocess.run([program], capture_output=True, text=True, timeout=120, check=False)
    assert ran.returncode == 0, ran.stderr[-3000:]
