"""An address in the browser and a program are told of calls whose caller chose awkward words."""

from __future__ import annotations

import ast
import os
import selectors
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest

from demo.peers.processes import free_port
from demo.stage import ADMIN, DOMAIN, ROOT, Stage
from softphone.domain.call_policy import CallPolicy
from tests.bench.soak import Program
from tests.e2e.test_command_line import WRITES, softphone
from tests.integration.sipp_bench import ACK
from tests.integration.sipp_peer import Sipp, invite, recv, request

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]
URL = "https://crm.example/open?who={name}&number={number}&when={event}#{number}"
USER = "$(touch%20gone)&x='1'"
NUMBER = f"$(touch gone)&x='1'@{DOMAIN}"
NAME = """-Anna "Q" O'Neil & <b>; $(touch gone) `touch gone` | 100% #1 \\ ü"""
QUOTED = NAME.replace("\\", "\\\\").replace('"', '\\"')


class Pipe:
    """What programs append to a pipe, line by line."""

    def __init__(self, path: Path) -> None:
        os.mkfifo(path, 0o600)
        self.path = path
        self._end = os.open(path, os.O_RDWR | os.O_NONBLOCK)
        self._read = b""

    def arguments(self, within_s: float = 15.0) -> list[str]:
        """Return the arguments of the next program that was started."""
        while b"\n" not in self._read:
            with selectors.DefaultSelector() as selector:
                selector.register(self._end, selectors.EVENT_READ)
                assert selector.select(within_s), f"nothing was started ({self.path.name})"
            self._read += os.read(self._end, 65536)
        line, _, self._read = self._read.partition(b"\n")
        return list(ast.literal_eval(line.decode()))

    def close(self) -> None:
        os.close(self._end)


class Office:
    """The program with a browser of the test's, called by SIPp."""

    def __init__(self, stage: Stage) -> None:
        self.browser, self.hook = (Pipe(stage.folder / name) for name in ("browser", "hook"))
        for pipe in (self.browser, self.hook):
            stage.stack.callback(pipe.close)
        script = stage.folder / "browser.py"
        script.write_text(
            f"#!{sys.executable}\nimport sys\nsys.argv.insert(1, {str(self.browser.path)!r})\n"
            f"{WRITES}\n"
        )
        script.chmod(0o700)
        stage.environment["BROWSER"] = str(script)  # what the standard library asks first
        hook = (sys.executable, "-c", WRITES, str(self.hook.path), "{event}", "{number}", "{name}")
        self.folder, self.plain = stage.folder, free_port()
        rules = CallPolicy(url_template=URL, hook=hook)
        self.program = Program(stage, rules, ADMIN, plain_port=self.plain)

    def is_called(self) -> None:
        """Take one call of the awkward caller from its first ring to its end."""
        steps = [
            invite("marta", DOMAIN, caller=f'"{QUOTED}" <sip:{USER}@{DOMAIN}>'),
            recv(100, optional=True), recv(180), recv(200), ACK,
            request("BYE", 2, calling=True), recv(200),
        ]  # fmt: skip
        with Sipp(self.folder / "caller", steps, proxy_port=self.plain) as sipp:
            self.program.in_state("incoming")
            self.program.do("answer")
            sipp.finish()
        self.program.in_state("ended")


@pytest.fixture
def office() -> Iterator[Office]:
    stage = Stage()
    try:
        made = Office(stage)
        yield made
        made.program.do("quit")
        made.program.window.popen.wait(timeout=20)
    finally:
        stage.close()


def test_each_moment_is_told_with_every_value_in_its_place(office: Office):
    for moment in ("ring", "answer", "end"):
        code, answer = softphone(office.program, "call-rules", f'{{"url_when": "{moment}"}}')
        assert code == 0, answer
        office.is_called()
        (url,) = office.browser.arguments()
        parts = urlsplit(url)
        assert (parts.scheme, parts.netloc, parts.path) == ("https", "crm.example", "/open")
        assert parse_qsl(parts.query, strict_parsing=True) == [
            ("who", NAME), ("number", NUMBER), ("when", moment),
        ]  # fmt: skip
        assert unquote(parts.fragment) == NUMBER
        assert not set(url) & set(" \"'<>`\\|$()"), "nothing that a shell or a page would read"
        # One argument each, and none begins like an option.
        told = [office.hook.arguments() for _ in range(3)]
        assert told == [[at, NUMBER, NAME.lstrip("-")] for at in ("ring", "answer", "end")]
    assert not (ROOT / "gone").exists()
