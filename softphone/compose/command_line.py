"""Every command of the command line, and how those for the running phone reach it.

Not loaded by what only starts the window or the engine: the table of commands brings all use cases.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeAlias

from softphone import __version__
from softphone.app.commands import COMMANDS, OPTIONS, SLOW, STDIN_LINES
from softphone.compose import vault_commands
from softphone.domain.audit import Action, DataCategory, Result
from softphone.engine.control import send_command, stream_events
from softphone.paths import Profile

Parts: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"
Add = Callable[[str, str], argparse.ArgumentParser]
_GROUPS = {
    "contacts": "find, import, export and merge contacts",
    "consent": "legal bases by contact and purpose",
    "information": "what people are told",
    "do-not-call": "numbers that must not be called for marketing",
}


def add_commands(made: argparse.ArgumentParser, commands: Parts, add: Add) -> None:
    """Add every command but those that start something; ``add`` makes one of a profile."""
    made.add_argument("--version", action="version", version=__version__)
    _running_phone(commands)
    events = add("events", "print what happens in the running phone, one JSON object a line")
    events.add_argument("--count", type=int, default=0, help="end after so many; 0 is never")
    add("quit", "close the running window")
    show = add("show", "show a page of the running window")
    show.add_argument("arguments", nargs=1, metavar="PAGE")
    enrol = add("enrol", "enrol with a sync server; user name and password are read from stdin")
    enrol.add_argument("url")
    enrol.add_argument("token")
    enrol.add_argument("--ca-file", default="", help="an authority of your own, PEM")
    enrol.add_argument("--pin", default="", help="SHA-256 of the only certificate to take")
    enrol.add_argument(
        "--proxy", default="", help="http://HOST:PORT, or direct; else what HTTPS_PROXY says"
    )
    add(
        "reset-password",
        "reset a forgotten password; recovery key, user name and new password are read from stdin",
    )
    doctor = add("doctor", "check this computer, and say what to do; needs no password")
    doctor.add_argument("--json", action="store_true", help="for programs")
    doctor.add_argument(
        "--bundle", type=Path, metavar="FILE.zip", help="write it for whoever helps; names nobody"
    )
    vault_commands.add_parser(commands)
    _audit(commands)
    _device(commands)
    _policy(commands)
    _server(commands)


def _running_phone(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    groups: dict[str, argparse._SubParsersAction[argparse.ArgumentParser]] = {}
    for name, (_, text) in COMMANDS.items():
        group, _, part = name.rpartition(" ")
        if group and group not in groups:
            made = commands.add_parser(group, help=f"{_GROUPS[group]} (of the running phone)")
            groups[group] = made.add_subparsers(dest="part", required=True)
        words = f"{text} (of the running phone)"
        added = groups.get(group, commands).add_parser(part, help=words, description=words)
        added.add_argument("--profile", type=Path, help="the profile's folder")
        for option, help_text in OPTIONS.get(name, {}).items():
            if help_text:
                added.add_argument(f"--{option}", help=help_text)
            else:
                added.add_argument(f"--{option}", action="store_true")
        added.add_argument("arguments", nargs="*")
        added.set_defaults(command_name=name)


def given(arguments: argparse.Namespace, name: str) -> list[str]:
    """Return the options and arguments of a command as the phone takes them."""
    found: list[str] = []
    for option in OPTIONS.get(name, {}):
        value = getattr(arguments, option.replace("-", "_"))
        if value is True:
            found.append(f"--{option}")
        elif value:
            found.append(f"--{option}={value}")
    return [*found, *getattr(arguments, "arguments", [])]


def _device(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    device = commands.add_parser(
        "device", help="whose erasures are believed; name and password are read from stdin"
    )
    parts = device.add_subparsers(dest="part", required=True)
    for name, text in (
        ("key", "print the key of this workstation, to be endorsed on others"),
        ("list", "print the endorsed devices, and how many erasures wait for others"),
        ("endorse", "believe the erasures of the device that has this key"),
        ("withdraw", "believe a device's erasures no longer"),
        (
            "decommission",
            "order a workstation to destroy everything, when it next meets the server",
        ),
    ):
        part = parts.add_parser(name, help=text, description=text)
        part.add_argument("--profile", type=Path, help="the profile's folder")
        if name == "endorse":
            part.add_argument("key", metavar="KEY", help="as the device itself shows it")
            part.add_argument("--label", default="", help="what people call the device")
        if name in ("withdraw", "decommission"):
            part.add_argument("device", metavar="DEVICE", help="its identifier")


def _policy(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    policy = commands.add_parser(
        "policy", help="whose rules hold on this workstation; name and password come from stdin"
    )
    parts = policy.add_subparsers(dest="part", required=True)
    for name, text in (
        ("show", "print whose policy holds, its version and its end, and this workstation's key"),
        ("publish", "offer this workstation's rules to the fleet, now and after each change"),
        ("follow", "take the rules from whoever holds this policy key"),
        ("unfollow", "follow nobody any more"),
    ):
        part = parts.add_parser(name, help=text, description=text)
        part.add_argument("--profile", type=Path, help="the profile's folder")
        if name == "follow":
            part.add_argument("key", metavar="KEY", help="as that workstation shows it")


def _audit(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    audit = commands.add_parser(
        "audit", help="the audit log; user name and password are read from stdin"
    )
    parts = audit.add_subparsers(dest="part", required=True)

    def add(name: str, text: str) -> argparse.ArgumentParser:
        added = parts.add_parser(name, help=text, description=text)
        added.add_argument("--profile", type=Path, help="the profile's folder")
        return added

    verify = add("verify", "check the whole log, or an exported bundle (needs no password)")
    verify.add_argument("--bundle", type=Path, help="a bundle: folder or .zip file")
    verify.add_argument("--log-key", default="", help="the log's key as you know it from elsewhere")
    verify.add_argument("--witness-key", default="", help="the witness's key, likewise")
    verify.add_argument("--log-key-mldsa", default="", help="the log's ML-DSA-44 key, likewise")
    show = add("show", "print entries, newest first, one JSON object a line")
    _filters(show)
    show.add_argument("--limit", type=int, default=100)
    show.add_argument("--offset", type=int, default=0)
    prove = add("prove", "print the proof that an entry is in the signed log")
    prove.add_argument("entry", type=int, metavar="N", help="the entry's number, from 0")
    compared = add(
        "compare-calls", "list calls of a PBX's records (CSV) that left no entry in the log"
    )
    compared.add_argument("file", type=Path, metavar="FILE.csv")
    compared.add_argument("--zone", default="", help="IANA zone of its times; else this computer's")
    table = add("table", "write entries as .xlsx, .csv or .json, as show filters them")
    table.add_argument("destination", type=Path)
    _filters(table)
    export = add("export", "write the log as a bundle that a stranger can check")
    export.add_argument("destination", type=Path, help="a new folder, or a file ending in .zip")


def _filters(show: argparse.ArgumentParser) -> None:
    for name, text in (
        ("text", "words of the action, the person or the detail"),
        ("since", "ISO 8601, UTC unless it says otherwise"),
        ("until", "ISO 8601, not included"),
        ("object", "the identifier of what was touched"),
    ):
        show.add_argument(f"--{name}", default="", help=text)
    for name, values in (("action", Action), ("category", DataCategory), ("result", Result)):
        show.add_argument(f"--{name}", default="", choices=[v.value for v in values])


def _server(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    server = commands.add_parser("server", help="the reference sync server")
    parts = server.add_subparsers(dest="part", required=True)
    for name, text in (
        ("init", "create keys and database"),
        ("token", "print a one-time token that enrols one device"),
        ("keys", "print the witness's key, and whose policy is accepted"),
        ("client", "add a client of the API and print its token"),
        ("retire", "wait no longer for a device that never comes back"),
        ("run", "serve"),
    ):
        part = parts.add_parser(name, help=text)
        part.add_argument("--data", type=Path, required=True, help="the server's folder")
        if name == "init":
            part.add_argument("--database", default="", help="an SQLAlchemy URL; else SQLite")
        if name == "keys":
            part.add_argument("--policy", default="", help="accept policies signed by this key")
        if name == "retire":
            part.add_argument("device", metavar="DEVICE", help="its identifier")
        if name == "client":
            part.add_argument("name", metavar="NAME", help="what people call the other system")
            part.add_argument("--role", required=True, choices=("eraser", "auditor"))
            part.add_argument("--key", default="", help="an eraser's verifier key (docs/api.md)")
        if name == "run":
            part.add_argument("--host", default="127.0.0.1")
            part.add_argument("--port", type=int, default=8443)
            part.add_argument(
                "--certificate", type=Path, help="PEM; without it plain HTTP, on loopback only"
            )
            part.add_argument("--key", type=Path)
            part.add_argument(
                "--silent-hours", type=int, default=24, help="after which a device counts as silent"
            )
            part.add_argument(
                "--away-days", type=int, default=180, help="after which a device enrols anew"
            )
            part.add_argument(
                "--package-mb", type=int, default=512, help="largest sealed recording to relay"
            )
            part.add_argument(
                "--waiting-mb", type=int, default=2048, help="what may wait of one device"
            )


def to_the_running_phone(
    profile: Profile,
    arguments: argparse.Namespace,
    lines: Callable[[int], list[str]],
    say: Callable[[dict[str, object]], int],
) -> int:
    """Pass a command on and print the answer. Raises EngineLost."""
    command: str = getattr(arguments, "command_name", arguments.command)
    if command == "events":
        return _print_events(profile, arguments.count)
    words = [*given(arguments, command), *lines(STDIN_LINES.get(command, 0))]
    patience_s = 3600.0 if command in SLOW else 30.0
    return say(send_command(profile, command, words, patience_s))


def _print_events(profile: Profile, count: int) -> int:
    with suppress(KeyboardInterrupt):
        for told, line in enumerate(stream_events(profile), start=1):
            print(json.dumps(line, ensure_ascii=False), flush=True)
            if told == count:
                break
    return 0
