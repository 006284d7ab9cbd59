"""The program without a window."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from importlib import import_module

import tzlocal

from softphone.app.bus import Bus
from softphone.app.local_office import LocalOffice
from softphone.app.office import Lane
from softphone.app.office_parts import Syncing
from softphone.app.ports import Enrolment, ExportFormat, SyncSource
from softphone.compose import heavy
from softphone.compose.late import LateAdapters
from softphone.compose.programs import ProgramRunner
from softphone.domain.events import Event
from softphone.engine.child import EngineChild
from softphone.engine.supervisor import EngineSupervisor
from softphone.paths import Profile
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


def office(
    profile: Profile,
    audio: str = "auto",
    child: EngineChild | None = None,
    adapters: LateAdapters | None = None,
) -> LocalOffice:
    """Return the running program without a window.

    ``child``: an engine that was started beforehand; ``adapters`` learns what is loaded later.
    """
    profile.prepare()
    late = (adapters or LateAdapters()).late

    def make_engine(publish: Callable[[Event], None]) -> EngineSupervisor:
        return EngineSupervisor(profile, publish, ["--audio", audio], child)

    def start_sync(source: SyncSource, lane: Lane, bus: Bus) -> Syncing:
        return heavy.start_sync(source, lane, bus, SystemClock())

    sound = late(heavy.sound_exporter)
    return LocalOffice(
        keeper=vault_keeper(profile),
        engine=make_engine,
        workbooks=late(heavy.workbooks),
        player=late(partial(heavy.player, profile.sound)),
        clock=SystemClock(),
        start_sync=start_sync,
        exporters={
            ExportFormat.AGE: late(heavy.age_exporter),
            ExportFormat.WAV: sound,
            ExportFormat.OGG: sound,
        },
        meter=late(heavy.sound_meter),
        hooks=ProgramRunner(),
        files=late(heavy.contact_files),
        delivery=late(heavy.delivery),
        audit_files=late(heavy.audit_files),
        documents=late(heavy.documents),
        tell_server=tell_server,
        time_zone=tzlocal.get_localzone_name() or "UTC",
    )


def tell_server(enrolment: Enrolment, certificate: str) -> None:
    """Hand the certificate of this workstation's end to the server. Raises SoftphoneError."""
    client = import_module("softphone.sync.client")
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
    client = import_module("softphone.sync.client")
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
