"""A Debian 12 with nothing in it but its base: only that shows what a package forgot to need."""

from __future__ import annotations

import shutil
import subprocess
from contextlib import ExitStack
from pathlib import Path
from typing import Self

SUITE, MIRROR = "bookworm", "http://deb.debian.org/debian"
MOUNTS = ("/proc", "/dev", "/sys")


class CleanRoot:
    """A root of Debian's base packages in a folder; needs root. Ended, nothing of it is left."""

    def __init__(self, folder: Path, base: Path, *shared: Path) -> None:
        """``base``: the archive of Debian's packages, fetched where it is missing. ``shared``
        folders are at the same place inside."""
        self.folder, self._base, self._shared = folder, base, shared
        self._mounts = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as undo:
            undo.callback(self.close)
            self._make()
            for place in (*map(Path, MOUNTS), *self._shared):
                inside = self.folder / place.relative_to("/")
                inside.mkdir(parents=True, exist_ok=True)
                subprocess.run(["mount", "--rbind", str(place), str(inside)], check=True)
                subprocess.run(["mount", "--make-rslave", str(inside)], check=True)
                self._mounts.callback(
                    subprocess.run, ["umount", "--recursive", "--lazy", str(inside)], check=True
                )
            for name in ("resolv.conf", "hosts", "apt/apt.conf.d"):
                there, here = self.folder / "etc" / name, Path("/etc") / name
                if here.is_dir():
                    shutil.copytree(here, there, dirs_exist_ok=True)
                elif here.exists():
                    shutil.copyfile(here, there)
            undo.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._mounts.close()
        shutil.rmtree(self.folder)

    def _make(self) -> None:
        packages = ["debootstrap", "--variant=minbase"]
        if not self._base.exists():
            self._base.parent.mkdir(parents=True, exist_ok=True)
            fetch = [*packages, f"--make-tarball={self._base}", SUITE, str(self.folder), MIRROR]
            subprocess.run(fetch, check=True, capture_output=True, text=True)
            shutil.rmtree(self.folder, ignore_errors=True)
        build = [*packages, f"--unpack-tarball={self._base}", SUITE, str(self.folder), MIRROR]
        subprocess.run(build, check=True, capture_output=True, text=True)

    def command(self, *command: str, user: str = "root") -> list[str]:
        """Return how a command is run inside: by its own paths, without our Python's."""
        return [
            "chroot", f"--userspec={user}", str(self.folder), "/usr/bin/env", "-u", "PYTHONPATH",
            "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8",
            "DEBIAN_FRONTEND=noninteractive", *command,
        ]  # fmt: skip

    def run(
        self, *command: str, user: str = "root", timeout: float = 300
    ) -> subprocess.CompletedProcess[str]:
        """Run a command inside to its end, whatever its exit code."""
        return subprocess.run(
            self.command(*command, user=user), capture_output=True, text=True, timeout=timeout,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip
