"""Adapters that bring large libraries, each imported by the function that makes it.

The window is there before them: see :mod:`softphone.compose.late`.
"""

from __future__ import annotations

from pathlib import Path

from softphone.app.bus import Bus
from softphone.app.office import Lane
from softphone.app.office_parts import Syncing
from softphone.app.ports import (
    Clock,
    ContactFiles,
    Delivery,
    DocumentWriter,
    Player,
    RecordingExporter,
    SoundMeter,
    SyncSource,
    WorkbookWriter,
)
from softphone.app.ports.audit_files import AuditFiles


def workbooks() -> WorkbookWriter:
    """Return the writer of inventories (openpyxl)."""
    from softphone.export.workbook import ExcelWorkbookWriter

    return ExcelWorkbookWriter()


def contact_files() -> ContactFiles:
    """Return the reader and writer of contact files (openpyxl)."""
    from softphone.export.contact_files import FileContacts

    return FileContacts()


def audit_files() -> AuditFiles:
    """Return the writer of audit tables (openpyxl)."""
    from softphone.export.audit_table import FileAuditFiles

    return FileAuditFiles()


def documents() -> DocumentWriter:
    """Return the writer of documents (Jinja)."""
    from softphone.export.documents import HtmlDocuments

    return HtmlDocuments()


def sound_exporter() -> RecordingExporter:
    """Return the exporter of recordings as sound files (FFmpeg)."""
    from softphone.audio.export import SoundExporter

    return SoundExporter()


def sound_meter() -> SoundMeter:
    """Return what tells how long a cut-off recording is (FFmpeg)."""
    from softphone.audio.length import SoundLength

    return SoundLength()


def player(preferences: Path) -> Player:
    """Return the player of recordings (FFmpeg, the sound system)."""
    from softphone.audio.player import MemoryPlayer

    return MemoryPlayer(preferences=preferences)


def age_exporter() -> RecordingExporter:
    """Return the exporter of recordings as age files."""
    from softphone.vault.export import AgeExporter

    return AgeExporter()


def delivery() -> Delivery:
    """Return what seals files for their receivers."""
    from softphone.vault.delivery import AgeDelivery

    return AgeDelivery()


def start_sync(source: SyncSource, lane: Lane, bus: Bus, clock: Clock) -> Syncing:
    """Begin to synchronise (httpx)."""
    from softphone.sync.loop import SyncLoop

    loop = SyncLoop(source, lane, bus, clock)
    loop.start()
    return loop
