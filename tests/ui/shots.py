"""Renders every page in every state into build/shots, with one contact sheet a page.

``python -m tests.ui.shots [page ...]``: light and dark, 100 % and 200 %, English and German, both
shapes. Each scale and language is a process of its own, for Qt reads them at the start.
"""

from __future__ import annotations

import argparse
import math
import os
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import shiboken6
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QCursor, QImage, QPainter
from PySide6.QtWidgets import QApplication, QDialog

from softphone.domain.events import (
    AudioDevicesChanged,
    SyncChanged,
)
from softphone.ui.application import open_window
from softphone.ui.window import MainWindow
from tests.ui.privacy_scenes import PRIVACY_SCENES
from tests.ui.scenes import SCENES as OTHER_SCENES
from tests.ui.scenes import Scene, Stage

OUT = Path("build/shots")
SCENES = (*OTHER_SCENES, *PRIVACY_SCENES)
SIZES = {"desk": (1280, 800), "phone": (360, 640)}


def _grab(window: MainWindow) -> QImage:
    picture = window.grab().toImage()
    ratio = picture.devicePixelRatio()
    painter = QPainter(picture)
    for dialog in window.findChildren(QDialog):
        if dialog.isVisible():
            inner = dialog.grab().toImage()
            size = inner.size() / ratio
            at = QPoint(
                (window.width() - size.width()) // 2, (window.height() - size.height()) // 2
            )
            painter.drawImage(QRect(at, size), inner)
    painter.end()
    return picture


def take(scene: Scene, theme: str, language: str, settings: Path) -> QImage:
    """Render one scene."""
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    office = scene.office()
    settings.write_text(f"theme={theme}\nlanguage={language}\n")
    stage = Stage(office, None)  # type: ignore[arg-type]
    scene.before(stage)
    sign_in = (scene.who, scene.password) if scene.who else None
    window = open_window(
        office, application, sign_in=sign_in, start_in=scene.shape, settings=settings
    )
    stage = replace(stage, window=window)
    QCursor.setPos(2000, 2000)
    window.setMinimumSize(0, 0)
    window.resize(*SIZES[scene.shape])
    stage.pump(80)
    window.resize(*SIZES[scene.shape])
    office.phone.tell(AudioDevicesChanged("Jabra Evolve2 65", "Jabra Evolve2 65"))
    office.bus.publish(SyncChanged(office.clock.now(), 0))
    stage.pump()
    scene.act(stage)
    stage.pump(60)
    picture = _grab(window)
    window.close()
    shiboken6.delete(window)
    office.lane.release()
    stage.pump(20)
    return picture


def render(pages: set[str], language: str, percent: int) -> None:
    """Render all scenes in one language at the scale this process was started with."""
    application = QApplication.instance() or QApplication([])
    assert isinstance(application, QApplication)
    OUT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        for scene in SCENES:
            if pages and scene.page not in pages:
                continue
            for theme in ("light", "dark"):
                picture = take(scene, theme, language, Path(folder) / "settings.ini")
                name = f"{scene.page}-{scene.state}-{theme}-{language}-{percent}.png"
                picture.setDevicePixelRatio(1.0)
                picture.save(str(OUT / name))


def sheets(pages: set[str]) -> list[Path]:
    """Put all pictures of a page on one sheet."""
    made = []
    for page in dict.fromkeys(scene.page for scene in SCENES):
        if pages and page not in pages:
            continue
        files = sorted(OUT.glob(f"{page}-*-*-*-*.png"))
        if not files:
            continue
        columns = 4
        wide, tall = 640, 400
        rows = math.ceil(len(files) / columns)
        sheet = QImage(columns * wide, rows * (tall + 20), QImage.Format.Format_RGB32)
        sheet.fill(Qt.GlobalColor.lightGray)
        painter = QPainter(sheet)
        for place, file in enumerate(files):
            picture = QImage(str(file)).scaled(
                wide - 8,
                tall,
                Qt.AspectRatioMode.KeepAspectRatio,
                Qt.TransformationMode.SmoothTransformation,
            )
            x, y = (place % columns) * wide, (place // columns) * (tall + 20)
            painter.drawText(x + 4, y + 14, file.stem)
            painter.drawImage(x + 4, y + 20, picture)
        painter.end()
        path = OUT / f"sheet-{page}.png"
        sheet.save(str(path))
        made.append(path)
    return made


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pages", nargs="*")
    parser.add_argument("--only", default="", help="LANGUAGE-PERCENT, in this process")
    wanted = parser.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    if wanted.only:
        language, percent = wanted.only.split("-")
        render(set(wanted.pages), language, int(percent))
        return 0
    for old in OUT.glob("*.png"):
        # A picture of what is gone is taken for one of what is there.
        if not wanted.pages or old.name.split("-")[0] in wanted.pages:
            old.unlink()
    for language, percent in (("en", 100), ("de", 100), ("en", 200), ("de", 200)):
        environment = {**os.environ, "QT_SCALE_FACTOR": str(percent / 100)}
        command = [sys.executable, "-m", "tests.ui.shots", "--only", f"{language}-{percent}"]
        subprocess.run([*command, *wanted.pages], env=environment, check=True)
    application = QApplication([])
    for path in sheets(set(wanted.pages)):
        sys.stdout.write(f"{path}\n")
    del application
    return 0


if __name__ == "__main__":
    sys.exit(main())
