"""An office whose vault is the real one, in a temporary folder; phone and threads stay fake."""

from __future__ import annotations

from pathlib import Path

from softphone.app.desk import Desk, open_desk
from softphone.app.leaving import certify
from softphone.app.ports import ExportFormat, NewMember
from softphone.domain.errors import InvalidInput
from softphone.domain.events import SignedIn, SignedOut, WorkstationLeft
from softphone.export.documents import HtmlDocuments
from softphone.export.workbook import ExcelWorkbookWriter
from softphone.vault.export import AgeExporter
from tests.fakes.office import FakeOffice
from tests.unit.vault.rig import AGENT, PASSWORD, SUPERVISOR, Rig

OFFICER = NewMember("Dora Privacy", PASSWORD, "data protection officer", "office")
OWNER = NewMember("Otto Owner", PASSWORD, "owner", "office")


class VaultOffice(FakeOffice):
    """Signs people in to a real vault."""

    def __init__(self, root: Path) -> None:
        super().__init__()
        self.rig = Rig(root, clock=self.clock)
        self.rig.create(SUPERVISOR, AGENT, OFFICER, OWNER)

    def has_vault(self) -> bool:
        return self.rig.keeper.exists()

    def set_up(self, administrator: NewMember, device_name: str) -> tuple[Desk, str]:
        vault, key = self.rig.keeper.create(administrator, device_name)
        return self._enter_vault(vault), key

    def recovery_words(self, recovery_key: str) -> tuple[str, ...]:
        return self.rig.keeper.recovery_words(recovery_key)

    def sign_in(self, name: str, password: str) -> Desk:
        return self._enter_vault(self.rig.keeper.unlock(name, password))

    def sign_out(self) -> None:
        desk, self.desk = self.desk, None
        if desk is not None:
            desk.session.vault.close()
        self.bus.publish(SignedOut())

    def leave(self, destination: Path) -> Path:
        desk = self.desk
        if desk is None:
            raise InvalidInput("Nothing was done.", "Nobody is signed in.")
        certify(desk.session, HtmlDocuments(), destination)
        self.desk = None
        self.rig.keeper.destroy(desk.session.vault)
        self.bus.publish(SignedOut())
        self.bus.publish(WorkstationLeft())
        return destination

    def _enter_vault(self, vault) -> Desk:
        if self.desk is not None:
            self.desk.session.vault.close()
        self.desk = open_desk(
            vault,
            self.phone,
            ExcelWorkbookWriter(),
            self.bus,
            self.clock,
            {ExportFormat.AGE: AgeExporter(work_factor=10)},
            documents=HtmlDocuments(),
        )
        self.desk.calls.start()
        member = vault.user
        self.bus.publish(SignedIn(member.id, member.name, member.role, member.team))
        return self.desk
