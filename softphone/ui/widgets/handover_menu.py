"""Sealed hand-over on the recordings page: make an address, hand over, take in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QMenu, QWidget

from softphone.app.sending import HandOver
from softphone.domain.ids import RecordingId
from softphone.domain.permissions import Permission
from softphone.domain.recording import Recording
from softphone.domain.register import Field
from softphone.domain.relay import Correspondent
from softphone.ui.dialogs.form import FormDialog
from softphone.ui.translation import tr
from softphone.ui.widgets.basic import Button
from softphone.ui.widgets.file_dialogs import ask_existing_file, ask_new_file
from softphone.ui.words import refusal
from softphone.ui.workplace import Workplace

ADDRESS, PACKAGE = ".softphone-address", ".softphone-package"


class HandOverMenu(Button):
    """What to do with packages, as a file or through the server; all of it is logged."""

    taken_in = Signal(str)
    """The identifier of a recording that came in."""
    told = Signal(str)
    """A sentence to show."""

    def __init__(self, work: Workplace, row: Callable[[], Recording | None]) -> None:
        super().__init__(tr("Hand over"), icon="handshake")
        self._work = work
        self._row = row
        menu = QMenu(self)
        self.send: QMenu = menu.addMenu(tr("Send to workstation"))
        self.give = menu.addAction(tr("Hand this recording over to another workstation"))
        self.receive = menu.addAction(tr("Take a recording in from another workstation"))
        menu.addSeparator()
        self.open = menu.addAction(tr("Let other workstations send recordings here"))
        self.address = menu.addAction(tr("Make an address for other workstations"))
        self._stations: tuple[Correspondent, ...] = ()
        self.open.triggered.connect(self.open_address)
        self.give.triggered.connect(self._ask_address)
        self.receive.triggered.connect(self._ask_package)
        self.address.triggered.connect(self._ask_where)
        menu.aboutToShow.connect(self._refresh)
        self.setMenu(menu)
        self.set_refused(refusal(work.rights.decisions[Permission.RECORDINGS_LISTEN]))

    def reload(self) -> None:
        """Learn which workstations can be sent to."""
        sending = self._work.desk.sending
        self._work.ask(self, lambda: tuple(sending.workstations()), self._show_stations)

    def open_address(self) -> None:
        """Offer an address of the own team through the server."""
        desk = self._work.desk

        def deed() -> datetime:
            desk.handing_over.address(None)
            return max(one.ends_at for one in desk.sending.own_addresses())

        def done(until: datetime) -> None:
            words = tr(
                "Workstations of the fleet can send recordings here until {until}. What was "
                "sealed for an earlier address opens no more.",
                until=self._work.words.full(until),
            )
            self.told.emit(words)

        self._work.ask(self, deed, done)

    def ask_to_send(self, to: Correspondent) -> FormDialog | None:
        """Ask why, then seal the recording for a workstation."""
        row = self._row()
        if row is None:
            return None
        recording = row.id
        dialog = FormDialog(
            self._work,
            tr("Send to {name}", name=to.label),
            (Field("reason", "Reason, written to the audit log", required=True),),
            lambda values: values,
            self.window(),
            lead=tr(
                "It is sealed for the listeners of the other workstation and stays here as well. "
                "If it is erased here, it is erased there, too."
            ),
            button=tr("Send"),
        )
        dialog.accepted.connect(lambda: self.send_to(recording, to, dialog.form.values()["reason"]))
        dialog.open()
        return dialog

    def send_to(self, recording: RecordingId, to: Correspondent, reason: str) -> None:
        """Seal a recording step by step; the synchronisation sends it."""
        sending = self._work.desk.sending

        def step(work: HandOver) -> None:
            self._work.ask(self, work.step, lambda done: end() if done else step(work))

        def end() -> None:
            self.told.emit(tr("The recording is sealed for {name} and on its way.", name=to.label))

        self._work.ask(self, lambda: sending.begin_giving(recording, to, reason), step)

    def _show_stations(self, stations: tuple[Correspondent, ...]) -> None:
        self._stations = stations
        self.send.clear()
        for one in stations:
            name = tr("{name}, team {team}", name=one.label, team=one.team)
            self.send.addAction(name, partial(self._ask_to_send, one))
        if not stations:
            none = self.send.addAction(tr("No workstation lets others send to it now"))
            none.setEnabled(False)

    def _ask_to_send(self, to: Correspondent) -> None:
        self.ask_to_send(to)

    def make_address(self, destination: Path) -> None:
        """Write the own team's address."""
        handing_over = self._work.desk.handing_over
        self._work.ask(
            self,
            lambda: handing_over.address(destination),
            lambda _none: self.told.emit(
                tr(
                    "The address is at {path}. Give it to the other workstation; it ends "
                    "in 7 days.",
                    path=destination,
                )
            ),
        )

    def ask_reason(self, address: Path, parent: QWidget | None = None) -> FormDialog | None:
        """Ask why, then where to."""
        row = self._row()
        if row is None:
            return None
        recording = row.id

        def chosen(values: dict[str, str]) -> None:
            name = f"{row.started_at:%Y-%m-%d}{PACKAGE}"
            ask_new_file(
                self.window(),
                tr("Hand the recording over"),
                name,
                lambda path: self.hand_over(recording, address, path, values["reason"]),
            )

        dialog = FormDialog(
            self._work,
            tr("Hand the recording over"),
            (Field("reason", "Reason, written to the audit log", required=True),),
            lambda values: values,
            parent or self.window(),
            lead=tr(
                "It is sealed for the listeners of the other workstation and stays here as well. "
                "If it is erased here, it is erased there, too."
            ),
            button=tr("Choose where to"),
        )
        dialog.accepted.connect(lambda: chosen(dialog.form.values()))
        dialog.open()
        return dialog

    def hand_over(self, recording: RecordingId, address: Path, path: Path, reason: str) -> None:
        """Write the package."""
        handing_over = self._work.desk.handing_over
        self._work.ask(
            self,
            lambda: handing_over.give(recording, address, path, reason),
            lambda _none: self.told.emit(
                tr("The sealed package is at {path}. Give it to the other workstation.", path=path)
            ),
        )

    def take_in(self, package: Path) -> None:
        """Take a package in."""
        handing_over = self._work.desk.handing_over
        self._work.ask(self, lambda: handing_over.receive(package), self._came)

    def _came(self, recording: RecordingId) -> None:
        self.told.emit(tr("The recording was taken in. You may delete the package."))
        self.taken_in.emit(str(recording))

    def _refresh(self) -> None:
        row = self._row()
        usable = row is not None and not row.refused
        self.give.setEnabled(usable)
        self.send.setEnabled(usable)

    def _ask_address(self) -> None:
        ask_existing_file(
            self.window(),
            tr("Address of the other workstation"),
            self._got_address,
            tr("Addresses (*{ending})", ending=ADDRESS),
        )

    def _got_address(self, path: Path) -> None:
        self.ask_reason(path)

    def _ask_package(self) -> None:
        ask_existing_file(
            self.window(),
            tr("Take a recording in"),
            self.take_in,
            tr("Packages (*{ending})", ending=PACKAGE),
        )

    def _ask_where(self) -> None:
        name = f"{self._work.rights.team}{ADDRESS}"
        ask_new_file(self.window(), tr("Make an address"), name, self.make_address)
