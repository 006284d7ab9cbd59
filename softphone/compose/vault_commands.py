"""The group ``vault`` of the command line: care for the vault of a phone that is not running."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from softphone.paths import Profile


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the group ``vault`` and its parts."""
    vault = commands.add_parser("vault", help="care for the vault of a phone that is not running")
    parts = vault.add_subparsers(dest="part", required=True)
    rekey = parts.add_parser(
        "rekey",
        help="new keys of all listeners after a compromise, and new headers of what you may hear; "
        "user name and password are read from stdin",
    )
    backup = parts.add_parser(
        "backup",
        help="write a backup that only the recovery key opens; run again, it writes what is new; "
        "user name and password are read from stdin",
    )
    backup.add_argument("file", type=Path)
    backup.add_argument(
        "--keys",
        type=Path,
        help="where the keys of the recordings go, best to another disk; else to FILE.keys",
    )
    backup.add_argument(
        "--keys-days", type=int, help="how long they hold; at most as long as the policy says"
    )
    restore = parts.add_parser(
        "restore",
        help="restore a backup into a new profile; recovery key, user name and a new password are "
        "read from stdin",
    )
    restore.add_argument("file", type=Path)
    restore.add_argument(
        "--keys", type=Path, help="the keys of the recordings, of this run or later; else FILE.keys"
    )
    restore.add_argument(
        "--without-keys",
        action="store_true",
        help="restore everything but the keys of the recordings: nobody can hear them",
    )
    restore.add_argument("--newer", type=Path, help="a newer copy of the profile, for its erasures")
    restore.add_argument(
        "--without-server",
        action="store_true",
        help="do not ask the server who was erased since: they come back",
    )
    restore.add_argument(
        "--drill",
        action="store_true",
        help="restore into a private place, check everything, throw it away again; recovery key, "
        "user name and their present password are read from stdin",
    )
    prove = parts.add_parser(
        "prove-erased",
        help="check the receipt of an erasure, and search every byte for remains; user name, "
        "password and words about the person (with commas) are read from stdin",
    )
    prove.add_argument("receipt", type=Path)
    prove.add_argument(
        "--folder", type=Path, action="append", default=[], help="exports: listed, not deleted"
    )
    leave = parts.add_parser(
        "decommission",
        help="write a signed certificate, then destroy everything in the profile; "
        "user name and password are read from stdin",
    )
    leave.add_argument("certificate", type=Path, help="the file to write, outside of the profile")
    drill = parts.add_parser(
        "drill",
        help="prove that a printed recovery key works, changing nothing; user name, password and "
        "recovery key are read from stdin",
    )
    for part in (drill, rekey, backup, restore, prove, leave):
        part.add_argument("--profile", type=Path, help="the profile's folder")


def run(
    profile: Profile, arguments: argparse.Namespace, lines: Callable[[int], list[str]]
) -> dict[str, object]:
    """Run one part; ``lines(n)`` reads what is typed. The program's other parts load only now."""
    keeping = import_module("softphone.compose.keeping")
    with keeping.at_rest(profile):
        return _run(keeping, profile, arguments, lines)


def _run(
    keeping: Any, profile: Profile, arguments: argparse.Namespace, lines: Callable[[int], list[str]]
) -> dict[str, object]:
    if arguments.part == "rekey":
        return dict(keeping.rekey(profile, *lines(2)))
    if arguments.part == "drill":
        return dict(keeping.drill(profile, *lines(3)))
    if arguments.part == "backup":
        file, keys = arguments.file.resolve(), _resolved(arguments.keys)
        name, password = lines(2)
        return dict(
            keeping.backup(profile, file, name, password, keys=keys, days=arguments.keys_days)
        )
    if arguments.part == "prove-erased":
        folders = [folder.resolve() for folder in arguments.folder]
        receipt = arguments.receipt.resolve()
        return dict(keeping.prove_erased(profile, receipt, folders, *lines(3)))
    if arguments.part == "decommission":
        return dict(keeping.decommission(profile, arguments.certificate.resolve(), *lines(2)))
    recovery_key, name, password = lines(3)
    how = {
        "without_server": arguments.without_server,
        "recovery_key": recovery_key,
        "name": name,
        "password": password,
        "keys": _resolved(arguments.keys),
        "without_keys": arguments.without_keys,
    }
    file = arguments.file.resolve()
    if arguments.drill:
        return dict(keeping.restore_drill(profile, file, **how))
    return dict(keeping.restore(profile, file, arguments.newer, **how))


def _resolved(path: Path | None) -> Path | None:
    return path.resolve() if path else None
