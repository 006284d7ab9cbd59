"""The program without a window."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

import tzlocal

from softphone.app.bus import Bus
from softphone.app.local_office import LocalOffice
from softphone.app.office import Lane
from softphone.app.ports import Enrolment, ExportFormat, SyncSource
from softphone.audio.export import SoundExporter
from softphone.audio.length import SoundLength
from softphone.audio.player import MemoryPlayer
from softphone.compose.programs import ProgramRunner
from softphone.domain.events import Event
from softphone.engine.supervisor import EngineSupervisor
from softphone.export.audit_table import FileAuditFiles
from softphone.export.contact_files import FileContacts
from softphone.export.documents import HtmlDocuments
from softphone.export.workbook import ExcelWorkbookWriter
from softphone.paths import Profile
from softphone.sync import client
from softphone.sync.loop import SyncLoop
from softphone.vault.delivery import AgeDelivery
from softphone.vault.export import AgeExporter
from softphone.vault.keeper import FileVaultKeeper
from softphone.vault.secret_store import system_secret_store


class SystemClock:
    """The computer's clocks."""

    def now(self) -> datetime:
        """Return the time now (UTC)."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Return seconds on a clock that never goes back."""
        return time.monotonic()


def vault_keeper(profile: Profile) -> FileVaultKeeper:
    """Return the keeper of this profile's vault, with the system's key store where there is one."""
    return FileVaultKeeper(profile, SystemClock(), system_secret_store(profile.root))


def office(profile: Profile, audio: str = "auto") -> LocalOffice:
    """Return the running program without a window."""
    profile.prepare()

    def make_engine(publish: Callable[[Event], None]) -> EngineSupervisor:
        return EngineSupervisor(profile, publish, ["--audio", audio])

    def start_sync(source: SyncSource, lane: Lane, bus: Bus) -> SyncLoop:
        loop = SyncLoop(source, lane, bus, SystemClock())
        loop.start()
        return loop

    return LocalOffice(
        keeper=vault_keeper(profile),
        engine=make_engine,
        workbooks=ExcelWorkbookWriter(),
        player=MemoryPlayer(preferences=profile.sound),
        clock=SystemClock(),
        start_sync=start_sync,
        exporters={
            ExportFormat.AGE: AgeExporter(),
            ExportFormat.WAV: SoundExporter(),
            ExportFormat.OGG: SoundExporter(),
        },
        meter=SoundLength(),
        hooks=ProgramRunner(),
        files=FileContacts(),
        delivery=AgeDelivery(),
        audit_files=FileAuditFiles(),
        documents=HtmlDocuments(),
        tell_server=tell_server,
        time_zone=tzlocal.get_localzone_name() or "UTC",
    )


def tell_server(enrolment: Enrolment, certificate: str) -> None:
    """Hand the certificate of this workstation's end to the server. Raises SoftphoneError."""
    with client.sync_client(enrolment) as connection:
        connection.leave(certificate)


def enrol(
    profile: Profile,
    url: str,
    token: str,
    ca_file: str,
    pin: str,
    proxy: str,
    name: str,
    password: str,
) -> None:
    """Enrol this workstation with a sync server by a one-time token."""
    vault = vault_keeper(profile).unlock(name, password)
    try:
        enrolment = client.enrol(
            url,
            token,
            vault.device,
            vault.log_key,
            ca_file,
            handover=vault.handover,
            pin=pin,
            log_key_mldsa=vault.log_key_mldsa,
            proxy=proxy,
        )
        vault.save_enrolment(enrolment)
    finally:
        vault.close()
