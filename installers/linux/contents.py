"""Writes what is in the package: FOLDER/sbom.cdx.json (CycloneDX) and third-party-licences.txt.

Runs in the environment that was packaged. The metadata of a wheel does not say which libraries lie
inside it: those are asked for their versions.
"""

from __future__ import annotations

import json
import platform
import subprocess
import sys
import sysconfig
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

import av
import hidraw
import numpy as np
import pjsua2 as pj
from av._core import library_meta
from cryptography.hazmat.backends.openssl.backend import backend
from locked import locked
from packaging.utils import NormalizedName, canonicalize_name
from PySide6.QtCore import qVersion
from sqlcipher3 import dbapi2 as sqlcipher

FFMPEG = {
    "LGPL version 2.1 or later": "LGPL-2.1-or-later",
    "LGPL version 3 or later": "LGPL-3.0-or-later",
    "GPL version 2 or later": "GPL-2.0-or-later",
    "GPL version 3 or later": "GPL-3.0-or-later",
}
"""It depends on how it was built; a KeyError here is a licence that somebody has to look at."""


class Inside(NamedTuple):
    """What wheels carry: libraries by their own word, and files."""

    libraries: list[dict[str, str]]
    files: list[dict[str, object]]


def libraries() -> list[dict[str, str]]:
    """Return the libraries inside wheels, as they say themselves: name, version, licence."""
    database = sqlcipher.connect(":memory:")
    (sqlite,) = database.execute("SELECT sqlite_version()").fetchone()
    (cipher,) = database.execute("PRAGMA cipher_version").fetchone()
    blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]["version"]
    found = [
        ("CPython", platform.python_version(), "Python-2.0"),
        ("OpenSSL (in cryptography)", backend.openssl_version_text().split()[1], "Apache-2.0"),
        ("SQLCipher", cipher.split()[0], "BSD-3-Clause"),
        ("SQLite (in SQLCipher)", sqlite, "blessing"),
        ("Qt", qVersion(), "LGPL-3.0-only"),
        ("FFmpeg (in PyAV)", av.ffmpeg_version_info, FFMPEG[library_meta["libavcodec"]["license"]]),
        ("OpenBLAS (in NumPy)", blas, "BSD-3-Clause"),
        ("HIDAPI", hidraw.version_str(), "BSD-3-Clause"),
        ("PJSIP", pj.Endpoint().libVersion().full, "GPL-2.0-or-later"),
        ("WebRTC audio processing (in livekit)", version("livekit"), "BSD-3-Clause"),
    ]
    return [dict(zip(("name", "version", "licence"), one, strict=True)) for one in found]


def carried() -> list[dict[str, object]]:
    """Return the shared libraries that wheels carry for themselves, as files: name and SHA-256."""
    return [
        {
            "type": "file",
            "bom-ref": f"file:{one.parent.name}/{one.name}",
            "name": f"{one.parent.name}/{one.name}",
            "hashes": [{"alg": "SHA-256", "content": sha256(one.read_bytes()).hexdigest()}],
        }
        for one in sorted(Path(sysconfig.get_path("platlib")).glob("*.libs/*.so*"))
    ]


def bill(names: frozenset[NormalizedName], inside: Inside, own: str) -> dict[str, object]:
    """Return the bill of materials: the environment's, without what only builds the package."""
    made = subprocess.run(
        [
            sys.executable, "-m", "cyclonedx_py", "environment", "--output-format", "JSON",
            "--output-reproducible",
        ],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    whole = json.loads(made.stdout)
    kept = [one for one in whole["components"] if canonicalize_name(one["name"]) in names]
    references = {one["bom-ref"] for one in kept}
    kept += [
        {
            "type": "library",
            "bom-ref": f"inside:{one['name']}",
            "name": one["name"],
            "version": one["version"],
            "licenses": [{"license": {"id": one["licence"]}}],
        }
        for one in inside.libraries
    ]
    whole["components"] = [*kept, *inside.files]
    whole["dependencies"] = [
        {**one, "dependsOn": [d for d in one.get("dependsOn", []) if d in references]}
        for one in whole.get("dependencies", [])
        if one["ref"] in references
    ]
    whole["metadata"]["component"] = {
        "type": "application", "bom-ref": "softphone", "name": "softphone", "version": own,
        "licenses": [{"license": {"id": "GPL-3.0-or-later"}}],
    }  # fmt: skip
    return whole


def licences(names: frozenset[NormalizedName], inside: Inside) -> str:
    """Return the licences of the packages, each with its text where the package carries it."""
    done = subprocess.run(
        [
            sys.executable, "-m", "piplicenses", "--from=mixed", "--format=plain-vertical",
            "--with-license-file", "--no-license-path", "--with-system",
            "--packages", *sorted(names),
        ],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    more = [f"{one['name']} {one['version']}: {one['licence']}" for one in inside.libraries]
    more += ["", *(str(one["name"]) for one in inside.files)]
    return "\n".join([done.stdout, "", "Libraries inside these packages", "", *more, ""])


def main() -> None:
    """``contents.py FOLDER LOCK VERSION``."""
    folder, lock, own = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
    names, inside = locked(lock), Inside(libraries(), carried())
    (folder / "sbom.cdx.json").write_text(json.dumps(bill(names, inside, own), indent=1), "utf-8")
    (folder / "third-party-licences.txt").write_text(licences(names, inside), "utf-8")


if __name__ == "__main__":
    main()
