"""Boots Debian's kernel in QEMU with this machine's files, read-only, and runs one command there.

Software emulation, no network, no disk: the guest sees the host's root over 9p and forgets all.
"""

from __future__ import annotations

import shlex
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

QEMU = "qemu-system-x86_64"
# In the order of their dependencies.
MODULES = (
    "virtio_ring", "virtio", "virtio_pci_legacy_dev", "virtio_pci_modern_dev", "virtio_pci",
    "netfs", "fscache", "9pnet", "9pnet_virtio", "9p", "hid", "hid-generic", "uhid",
)  # fmt: skip
EXIT = "GUEST-EXIT"


@dataclass(frozen=True)
class Finished:
    code: int
    console: str


class Guest:
    """A folder with a kernel, its modules and busybox, as ``guest-kernel.sh`` makes it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def missing(self) -> str:
        """What is not there, or nothing."""
        if shutil.which(QEMU) is None:
            return "QEMU is not installed"
        if not self._kernels or not (self._folder / "bin/udevadm").exists():
            return "there is no kernel for the guest: installers/linux/guest-kernel.sh fetches one"
        return ""

    @property
    def _kernels(self) -> list[Path]:
        return sorted(self._folder.glob("boot/vmlinuz-*"))

    def run(self, command: list[str], folder: Path, scratch: Path, within_s: float) -> Finished:
        """Run a command as root in ``folder``. Raises TimeoutExpired."""
        image = scratch / "initramfs"
        image.write_bytes(self._initramfs(command, folder))
        arguments = [
            QEMU, "-accel", "tcg", "-m", "768", "-smp", "1", "-nographic", "-no-reboot",
            "-nic", "none", "-monitor", "none", "-serial", "stdio", "-kernel", self._kernels[-1],
            "-initrd", image, "-append", "console=ttyS0 quiet loglevel=3 panic=-1 rdinit=/init",
            "-virtfs",
            "local,path=/,mount_tag=host,security_model=none,readonly=on,multidevs=remap",
        ]  # fmt: skip
        done = subprocess.run(
            [str(argument) for argument in arguments],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            timeout=within_s, check=False,
        )  # fmt: skip
        console = done.stdout.decode("utf-8", "replace").replace("\r", "")
        said = [line for line in console.splitlines() if line.startswith(EXIT)]
        return Finished(int(said[-1].split()[1]) if said else -1, console)

    def _initramfs(self, command: list[str], folder: Path) -> bytes:
        files = {"bin/busybox": (self._folder / "bin/busybox").read_bytes()}
        version = self._kernels[-1].name.removeprefix("vmlinuz-")
        tree = self._folder / "lib/modules" / version
        for name in MODULES:
            found = next(iter(tree.rglob(f"{name}.ko")), None)
            if found is not None:  # else built in
                files[f"modules/{name}.ko"] = found.read_bytes()
        files["init"] = _init(command, folder, [m for m in MODULES if f"modules/{m}.ko" in files])
        return _cpio(files)


def _init(command: list[str], folder: Path, modules: list[str]) -> bytes:
    inside = f"cd {shlex.quote(str(folder))} && exec {shlex.join(command)}"
    environment = "PATH=/usr/bin:/bin HOME=/tmp PYTHONDONTWRITEBYTECODE=1 LANG=C.UTF-8"
    return f"""#!/bin/busybox sh
b=/bin/busybox
$b mkdir -p /proc /sys /dev /host
$b mount -t proc proc /proc
$b mount -t sysfs sys /sys
$b mount -t devtmpfs dev /dev
for m in {" ".join(modules)}; do $b insmod /modules/$m.ko || echo "no module $m"; done
$b mount -t 9p -o trans=virtio,version=9p2000.L,ro,msize=524288,cache=loose host /host
$b mount -t proc proc /host/proc
$b mount -t sysfs sys /host/sys
$b mount -t devtmpfs dev /host/dev
$b mount -t tmpfs tmp /host/tmp
$b mount -t tmpfs run /host/run
$b chroot /host /usr/bin/env -i {environment} /bin/sh -c {shlex.quote(inside)} 2>&1
echo "{EXIT} $?"
$b poweroff -f
""".encode()


def _cpio(files: dict[str, bytes]) -> bytes:
    """Return a newc archive (the kernel's initramfs format), folders included."""
    out = bytearray()
    folders = sorted({parent for name in files for parent in _parents(name)}, key=len)
    entries = [(name, b"", 0o040755) for name in folders]
    entries += [(name, data, 0o100755) for name, data in files.items()]
    for number, (name, data, mode) in enumerate([*entries, ("TRAILER!!!", b"", 0)], start=1):
        fields = (number, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name) + 1, 0)
        out += b"070701" + b"".join(b"%08X" % value for value in fields)
        out += name.encode() + b"\0"
        out += bytes(-len(out) % 4) + data
        out += bytes(-len(out) % 4)
    return bytes(out)


def _parents(name: str) -> list[str]:
    parts = name.split("/")[:-1]
    return ["/".join(parts[: count + 1]) for count in range(len(parts))]
