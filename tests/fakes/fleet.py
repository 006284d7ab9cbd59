"""Workstations with real vaults and a real server, on one thread and without a network."""

from __future__ import annotations

import atexit
import functools
import shutil
import tempfile
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

from softphone.app.backups import replay_erasures
from softphone.app.bus import Bus
from softphone.app.ports import Enrolment, LeafBatch, RecordingFilter, Vault
from softphone.domain.audit import Action, DataCategory
from softphone.domain.errors import Refused, ServerMisbehaved
from softphone.domain.events import Event, SyncChanged
from softphone.domain.ids import ContactId, DeviceId, RecordingId
from softphone.domain.merkle import leaf_hash, root
from softphone.domain.note import Checkpoint, SignedNote, format_checkpoint, format_note
from softphone.domain.tombstone import parse_time
from softphone.paths import Profile
from softphone.server import run
from softphone.server.api import create_app
from softphone.server.store import Device, Store
from softphone.server.witness import load_witness
from softphone.sync.client import SyncClient, enrol
from softphone.sync.loop import SyncLoop
from softphone.vault.log_keys import LogSigner
from softphone.vault.restoring import Restoring, erased_in
from tests.fakes.asgi import AsgiTransport
from tests.fakes.clock import START, FakeClock
from tests.fakes.faults import Fault, FaultyTransport
from tests.fakes.secrets import MemorySecrets
from tests.unit.vault.rig import ADMIN, CHEAP, PASSWORD, SUPERVISOR, Rig, draft

T = TypeVar("T")
URL = "https://server"


class DirectLane:
    """Runs work at once, on the thread that asks."""

    def submit(self, work: Callable[[], T]) -> Future[T]:
        future: Future[T] = Future()
        try:
            future.set_result(work())
        except Exception as error:  # noqa: BLE001 - the loop gets it, as from a real lane
            future.set_exception(error)
        return future


class Server:
    """The real application over SQLite; its clock is its own."""

    def __init__(self, folder: Path) -> None:
        self.now = START
        self.folder = folder
        self.store = Store(f"sqlite:///{folder / 'server.db'}")
        app = create_app(self.store, load_witness(folder), lambda: self.now)
        self.transport = AsgiTransport(app)

    def token(self) -> str:
        return self.store.issue_token(self.now)

    def head(self, device: str) -> Device:
        """Return what is stored of a workstation's log."""
        with self.store.transaction() as connection:
            return self.store.lock_device(connection, device)

    def close(self) -> None:
        self.store.close()


class Station:
    """One workstation; its vault is open for the supervisor."""

    def __init__(self, name: str, rig: Rig, server: Server, offset: timedelta) -> None:
        self.name = name
        self.rig = rig
        self.server = server
        self.rig.clock._now = START + offset
        self.vault: Vault = rig.open(SUPERVISOR)
        self.backup: Path | None = None
        self.problems: list[str] = []

    @property
    def clock(self) -> FakeClock:
        return self.rig.clock

    def enrol(self) -> None:
        enrolment = enrol(
            URL,
            self.server.token(),
            self.vault.device,
            self.vault.log_key,
            transport=self.server.transport,
            handover=self.vault.handover,
            log_key_mldsa=self.vault.log_key_mldsa,
        )
        self.vault.save_enrolment(enrolment)

    def sync(self, faults: Iterable[Fault] = ()) -> str:
        """Run one round over a bad network; return what the status bar says."""
        network = FaultyTransport(self.server.transport, faults)

        def connect(known: Enrolment) -> SyncClient:
            return SyncClient(known.url, known.device_token, transport=network)

        said: list[SyncChanged] = []
        bus = Bus()

        def heard(event: Event) -> None:
            if isinstance(event, SyncChanged):
                said.append(event)

        bus.subscribe(heard)
        SyncLoop(self.vault, DirectLane(), bus, self.clock, connect=connect).run_round()
        network.deliver_late()
        self.problems = [one.problem for one in said if one.problem]
        return self.problems[-1] if self.problems else ""

    def as_administrator(self, work: Callable[[Vault], T]) -> T:
        self.vault.close()
        vault = self.rig.open(ADMIN)
        try:
            return work(vault)
        finally:
            vault.close()
            self.vault = self.rig.open(SUPERVISOR)

    def endorse(self, keys: Iterable[str]) -> None:
        wanted = [key for key in keys if key != self.vault.log_key]

        def work(vault: Vault) -> None:
            known = {device.log_key for device in vault.policy.devices}
            for key in wanted:
                if key not in known:
                    vault.endorse_device(
                        key, "", draft(vault, Action.DEVICE_ENDORSED, DataCategory.RIGHTS)
                    )

        self.as_administrator(work)

    def withdraw(self, device: DeviceId) -> None:
        self.as_administrator(
            lambda vault: vault.withdraw_device(
                device, draft(vault, Action.DEVICE_WITHDRAWN, DataCategory.RIGHTS)
            )
        )

    def believes(self, device: DeviceId) -> bool:
        """Whether erasures of that workstation are carried out here."""
        own = self.vault._stores.core.device
        earlier = {key.partition("+")[0].partition("/")[2] for key in own.predecessors}
        known = self.vault.policy.device(device) is not None
        return known or device == own.device or device in earlier

    def fork(self, size: int) -> None:
        """Send entries under this workstation's keys that are not those it sent before."""
        core = self.vault._stores.core
        known = [
            bytes(leaf)
            for (leaf,) in core.connection.execute(
                "SELECT leaf FROM audit_leaves WHERE n < ? ORDER BY n", (size,)
            )
        ]
        leaves = [*known[:-1], known[-1].replace(b'"done"', b'"fail"') + b" ", b"one more"]
        digest = root([leaf_hash(leaf) for leaf in leaves])
        text = format_checkpoint(Checkpoint(core.device.origin, len(leaves), digest))
        note = format_note(SignedNote(text, LogSigner(core.device).sign(text)))
        enrolment = self.vault.enrolment()
        assert enrolment is not None
        client = SyncClient(URL, enrolment.device_token, transport=self.server.transport)
        try:
            client.push_leaves(LeafBatch(size - 1, tuple(leaves[-2:]), note))
        except (Refused, ServerMisbehaved):
            return
        raise AssertionError("the witness cosigned another log of the same name")

    def back_up(self) -> None:
        file = self.rig.profile.root.with_name(f"{self.name}.backup")
        self.vault.back_up(file, draft(self.vault, Action.BACKUP_MADE))
        self.backup = file

    def restore(self, *, newer: bool, online: bool) -> bool:
        """Lose the machine and restore the backup; whether the server could be asked."""
        assert self.backup is not None
        self.vault.close()
        root = self.rig.profile.root
        old = Profile(root.with_name(f"{self.name}.lost"))
        shutil.rmtree(old.root, ignore_errors=True)
        root.replace(old.root)
        work = Restoring(Profile(root), self.clock, self.rig.secrets, kdf=CHEAP)
        staged = work.unpack(self.backup, self.rig.recovery_key, SUPERVISOR.name, PASSWORD)
        erased = erased_in(old, staged.vault) if newer else None
        made_at = parse_time(staged.manifest.made_at)
        asked = online and staged.enrolment is not None
        try:
            pull = self._pull(staged.enrolment) if asked and staged.enrolment else None
            replay_erasures(staged.vault, made_at, pull, erased, staged.keys)
        except Refused:
            # Away for too long, or enrolled anew under another token since the backup.
            asked = False
            replay_erasures(staged.vault, made_at, None, erased, staged.keys)
        staged.vault.close()
        work.put_in_place()
        recovery_key = self.rig.recovery_key
        self.rig = Rig(root, clock=self.clock, secrets=self.rig.secrets)
        self.rig.recovery_key = recovery_key
        self.vault = self.rig.open(SUPERVISOR)
        return asked

    def _pull(self, known: Enrolment) -> Callable:
        client = SyncClient(known.url, known.device_token, transport=self.server.transport)
        return client.tombstones

    def contacts(self) -> set[ContactId]:
        return {contact.id for contact in self.vault.contacts("", 999, 0)}

    def recordings(self) -> set[RecordingId]:
        return {one.id for one in self.vault.recordings(RecordingFilter(), 999, 0)}

    def close(self) -> None:
        self.vault.close()


@functools.cache
def _made(count: int) -> tuple[Path, list[tuple[str, dict[str, bytes]]]]:
    """Set up workstations once; each example begins with a copy."""
    root = Path(tempfile.mkdtemp(prefix="fleet-"))
    atexit.register(shutil.rmtree, root, ignore_errors=True)
    rigs = [Rig(root / str(n), fleet_key=b"f" * 32) for n in range(count)]
    for rig in rigs:
        rig.create(SUPERVISOR)
    keys = [rig.device()[1] for rig in rigs]
    for rig, own in zip(rigs, keys, strict=True):
        rig.endorse(*(key for key in keys if key != own))
    run.init(root / "server")
    secrets = [rig.secrets for rig in rigs]
    assert all(isinstance(one, MemorySecrets) for one in secrets)
    return root, [
        (rig.recovery_key, dict(one.kept))
        for rig, one in zip(rigs, secrets, strict=True)
        if isinstance(one, MemorySecrets)
    ]


def fleet(folder: Path, offsets: list[timedelta]) -> tuple[Server, list[Station]]:
    """Return a server and workstations that are enrolled and endorse each other."""
    root, known = _made(len(offsets))
    shutil.copytree(root / "server", folder / "server")
    server = Server(folder / "server")
    stations = []
    for n, (offset, (recovery_key, kept)) in enumerate(zip(offsets, known, strict=True)):
        shutil.copytree(root / str(n), folder / str(n))
        secrets = MemorySecrets()
        secrets.kept.update(kept)
        rig = Rig(folder / str(n), secrets=secrets)
        rig.recovery_key = recovery_key
        station = Station(str(n), rig, server, offset)
        station.enrol()
        stations.append(station)
    return server, stations
