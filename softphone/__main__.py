"""The command line: one table of commands, then compose, then run.

Exit codes: 0 done; 1 refused or failed, the answer says why; 2 wrong usage; 3 the phone is not
running.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from softphone.domain.errors import EngineLost, SoftphoneError
from softphone.paths import Profile, default_profile

STARTING = ("run", "engine")
_ON_THE_PROFILE = {"audit": "audit", "device": "devices", "doctor": "doctor", "policy": "fleet"}
REFUSED, USAGE, NOT_RUNNING = 1, 2, 3


def _compose(way: str) -> Any:
    """Load one way of running; a command to the running phone must not wait for Qt and PJSIP."""
    return import_module(f"softphone.compose.{way}")


def _parser(command: str) -> argparse.ArgumentParser:
    """Return what reads a command line; for ``run`` and ``engine`` nothing else is loaded."""
    made = argparse.ArgumentParser(prog="softphone", description=__doc__)
    commands = made.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def add(name: str, text: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=text, description=text)
        added.add_argument("--profile", type=Path, help="the profile's folder")
        return added

    run = add("run", "open the window")
    run.add_argument("--sign-in", metavar="NAME", help="sign in; the password is read from stdin")
    run.add_argument("--shape", choices=("desk", "phone"), default="desk")
    engine = add("engine", "run the phone without a window (the window starts it by itself)")
    for one in (run, engine):
        one.add_argument("--audio", default="auto", help="auto, none, or file:PATH as microphone")
        one.add_argument("--no-headsets", action="store_true", help="leave their buttons alone")
    if command not in STARTING:
        _compose("command_line").add_commands(made, commands, add)
    return made


def _restore_library_path() -> None:
    """Let programs that are started from here find the system's libraries: the package's loader
    has pointed to its own."""
    before = os.environ.pop("LD_LIBRARY_PATH_ORIG", "")
    if before:
        os.environ["LD_LIBRARY_PATH"] = before
    else:
        os.environ.pop("LD_LIBRARY_PATH", None)


def main(argv: list[str] | None = None) -> int:
    """Run one command and return the exit code."""
    if getattr(sys, "frozen", False):
        _restore_library_path()
    words = sys.argv[1:] if argv is None else argv
    arguments = _parser(words[0] if words else "").parse_args(words)
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)  # its lines hold addresses
    if getattr(arguments, "no_headsets", False):  # the engine that the window starts inherits it
        os.environ["SOFTPHONE_NO_HEADSETS"] = "1"
    try:
        return _run(arguments)
    except EngineLost as error:
        print(error, file=sys.stderr)
        return NOT_RUNNING
    except SoftphoneError as error:
        print(error, file=sys.stderr)
        return REFUSED


def _run(arguments: argparse.Namespace) -> int:
    command: str = arguments.command
    if command == "server":
        return int(_compose("server").server(arguments))
    profile = Profile(arguments.profile.resolve()) if arguments.profile else default_profile()
    if command == "engine":
        return int(_compose("engine").engine(profile, arguments.audio))
    if command == "run":
        password = sys.stdin.readline().rstrip("\n") if arguments.sign_in else ""
        sign_in = (arguments.sign_in, password) if arguments.sign_in else None
        return int(_compose("window").window(profile, arguments.audio, arguments.shape, sign_in))
    if command == "vault":
        return _print(_compose("vault_commands").run(profile, arguments, _lines))
    if command == "reset-password":
        keeping = _compose("keeping")
        with keeping.at_rest(profile):
            return _print(keeping.reset_password(profile, *_lines(3)))
    if command in _ON_THE_PROFILE:
        return int(_compose(_ON_THE_PROFILE[command]).run(arguments, profile))
    if command == "enrol":
        name, password = _lines(2)
        _compose("office").enrol(
            profile,
            arguments.url,
            arguments.token,
            arguments.ca_file,
            arguments.pin,
            arguments.proxy,
            name,
            password,
        )
        return 0
    command_line = _compose("command_line")
    return int(command_line.to_the_running_phone(profile, arguments, _lines, _print))


def _lines(count: int) -> list[str]:
    return [sys.stdin.readline().rstrip("\n") for _ in range(count)]


def _print(answer: dict[str, object]) -> int:
    print(json.dumps(answer, indent=2, ensure_ascii=False))
    return 0 if answer.get("ok") else REFUSED


if __name__ == "__main__":
    sys.exit(main())
