"""What the use cases need from the outside, as Protocols. Adapters are wired in ``compose``."""

from __future__ import annotations

from softphone.app.ports.clock import Clock
from softphone.app.ports.export import BundleWriter, Player, WorkbookWriter
from softphone.app.ports.phone import Phone, RecordingPlan
from softphone.app.ports.recording import Journal, RecordingWriter
from softphone.app.ports.sync import Enrolment, LeafBatch, SyncSource
from softphone.app.ports.vault import (
    NewMember,
    RecordingFilter,
    RecordingReader,
    Vault,
    VaultKeeper,
)

__all__ = [
    "BundleWriter",
    "Clock",
    "Enrolment",
    "Journal",
    "LeafBatch",
    "NewMember",
    "Phone",
    "Player",
    "RecordingFilter",
    "RecordingPlan",
    "RecordingReader",
    "RecordingWriter",
    "SyncSource",
    "Vault",
    "VaultKeeper",
    "WorkbookWriter",
]
