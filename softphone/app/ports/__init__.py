"""What the use cases need from the outside, as Protocols. Adapters are wired in ``compose``."""

from __future__ import annotations

from softphone.app.ports.backup import BackupMade
from softphone.app.ports.clock import Clock
from softphone.app.ports.consent import ConsentStore, DoNotCall, Informing
from softphone.app.ports.contact_files import (
    ContactFiles,
    ContactFormat,
    ContactSource,
    Delivery,
    OpenFile,
    SourceRow,
)
from softphone.app.ports.directory import Directory
from softphone.app.ports.documents import DocumentWriter
from softphone.app.ports.export import (
    BundleWriter,
    ExportFormat,
    ExportOrder,
    OnProgress,
    OnRow,
    Player,
    RecordingExporter,
    SoundMeter,
    WorkbookWriter,
)
from softphone.app.ports.headsets import Headsets
from softphone.app.ports.keeper import VaultKeeper
from softphone.app.ports.phone import Phone, RecordingPlan
from softphone.app.ports.recording import Journal, RecordingWriter
from softphone.app.ports.sync import Enrolment, LeafBatch, SyncSource
from softphone.app.ports.vault import (
    NewMember,
    RecordingFilter,
    RecordingReader,
    Vault,
)

__all__ = [
    "BackupMade",
    "BundleWriter",
    "Clock",
    "ConsentStore",
    "ContactFiles",
    "ContactFormat",
    "ContactSource",
    "Delivery",
    "Directory",
    "DoNotCall",
    "DocumentWriter",
    "Enrolment",
    "ExportFormat",
    "ExportOrder",
    "Headsets",
    "Informing",
    "Journal",
    "LeafBatch",
    "NewMember",
    "OnProgress",
    "OnRow",
    "OpenFile",
    "Phone",
    "Player",
    "RecordingExporter",
    "RecordingFilter",
    "RecordingPlan",
    "RecordingReader",
    "RecordingWriter",
    "SoundMeter",
    "SourceRow",
    "SyncSource",
    "Vault",
    "VaultKeeper",
    "WorkbookWriter",
]
