"""Tells the phone that a sound device was plugged in or out, where its own library cannot see it.

Used on Windows and macOS: PortAudio does not notice, Qt does. On Linux the sound server tells the
phone itself.
"""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtMultimedia import QMediaDevices

from softphone.app.ports import Phone
from softphone.domain.sound import rescan


class DeviceWatch(QObject):
    """Forwards Qt's signals."""

    def __init__(self, phone: Phone, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._phone = phone
        self.media = QMediaDevices(self)
        self.media.audioInputsChanged.connect(self._tell)
        self.media.audioOutputsChanged.connect(self._tell)

    def _tell(self) -> None:
        self._phone.sound(rescan())
