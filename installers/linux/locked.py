"""What ``requirements/app.lock`` names: the program's packages, and nothing that only builds it."""

from __future__ import annotations

import re
from pathlib import Path

from packaging.utils import NormalizedName, canonicalize_name


def locked(lock: Path) -> frozenset[NormalizedName]:
    """Return the names in a lock file, for every platform."""
    names = re.findall(r"^([\w.-]+)==", lock.read_text("utf-8"), re.M)
    return frozenset(map(canonicalize_name, names))
