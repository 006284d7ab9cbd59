"""The composition root: the one module that imports every package."""

from __future__ import annotations

import argparse
import logging
import os
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import tzlocal

from softphone.app.bus import Bus
from softphone.app.local_office import LocalOffice
from softphone.app.media import AudioDevices
from softphone.app.office import Lane
from softphone.app.ports import SyncSource
from softphone.audio.codecs import StreamEncoder
from softphone.audio.devices import FileDevices, PortAudioDevices
from softphone.audio.player import MemoryPlayer
from softphone.domain.errors import EngineLost, InvalidInput
from softphone.domain.events import Event
from softphone.engine.control import ControlServer, send_command
from softphone.engine.process import run_engine
from softphone.engine.supervisor import EngineSupervisor
from softphone.export.workbook import ExcelWorkbookWriter
from softphone.paths import Profile
from softphone.server import run as server_run
from softphone.sip.agent import SipAgent
from softphone.sync import client
from softphone.sync.loop import SyncLoop
from softphone.ui import application
from softphone.ui.remote import Remote
from softphone.vault.journal import RecordingJournal
from softphone.vault.keeper import FileVaultKeeper
from softphone.vault.secret_store import system_secret_store

log = logging.getLogger(__name__)


class SystemClock:
    """The computer's clocks."""

    def now(self) -> datetime:
        """Return the time now (UTC)."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Return seconds on a clock that never goes back."""
        return time.monotonic()


def audio_devices(choice: str) -> AudioDevices:
    """Return devices by name: ``auto``, ``none``, or ``file:PATH`` as microphone."""
    if choice.startswith("file:"):
        return FileDevices(Path(choice.removeprefix("file:")))
    return FileDevices() if choice == "none" else PortAudioDevices()


def engine(profile: Profile, audio: str) -> int:
    """Run the engine process until it is told to end."""

    def ready() -> None:
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        # Whoever read that line may be killed while a call goes on: nothing more goes there.
        with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
            os.dup2(nowhere.fileno(), sys.stdout.fileno())

    return run_engine(
        profile,
        audio_devices(audio),
        StreamEncoder,
        lambda key: RecordingJournal(profile.journal, key, profile.recordings),
        lambda devices, emit: SipAgent(devices.source, devices.sink, emit),
        ready,
    )


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
        player=MemoryPlayer(),
        clock=SystemClock(),
        start_sync=start_sync,
        time_zone=tzlocal.get_localzone_name() or "UTC",
    )


def window(profile: Profile, audio: str, shape: str, sign_in: tuple[str, str] | None) -> int:
    """Open the window; one a profile."""
    if _running(profile):
        raise InvalidInput(
            "The phone is already open.", "A second window on one profile could lose data.",
            "Use the one that is open.",
        )  # fmt: skip
    place = office(profile, audio)
    steering: list[Remote] = []

    def handle(name: str, given: list[str]) -> dict[str, Any]:
        if name in ("quit", "show") and not steering:
            return {"ok": False, "what": "The window is still opening.", "why": "", "do": ""}
        if name == "quit":
            steering[0].quit()
        elif name == "show":
            steering[0].show_page("".join(given[:1]))
        else:
            return place.command(name, given)
        return {"ok": True}

    control = ControlServer(profile, handle)
    try:
        return application.run(
            place,
            argv=sys.argv[:1],
            sign_in=sign_in,
            start_in=shape,
            settings=profile.settings,
            remote=steering.append,
        )
    finally:
        control.close()
        place.close()


def _running(profile: Profile) -> bool:
    try:
        return bool(send_command(profile, "state", [], within_s=5).get("ok"))
    except EngineLost:
        return False


def send(profile: Profile, command: str, arguments: list[str]) -> dict[str, Any]:
    """Send a command to the running phone. Raises EngineLost."""
    return send_command(profile, command, arguments)


def audit_verify(profile: Profile, name: str, password: str) -> dict[str, object]:
    """Check the audit log of a vault that is not open elsewhere."""
    vault = vault_keeper(profile).unlock(name, password)
    try:
        verdict = vault.verify_audit()
    finally:
        vault.close()
    return {
        "ok": verdict.holds,
        "entries": verdict.entries,
        "signed_up_to": verdict.signed_up_to,
        "witnessed_up_to": verdict.witnessed_up_to,
        "root_hash": verdict.root_hash,
        "why": verdict.why,
    }


def enrol(profile: Profile, url: str, token: str, ca_file: str, name: str, password: str) -> None:
    """Enrol this workstation with a sync server by a one-time token."""
    vault = vault_keeper(profile).unlock(name, password)
    try:
        vault.save_enrolment(client.enrol(url, token, vault.device, vault.log_key, ca_file))
    finally:
        vault.close()


def server(arguments: argparse.Namespace) -> int:
    """Run a part of the reference sync server."""
    if arguments.part == "init":
        server_run.init(arguments.data)
        return 0
    if arguments.part == "token":
        sys.stdout.write(server_run.issue_token(arguments.data) + "\n")
        return 0
    server_run.serve(
        arguments.data, arguments.host, arguments.port, arguments.certificate, arguments.key
    )
    return 0
