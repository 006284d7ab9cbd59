"""What the demo stands on: folders, peers, the display; all of it gone at the end."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

from demo.hearing import speak
from demo.peers import kamailio
from demo.peers.authority import Authority
from demo.peers.display import virtual_display
from demo.peers.kamailio import Kamailio
from demo.peers.processes import PeerFailed, Process, free_port, wait_for_port, wait_gone
from demo.peers.registrar import SmallRegistrar
from softphone.engine.door import door_file
from softphone.paths import Profile

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build" / "demo"
DOMAIN = "phone.example"
NUMBER = "+48225550147"
CUSTOMER = "Anna Kowalska"
NOTE = "Wants the parcel at the back door of Studio Kowalska."
AGENT_SAYS = "Good morning Mrs Kowalska, this is Marta of the order desk."
CUSTOMER_SAYS = "Please move the delivery of my order to Friday before noon."
ADMIN, AGENT, SUPERVISOR = "Claire Dubois", "Marta Nováková", "Jonas Weber"
OFFICER = "Dora Petrescu"
SERVER = [sys.executable, "-m", "softphone"]
PROGRAM = shlex.split(os.environ.get("SOFTPHONE_PROGRAM", "")) or SERVER
"""How the program is called: the one here, or a package of it that is to be tried."""


class Stage:
    """Everything that is started is ended by :meth:`close`, in reverse order."""

    def __init__(self) -> None:
        shutil.rmtree(BUILD, ignore_errors=True)
        BUILD.mkdir(parents=True)
        self.stack = ExitStack()
        self.folder = Path(tempfile.mkdtemp(prefix="softphone-demo-"))
        self.folder.chmod(0o700)
        self.stack.callback(shutil.rmtree, self.folder, ignore_errors=True)
        self.stack.callback(self._end_engines)
        self.profile = self.folder / "agent"
        self.passwords = {
            name: os.urandom(12).hex()
            for name in (ADMIN, AGENT, SUPERVISOR, OFFICER, "sip", "customer", "colleague")
        }
        self.agent_voice = speak(AGENT_SAYS, self.folder / "agent.wav")
        self.customer_voice = speak(CUSTOMER_SAYS, self.folder / "customer.wav", "en+f3")
        self.authority = Authority(self.folder / "authority")
        self.environment: dict[str, str] = {}
        self.pictures = False

    def close(self) -> None:
        self.stack.close()

    def _end_engines(self) -> None:
        """End the engines of both profiles; one with a live call would rightly go on."""
        for profile in (self.profile, self.folder / "customer"):
            pid = _engine_pid(profile)
            if pid is not None:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGTERM)
                    if not wait_gone(pid):
                        os.kill(pid, signal.SIGKILL)

    # --- peers ----------------------------------------------------------------------------------

    def start_display(self) -> str:
        """Use the display there is, a virtual one, or none."""
        if os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
            self.pictures = bool(os.environ.get("DISPLAY"))
            return "your display"
        if shutil.which("Xvfb") is None:
            self.environment["QT_QPA_PLATFORM"] = "offscreen"
            return "no display (offscreen)"
        name = self.stack.enter_context(virtual_display())
        self.environment |= {"DISPLAY": name, "QT_QPA_PLATFORM": "xcb"}
        self.pictures = True
        return "a virtual display (Xvfb)"

    def start_registrar(self, **more: Any) -> str:
        """``more`` is what only Kamailio can do."""
        files = self.authority.issue("localhost", "127.0.0.1", label="registrar")
        accounts = {
            "marta": self.passwords["sip"],
            "anna": self.passwords["customer"],
            "jonas": self.passwords["colleague"],
        }
        make: Callable[..., Kamailio | SmallRegistrar] = (
            Kamailio if kamailio.installed() else SmallRegistrar
        )
        self.registrar = make(
            self.folder / "registrar",
            files,
            accounts,
            domain=DOMAIN,
            numbers={NUMBER: "anna"},
            **more,
        )
        self.registrar.start()
        self.stack.callback(self.registrar.stop)
        return type(self.registrar).__name__

    def start_server(self) -> str:
        """Start the sync server; returns its one-time token."""
        files = self.authority.issue("localhost", "127.0.0.1", label="sync")
        data = self.folder / "server"
        self.cli("server", "init", "--data", str(data))
        token = self.cli("server", "token", "--data", str(data)).strip()
        self.server_port = free_port()
        process = Process(
            [*SERVER, "server", "run", "--data", str(data), "--port", str(self.server_port),
             "--certificate", str(files.certificate), "--key", str(files.key)],
            self.folder / "server.log",
            cwd=ROOT,
        )  # fmt: skip
        self.stack.callback(process.stop)
        wait_for_port(self.server_port, process, 30)
        return token

    @property
    def server_url(self) -> str:
        return f"https://localhost:{self.server_port}"

    # --- the program ----------------------------------------------------------------------------

    def cli(self, *arguments: str, said: str = "") -> str:
        """Run a command of the program. Raises PeerFailed."""
        done = subprocess.run(
            [*(SERVER if arguments[0] == "server" else PROGRAM), *arguments],
            input=said,
            capture_output=True,
            text=True,
            cwd=ROOT,
            env={**os.environ, **self.environment},
            timeout=60,
        )
        if done.returncode not in (0, 1):
            raise PeerFailed(f"softphone {arguments[0]}: {done.stderr[-2000:]}")
        return done.stdout

    def command(self, name: str, *arguments: str) -> dict[str, Any]:
        """Give a command to the running window and return its answer."""
        return dict(
            json.loads(
                self.cli(
                    name, "--profile", str(self.profile), *(("--", *arguments) if arguments else ())
                )
            )
        )

    def open_window(self, person: str) -> Process:
        """Open the window as a person, signed in."""
        log = self.folder / f"window-{len(list(self.folder.glob('window-*')))}.log"
        process = Process(
            [*PROGRAM, "run", "--profile", str(self.profile), "--sign-in", person,
             "--audio", f"file:{self.agent_voice}"],
            log,
            env=self.environment,
            cwd=ROOT,
            said=self.passwords[person] + "\n",
        )  # fmt: skip
        self.stack.callback(process.stop)
        return process

    def picture(self, name: str) -> None:
        """Photograph the virtual screen into the artefacts."""
        if self.pictures:
            subprocess.run(
                [sys.executable, "-m", "demo.picture", str(BUILD / f"{name}.png")],
                env={**os.environ, **self.environment},
                cwd=ROOT,
                check=False,
                timeout=30,
                capture_output=True,
            )


def _engine_pid(profile: Path) -> int | None:
    """Return the process of the engine that runs for a profile, or None."""
    try:
        return int(json.loads(door_file(Profile(profile)).read_text("utf-8"))["pid"])
    except (OSError, ValueError, KeyError):
        return None
