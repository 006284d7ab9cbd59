"""A vault on a disk of its own that gets full and read-only; to be run in a mount namespace.

The argument is an empty folder. Prints one JSON object: what was said at each step.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from softphone.domain.errors import SoftphoneError
from tests.unit.vault.rig import AGENT, SUPERVISOR, Rig, contact, draft


def said(deed: Callable[[], object]) -> list[str]:
    """Return the sentences of a refusal; ``["done"]`` without one."""
    try:
        deed()
    except SoftphoneError as error:
        return [type(error).__name__, error.what, error.why, error.do]
    return ["done"]


def fill(folder: Path) -> Path:
    """Leave not one block of the disk."""
    file = folder / "ballast"
    with file.open("wb", buffering=0) as out:
        for block in (1 << 16, 4096, 1):
            try:
                while True:
                    out.write(bytes(block))
            except OSError:
                continue
    return file


def main(folder: Path) -> dict[str, object]:
    """Tell the story."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", folder], check=True)
    rig = Rig(folder / "profile")
    told: dict[str, object] = {}
    ballast = fill(folder)
    told["set up on a full disk"] = said(rig.create)
    ballast.unlink()
    rig.create(SUPERVISOR, AGENT)

    vault = rig.open(AGENT)
    ballast = fill(folder)
    ada = contact("Ada", "+493012345678")
    big = [contact(f"Person {n} " + "x" * 4000, f"+49301{n:07}") for n in range(40)]
    told["a deed on a full disk"] = said(lambda: [vault.save_contact(c, draft(vault)) for c in big])
    told["leaving on a full disk"] = said(vault.close)
    told["sign-in on a full disk"] = said(lambda: rig.open(AGENT))
    ballast.unlink()
    vault = rig.open(AGENT)
    told["a deed with room again"] = said(lambda: vault.save_contact(ada, draft(vault)))
    verdict = vault.verify_audit()
    told["the log holds"] = [str(verdict.holds)]
    ballast = fill(folder)
    told["recording on a full disk"] = said(lambda: rig.seal(vault, "+493012345678"))
    ballast.unlink()
    told["recording with room again"] = said(lambda: rig.seal(vault, "+493012345678"))
    vault.close()

    subprocess.run(["mount", "-o", "remount,ro", folder], check=True)
    told["sign-in on a read-only disk"] = said(lambda: rig.open(AGENT))
    told["set up on a read-only disk"] = said(Rig(folder / "other").create)
    subprocess.run(["mount", "-o", "remount,rw", folder], check=True)
    told["sign-in when it can be written again"] = said(lambda: rig.open(AGENT).close())
    return told


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(Path(sys.argv[1]))) + "\n")
