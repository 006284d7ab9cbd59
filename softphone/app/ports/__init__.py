"""What the use cases need from the outside, as Protocols. Adapters are wired in ``compose``."""

from __future__ import annotations

from softphone.app.ports.clock import Clock
from softphone.app.ports.documents import DocumentWriter
from softphone.app.ports.export import (
    BundleWriter,
    ExportFormat,
    ExportOrder,
    OnProgress,
    Player,
    RecordingExporter,
    SoundMeter,
    WorkbookWriter,
)
from softphone.app.ports.phone import Phone, RecordingPlan
from softphone.app.ports.recording import Journal, RecordingWriter
from softphone.app.ports.sync import Enrolment, LeafBatch, SyncSource
from softphone.app.ports.vault import (
    BackupMade,
    NewMember,
    RecordingFilter,
    RecordingReader,
    Vault,
    VaultKeeper,
)

__all__ = [
    "BackupMade",
    "BundleWriter",
    "Clock",
    "DocumentWriter",
    "Enrolment",
    "ExportFormat",
    "ExportOrder",
    "Journal",
    "LeafBatch",
    "NewMember",
    "OnProgress",
    "Phone",
    "Player",
    "RecordingExporter",
    "RecordingFilter",
    "RecordingPlan",
    "RecordingReader",
    "RecordingWriter",
    "SoundMeter",
    "SyncSource",
    "Vault",
    "VaultKeeper",
    "WorkbookWriter",
]
