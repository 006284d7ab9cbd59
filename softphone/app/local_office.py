"""The running program without its window: sign-in, reactions to the engine, synchronisation."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from pathlib import Path
from typing import Any, TypeVar

from softphone.app.aside import Steps, vault_aside
from softphone.app.bus import Bus
from softphone.app.call_hooks import CallHooks, HookRunner
from softphone.app.command_context import Context
from softphone.app.commands import BESIDE, run_command
from softphone.app.desk import Desk, open_desk
from softphone.app.leaving import TellServer, certify, certify_ordered, tell
from softphone.app.missed import Missed
from softphone.app.office import Lane
from softphone.app.office_parts import EngineRunner, Syncing, ThreadLane
from softphone.app.ports import (
    Clock,
    ContactFiles,
    Delivery,
    DocumentWriter,
    ExportFormat,
    NewMember,
    Phone,
    Player,
    RecordingExporter,
    SoundMeter,
    SyncSource,
    Vault,
    VaultKeeper,
    WorkbookWriter,
)
from softphone.app.ports.audit_files import AuditFiles
from softphone.app.reactions import catch_up, react
from softphone.app.state import PhoneState, reduce
from softphone.domain.audit import Action, DataCategory
from softphone.domain.call import Call
from softphone.domain.errors import InvalidInput, Refused, SoftphoneError
from softphone.domain.events import (
    CallChanged,
    EngineEvent,
    EngineStarted,
    Event,
    HistoryChanged,
    RegistrationChanged,
    SignedIn,
    SignedOut,
    SoundLevels,
    SyncChanged,
    WorkstationLeft,
)
from softphone.domain.ids import UserId
from softphone.domain.passwords import check_password
from softphone.domain.workplace import LockReason

log = logging.getLogger(__name__)
T = TypeVar("T")


StartSync = Callable[[SyncSource, Lane, Bus], Syncing]


class LocalOffice:
    """Implements ``office.Office`` over the real or any other adapters."""

    def __init__(  # every collaborator is a port
        self,
        *,
        keeper: VaultKeeper,
        engine: Callable[[Callable[[Event], None]], EngineRunner],
        workbooks: WorkbookWriter,
        player: Player,
        clock: Clock,
        start_sync: StartSync,
        time_zone: str,
        documents: DocumentWriter,
        tell_server: TellServer | None = None,
        exporters: Mapping[ExportFormat, RecordingExporter] | None = None,
        meter: SoundMeter | None = None,
        audit_files: AuditFiles | None = None,
        files: ContactFiles | None = None,
        delivery: Delivery | None = None,
        hooks: HookRunner | None = None,
    ) -> None:
        self._hooks = CallHooks(hooks) if hooks is not None else None
        self._files = files
        self._delivery = delivery
        self._documents = documents
        self._tell_server = tell_server
        self._exporters = exporters
        self._meter = meter
        self._audit_files = audit_files
        self.bus = Bus()
        self.clock = clock
        self.player = player
        self.time_zone = time_zone
        self._lane = ThreadLane("vault")
        self._beside = ThreadLane("aside")
        self._keeper = keeper
        self._workbooks = workbooks
        self._start_sync = start_sync
        self._desk: Desk | None = None
        self._desk_aside: Desk | None = None
        self._sync: Syncing | None = None
        self._state = PhoneState()
        self._closing = False
        self._starting = False
        self._missed = Missed()
        self._locked: UserId | None = None
        self.bus.subscribe(self._on_event)
        self._engine = engine(self.bus.publish)
        self._engine.client.subscribe(self._on_engine_event)

    # --- Office ---------------------------------------------------------------------------------

    @property
    def lane(self) -> Lane:
        """The vault's lane."""
        return self._lane

    def aside(self, work: Callable[[Desk], T]) -> Future[T]:
        """Run long work beside the lane, on a desk that asks the lane for each step."""
        return self._beside.submit(lambda: work(self._aside()))

    def _aside(self) -> Desk:
        desk = self._desk_aside
        if desk is None:
            raise InvalidInput("Nothing was done.", "Nobody is signed in.", "Sign in first.")
        return desk

    @property
    def phone(self) -> Phone:
        """The engine."""
        return self._engine.client

    @property
    def state(self) -> PhoneState:
        """The read model as of now."""
        return self._state

    def has_vault(self) -> bool:
        """Whether this profile has been set up."""
        return self._keeper.exists()

    def set_up(self, administrator: NewMember, device_name: str) -> tuple[Desk, str]:
        """Create the vault and sign in (on the lane). Raises InvalidInput (a weak password)."""
        check_password(administrator.password, (administrator.name,))
        vault, recovery_key = self._keeper.create(administrator, device_name)
        return self._open(vault), recovery_key

    def recovery_words(self, recovery_key: str) -> tuple[str, ...]:
        """Return a recovery key as the words of its printed sheet."""
        return self._keeper.recovery_words(recovery_key)

    def sign_in(self, name: str, password: str) -> Desk:
        """Unlock, start engine and synchronisation (on the lane)."""
        return self._open(self._keeper.unlock(name, password))

    def recover(self, recovery_key: str, name: str, new_password: str) -> Desk:
        """Reset a forgotten password by the recovery key and sign in (on the lane)."""
        check_password(new_password, (name,))
        return self._open(self._keeper.recover(recovery_key, name, new_password))

    def sign_out(self) -> None:
        """Drop all keys (on the lane). A call that is on goes on."""
        self._close_desk(Action.SIGNED_OUT)

    def lock(self, why: LockReason) -> None:
        """Drop all keys (on the lane) and log why. A call that is on goes on."""
        if self._desk is not None:
            self._locked = self._desk.session.user
        self._close_desk(Action.LOCKED, why=why.value)

    def _close_desk(self, action: Action, **detail: str) -> None:
        desk, self._desk = self._desk, None
        self._desk_aside = None
        sync, self._sync = self._sync, None
        if sync is not None:
            sync.stop()
        self.player.unload()
        if desk is None:
            return
        vault = desk.session.vault
        self._missed.agent = vault.user
        try:
            try:
                vault.append_audit(desk.session.draft(action, DataCategory.SIGN_IN, detail=detail))
            finally:
                vault.close()
        finally:
            # A full disk keeps nobody signed in.
            self.bus.publish(SignedOut())

    # --- the program ----------------------------------------------------------------------------

    def leave(self, destination: Path) -> Path:
        """Give up the workstation (on the lane): certificate, then everything is destroyed.

        Raises Refused (the right, a call that is on), StorageFailed; before the certificate is
        written nothing is destroyed.
        """
        desk = self._desk
        if desk is None:
            raise InvalidInput("Nothing was done.", "Nobody is signed in.", "Sign in first.")
        if self._state.live_calls:
            raise Refused("The workstation was not given up.", "A call is on.", "End it first.")
        self._destroy(desk, certify(desk.session, self._documents, destination))
        return destination

    def _destroy(self, desk: Desk, certificate: str) -> None:
        """Tell the server, then destroy everything (on the lane)."""
        sync, self._sync = self._sync, None
        if sync is not None:
            sync.stop()
        self._desk = self._desk_aside = None
        tell(self._tell_server, desk.session, certificate)
        self.player.unload()
        self._engine.stop(leave_running=False)
        self._keeper.destroy(desk.session.vault)
        self.bus.publish(SignedOut())
        self.bus.publish(WorkstationLeft())

    def _leave_if_ordered(self) -> None:
        """Carry out the order of an endorsed workstation, unless a call is on: then afterwards."""
        desk = self._desk
        if desk is not None and not self._state.live_calls and desk.session.vault.leave_ordered():
            self._destroy(desk, certify_ordered(desk.session))

    def command(self, name: str, arguments: list[str]) -> dict[str, Any]:
        """Run a command of the command line (from any thread)."""

        if name in BESIDE:
            return self._command(self._desk_aside, name, arguments)
        return self._lane.submit(lambda: self._command(self._desk, name, arguments)).result()

    def _command(self, desk: Desk | None, name: str, arguments: list[str]) -> dict[str, Any]:
        return run_command(Context(desk, self.phone, self._state), name, arguments)

    def close(self) -> None:
        """Sign out, end the engine unless a call goes on, end the lane (not on the lane)."""
        self._closing = True
        self._lane.submit(self.sign_out).result()
        self._engine.stop(leave_running=bool(self._state.live_calls))
        self._beside.close()
        self._lane.close()

    def _open(self, vault: Vault) -> Desk:
        self.sign_out()
        desk = self._desk_over(vault)
        vault.sign_checkpoint()
        self._desk = desk
        steps = Steps(self._lane, lambda: self._desk is desk)
        self._desk_aside = self._desk_over(vault_aside(vault, steps))
        member = vault.user
        if self._locked == member.id:
            vault.append_audit(desk.session.draft(Action.UNLOCKED, DataCategory.SIGN_IN))
        self._locked = None
        self.bus.publish(SignedIn(member.id, member.name, member.role, member.team))
        self._sync = self._start_sync(vault, self._lane, self.bus)
        self._starting = True  # what an engine needs to know is told right below, once
        try:
            self._engine.start()
        finally:
            self._starting = False
        desk.calls.start()
        self._guarded(lambda: catch_up(desk, self._missed.take()))()
        self._lane.submit(self._guarded(self._run_retention))
        return desk

    def _desk_over(self, vault: Vault) -> Desk:
        return open_desk(
            vault,
            self.phone,
            self._workbooks,
            self.bus,
            self.clock,
            self._exporters,
            self._meter,
            self._audit_files,
            self._files,
            self._delivery,
            documents=self._documents,
        )

    def _on_event(self, event: Event) -> None:
        self._state = reduce(self._state, event)
        if isinstance(event, EngineStarted) and self._desk is not None and not self._starting:
            self._lane.submit(self._guarded(self._hand_over))
        if isinstance(event, SyncChanged) and self._desk is not None:
            self._lane.submit(self._guarded(self._leave_if_ordered))
        if isinstance(event, HistoryChanged):
            if self._sync is not None:
                self._sync.poke()
            if event.kinds & {"policy", "texts"}:
                # What is recorded from now on is sealed for whoever may listen now, and announced
                # in the words of now.
                self._lane.submit(self._guarded(self._hand_over))

    def _on_engine_event(self, event: EngineEvent) -> None:
        news = not (
            isinstance(event, SoundLevels)  # ten times a second, and nothing to write
            or (isinstance(event, RegistrationChanged) and self._known(event))
        )
        self.bus.publish(event)
        if self._desk is None:
            self._missed.note(event, self.clock.now())
        elif news and not self._closing:
            self._lane.submit(self._guarded(lambda: self._react(event)))

    def _known(self, event: RegistrationChanged) -> bool:
        """Whether a registration is as it was, but for the time of the next try."""
        now = event.registration
        before = self._state.registrations.get(now.account)
        return before is not None and (before.state, before.why) == (now.state, now.why)

    def _hand_over(self) -> None:
        """Give a new engine its accounts and plan."""
        if self._desk is not None:
            self._desk.calls.start()

    def _run_retention(self) -> None:
        """Delete what need not be kept, once a day."""
        if self._desk is not None:
            self._desk.keeping.run_if_due()

    def _react(self, event: EngineEvent) -> None:
        if self._desk is None:
            self._missed.note(event, self.clock.now())  # locked while it waited
            return
        if self._hooks is not None and isinstance(event, CallChanged):
            self._tell_hooks(self._hooks, self._desk, event.call)
        react(self._desk, event)
        if isinstance(event, CallChanged) and not self._state.live_calls:
            self._desk.session.vault.rest()

    @staticmethod
    def _tell_hooks(hooks: CallHooks, desk: Desk, call: Call) -> None:
        rules = desk.call_rules.now()
        if rules.url_template or rules.hook:
            contact = desk.session.vault.find_contact(call.number)
            hooks.follow(call, rules, contact.name if contact else call.display_name)

    def _guarded(self, work: Callable[[], None]) -> Callable[[], None]:
        def run() -> None:
            try:
                work()
            except SoftphoneError as error:
                log.error("a reaction failed: %s", error.what)
            except Exception:
                log.exception("a reaction failed")

        return run
