"""Photograph the screen: ``python -m demo.picture FILE``."""

from __future__ import annotations

import sys

from PySide6.QtGui import QGuiApplication


def main(path: str) -> int:
    """Save the primary screen as PNG."""
    application = QGuiApplication([])
    picture = application.primaryScreen().grabWindow(0)
    return 0 if picture.save(path) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
