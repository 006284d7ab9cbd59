"""``softphone doctor``: checks the computer and says what to do; needs no password.

The bundle is for whoever helps: findings, versions and counters of the last calls. Nothing in it
names a person, a device, a host or a folder.
"""

from __future__ import annotations

import argparse
import json
import logging
import platform
import sys
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from importlib import metadata
from pathlib import Path

from softphone import __version__
from softphone.audio import self_check as sound
from softphone.domain.call_sound import CallSound
from softphone.domain.diagnosis import Finding, Verdict, worst
from softphone.engine import self_check as phone
from softphone.engine.sound_log import read_sounds
from softphone.paths import Profile, private_file
from softphone.vault import self_check as vault

_MARK = {Verdict.GOOD: "ok", Verdict.NOTICE: "notice", Verdict.BAD: "BAD"}
_PACKAGES = (
    "av", "cryptography", "hidapi", "httpx", "keyring", "livekit", "numpy", "pjsua2-python",
    "PySide6-Essentials", "sounddevice", "sqlcipher3",
)  # fmt: skip
Check = Callable[[], Finding | tuple[Finding, ...]]


def run(arguments: argparse.Namespace, profile: Profile) -> int:
    """Check, print, and write the bundle if one is asked for; 1 where something is bad."""
    with _without_log():
        sounds = read_sounds(profile.call_sounds)
        findings = tuple(diagnose(checks(profile, sounds)))
    if arguments.json:
        shown = json.dumps(_report(findings), indent=2, ensure_ascii=False)
    else:
        shown = "\n".join(_lines(findings))
    sys.stdout.write(f"{shown}\n")
    if arguments.bundle is not None:
        write_bundle(arguments.bundle, findings, sounds)
    return 1 if worst(findings) is Verdict.BAD else 0


@contextmanager
def _without_log() -> Iterator[None]:
    """The findings say it better."""
    ours = logging.getLogger("softphone")
    before = ours.level
    ours.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        ours.setLevel(before)


def checks(profile: Profile, sounds: tuple[CallSound, ...]) -> tuple[tuple[str, Check], ...]:
    """Return all checks with their names, in the order in which they are shown."""
    return (
        ("profile", lambda: vault.check_place(profile)),
        ("database", vault.check_database),
        ("key store", lambda: vault.check_key_store(profile)),
        ("phone", phone.check_phone),
        ("sound devices", sound.check_devices),
        ("urgency", sound.check_urgency),
        ("voice", sound.check_voice),
        ("headset buttons", sound.check_headsets),
        ("last calls", lambda: phone.check_calls(sounds)),
    )


def diagnose(all_checks: Iterable[tuple[str, Check]]) -> Iterable[Finding]:
    """Yield what each check finds; one that fails is a finding too."""
    for name, check in all_checks:
        try:
            found = check()
        except Exception as error:  # noqa: BLE001 - whatever is broken here is what we look for
            # Not its words: they may hold paths and names.
            kind = type(error).__name__
            yield Finding(name, Verdict.BAD, f"The check itself failed ({kind}).", "Reinstall.")
        else:
            yield from found if isinstance(found, tuple) else (found,)


def write_bundle(file: Path, findings: tuple[Finding, ...], sounds: tuple[CallSound, ...]) -> None:
    """Write a zip file that can be sent to whoever helps. Raises StorageFailed."""
    parts = {
        "findings.json": _report(findings),
        "calls.json": [asdict(one) for one in sounds],
        "versions.json": _versions(),
    }
    with private_file(file) as out, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name, content in parts.items():
            bundle.writestr(name, json.dumps(content, indent=2))


def _report(findings: tuple[Finding, ...]) -> dict[str, object]:
    return {
        "softphone": __version__,
        "verdict": worst(findings).value,
        "findings": [{**asdict(f), "verdict": f.verdict.value} for f in findings],
    }


def _lines(findings: tuple[Finding, ...]) -> Iterable[str]:
    for finding in findings:
        yield f"{_MARK[finding.verdict]:<7} {finding.check:<16} {finding.found}"
        if finding.advice:
            yield f"{'':<24} → {finding.advice}"


def _versions() -> dict[str, object]:
    return {
        "softphone": __version__,
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.release()}",
        "machine": platform.machine(),
        "packages": {name: version for name in _PACKAGES if (version := _version(name))},
    }


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""
