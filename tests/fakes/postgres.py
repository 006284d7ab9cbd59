"""A PostgreSQL of the test's own: one folder, one unix socket, no port."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def pg_ctl() -> Path | None:
    """Return the newest ``pg_ctl`` that Debian installed, or None."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"))
    return found[-1] if found else None


@contextmanager
def postgres(control: Path, options: str = "-c fsync=off -c shared_buffers=16MB") -> Iterator[str]:
    """Run a cluster; yields its SQLAlchemy URL. It refuses to run as root, so it never does."""
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))
    user = "postgres" if os.getuid() == 0 else None
    if user:
        shutil.chown(folder, user)
    data = folder / "data"

    def call(*command: str | Path) -> None:
        subprocess.run(
            command,
            check=True,
            user=user,
            cwd=folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=50,
        )

    try:
        initialise = control.with_name("initdb")
        call(initialise, "-D", data, "-U", "postgres", "-A", "trust", "--no-sync", "-E", "UTF8")
        given = f"-k {folder} -h '' {options}"
        call(control, "start", "-w", "-D", data, "-l", folder / "log", "-o", given)
        try:
            yield f"postgresql+psycopg://postgres@/postgres?host={folder}"
        finally:
            call(control, "stop", "-w", "-m", "immediate", "-D", data)
    finally:
        shutil.rmtree(folder)
