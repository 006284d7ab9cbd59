"""The command line steers the running phone through real calls; another program is told of them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from demo.stage import NUMBER, ROOT
from softphone.domain.call import CallState
from softphone.domain.call_policy import CallPolicy
from tests.bench.soak import Calls, Program, program_and_customer

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]
NOT_RUNNING = 3
WRITES = "import sys; open(sys.argv[1], 'a').write(repr(sys.argv[2:]) + chr(10))"


def softphone(program: Program, *words: str) -> tuple[int, dict[str, Any]]:
    """Run the command itself; return its exit code and what it printed."""
    name, *rest = words
    done = subprocess.run(
        [sys.executable, "-m", "softphone", name, "--profile", str(program.profile.root), *rest],
        capture_output=True, text=True, cwd=ROOT, timeout=60, check=False,
    )  # fmt: skip
    return done.returncode, json.loads(done.stdout) if done.stdout.strip() else {}


def test_a_day_on_the_command_line(tmp_path: Path):
    told = tmp_path / "told"
    hook = (sys.executable, "-c", WRITES, str(told), "{event}", "{number}", "{name}; rm -rf /")
    with program_and_customer(CallPolicy(hook=hook)) as (program, customer):

        def run(*words: str) -> dict[str, Any]:
            code, answer = softphone(program, *words)
            assert code == 0, answer
            return answer

        def call() -> dict[str, Any]:
            return run("state")["calls"][-1]

        dialled = run("dial", NUMBER)["call"]
        assert program.in_state("established")["id"] == dialled
        run("hold")
        program.in_state("held")
        run("resume")
        program.in_state("established")
        run("mute")
        program.call_event(lambda e: e["event"] == "call" and e["call"]["muted"])
        assert call()["muted"]
        run("unmute")
        run("dtmf", "12#")
        assert softphone(program, "dtmf", "12x")[0] == 1
        assert softphone(program, "transfer", "no number at all")[0] == 1
        run("hangup")
        assert program.in_state("ended")["disposition"] == "answered"
        customer.in_state(CallState.ENDED)
        again = run("redial")["call"]
        assert again != dialled
        program.in_state("established")
        run("hangup")
        program.in_state("ended")
        customer.in_state(CallState.ENDED)
        incoming = Calls(program, customer)._ring()[0]
        run("answer")
        program.in_state("established")
        customer.client.hang_up(incoming)  # type: ignore[arg-type]
        program.in_state("ended")
        assert softphone(program, "answer")[0] == 1, "nothing rings"
        moments = [line.split("', '")[0].strip("['") for line in told.read_text().splitlines()]
        assert moments.count("answer") == 3
        assert moments.count("end") == 3
        assert moments.count("ring") >= 1
        assert all("; rm -rf /'" in line for line in told.read_text().splitlines()), "one argument"
    assert softphone(program, "state")[0] == NOT_RUNNING
