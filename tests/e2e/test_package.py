"""The Debian package in a Debian 12 that has nothing else: installed, used, and removed."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.clean_root import CleanRoot

ROOT = Path(__file__).parents[2]
BUILT = ROOT / "build" / "package"
PACKAGES = sorted(BUILT.glob("softphone_*.deb"))
RULE = "usr/lib/udev/rules.d/70-softphone-headset.rules"
pytestmark = [
    pytest.mark.e2e,
    pytest.mark.timeout(500),
    pytest.mark.skipif(not PACKAGES, reason="run “make package” first"),
    pytest.mark.skipif(os.geteuid() != 0, reason="a root of its own needs root"),
    pytest.mark.skipif(shutil.which("debootstrap") is None, reason="debootstrap is missing"),
]


@pytest.fixture(scope="module")
def shared() -> Iterator[Path]:
    # AF_UNIX paths are short: not below pytest's deep folders.
    with tempfile.TemporaryDirectory(prefix="e2e-") as folder:
        yield Path(folder)


def install(debian: CleanRoot) -> None:
    put_in = ("apt-get", "-qq", "-y", "--no-install-recommends", "install")
    done = debian.run(*put_in, f"/tmp/{PACKAGES[-1].name}", timeout=480)
    assert done.returncode == 0, done.stderr[-3000:]


@pytest.fixture(scope="module")
def debian(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[CleanRoot]:
    folder = tmp_path_factory.mktemp("debian") / "root"
    with CleanRoot(folder, BUILT / "bookworm.tar", shared) as made:
        (folder / "tmp" / PACKAGES[-1].name).write_bytes(PACKAGES[-1].read_bytes())
        assert made.run("apt-get", "-qq", "update").returncode == 0
        install(made)
        assert made.run("useradd", "--create-home", "agent").returncode == 0
        yield made


def test_the_doctor_finds_nothing_missing(debian: CleanRoot):
    done = debian.run("softphone", "doctor", "--json", "--profile", "/home/agent/p", user="agent")
    found = {one["check"]: one for one in json.loads(done.stdout)["findings"]}
    assert found["phone"]["verdict"] == "good", found["phone"]
    bad = {name for name, one in found.items() if one["verdict"] == "bad"}
    assert bad <= {"sound devices"}, "this computer has no sound card"


def test_what_it_puts_where(debian: CleanRoot):
    listed = debian.run("dpkg", "--listfiles", "softphone").stdout.splitlines()
    for path in (
        RULE, "usr/share/applications/softphone.desktop", "usr/share/man/man1/softphone.1.gz",
        "usr/share/icons/hicolor/scalable/apps/softphone.svg",
        "usr/share/doc/softphone/sbom.cdx.json",
        "usr/share/doc/softphone/third-party-licences.txt",
    ):  # fmt: skip
        assert f"/{path}" in listed
    writable = debian.run("find", "/usr/lib/softphone", "-perm", "/022", "!", "-type", "l")
    assert writable.stdout == "", "nobody but root may change it"


def test_the_bill_of_materials_names_what_wheels_carry_inside(debian: CleanRoot):
    bill = json.loads((debian.folder / "usr/share/doc/softphone/sbom.cdx.json").read_text("utf-8"))
    names = {one["name"] for one in bill["components"]}
    assert {"PySide6_Essentials", "cryptography", "Qt", "PJSIP", "SQLCipher"} <= names
    assert "pyinstaller" not in names
    assert "pytest" not in names
    licences = debian.folder / "usr/share/doc/softphone/third-party-licences.txt"
    assert "GPL-2.0-or-later" in licences.read_text("utf-8")


def test_the_main_job_from_call_to_erasure(debian: CleanRoot, shared: Path):
    """The demo, with the package as its program: window, engine, commands, all of it in there."""
    environment = {
        **os.environ,
        "TMPDIR": str(shared),
        "SOFTPHONE_PROGRAM": shlex.join(debian.command("softphone")),
    }
    demo = subprocess.run(
        [sys.executable, "-m", "demo"], cwd=ROOT, env=environment, capture_output=True, text=True,
        timeout=400,
    )  # fmt: skip
    assert demo.returncode == 0, demo.stdout[-3000:] + demo.stderr[-3000:]
    report = json.loads((ROOT / "build/demo/report.json").read_text("utf-8"))
    assert len(report["checks"]) >= 24
    assert all(report["checks"].values())


def test_removed_it_leaves_people_their_vaults(debian: CleanRoot):
    vault = debian.folder / "home/agent/.local/share/softphone/vault"
    vault.mkdir(parents=True)
    assert debian.run("apt-get", "-qq", "-y", "purge", "softphone").returncode == 0
    assert not (debian.folder / "usr/lib/softphone").exists()
    assert not (debian.folder / RULE).exists()
    assert vault.exists()
    install(debian)
