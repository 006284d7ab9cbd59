"""``python -m tests.vectors --age DIR --merkle DIR``: judge folders of outside test vectors."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from tests.vectors import age, merkle

Suite = Callable[[Path], tuple[int, list[str]]]


def main(arguments: list[str]) -> int:
    """Run the suites that were named; the last line is ``N passed, N failed``."""
    parser = argparse.ArgumentParser(prog="python -m tests.vectors", description=__doc__)
    parser.add_argument("--age", type=Path, help="folder of C2SP CCTV age vectors")
    parser.add_argument("--merkle", type=Path, help="folder of transparency-dev merkle vectors")
    options = parser.parse_args(arguments)
    named: list[tuple[str, Path | None, Suite]] = [
        ("age", options.age, age.run),
        ("merkle", options.merkle, merkle.run),
    ]
    passed = 0
    failures: list[str] = []
    for name, folder, suite in named:
        if folder is None:
            continue
        done, wrong = _judge(folder, suite)
        sys.stdout.write(f"{name}: {done} passed, {len(wrong)} failed\n")
        passed += done
        failures += [f"{name}: {line}" for line in wrong]
    for line in failures:
        sys.stdout.write(f"{line}\n")
    sys.stdout.write(f"{passed} passed, {len(failures)} failed\n")
    return 1 if failures or not passed else 0


def _judge(folder: Path, suite: Suite) -> tuple[int, list[str]]:
    if not folder.is_dir():
        return 0, [f"there is no folder {folder}"]
    done, wrong = suite(folder)
    if not done and not wrong:
        wrong = [f"no vectors in {folder}"]
    return done, wrong


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
