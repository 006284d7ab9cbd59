"""SIP accounts: what is there, and adding one."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from softphone.app.state import PhoneState
from softphone.domain.account import Account, RegistrationState, Transport
from softphone.domain.ids import AccountId, new_id
from softphone.domain.permissions import Permission
from softphone.ui.dialogs.gate import PasswordLine, field
from softphone.ui.translation import tr
from softphone.ui.widgets.basic import Button, Sign, clear, divider, frame, label, with_reason
from softphone.ui.widgets.combo import Combo
from softphone.ui.widgets.file_dialogs import ask_existing_file
from softphone.ui.widgets.states import error_line
from softphone.ui.words import refusal
from softphone.ui.workplace import Workplace

TRANSPORT_WORDS: dict[Transport, str] = {
    Transport.TLS: "TLS, encrypted",
    Transport.TCP: "TCP, not encrypted",
    Transport.UDP: "UDP, not encrypted",
}


class AccountSection(QWidget):
    """Accounts with their registration in words, then the form."""

    def __init__(self, work: Workplace) -> None:
        super().__init__()
        self._work = work
        self._accounts: tuple[Account, ...] = ()
        self._list_card, self._list = frame("card", margins=16, spacing=10)
        self._form_card, form = frame("card", margins=16, spacing=12)
        user, self.user = field(tr("User name"))
        server, self.server = field(tr("Server (name, or name:port)"))
        self.password = PasswordLine(tr("Password of the account"))
        ca_file, self.ca_file = field(tr("Certificate authority file, only for an own PKI"))
        browse = Button(tr("Choose"), icon="folder-open")
        browse.clicked.connect(self._choose_file)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addLayout(ca_file, 1)
        row.addWidget(browse, 0, Qt.AlignmentFlag.AlignBottom)
        self.transport = Combo(tr("Connection"))
        for transport, words in TRANSPORT_WORDS.items():
            if transport is Transport.TLS or work.rights.calls.plain_signalling:
                self.transport.addItem(tr(words), transport.value)
        stun, self.stun = field(tr("STUN server, only behind NAT"))
        turn, self.turn = field(tr("TURN server, only behind strict NAT"))
        self.problem = Sign(wrap=True)
        self.problem.setVisible(False)
        self.save = Button(tr("Add account"), kind="main", icon="plus")
        self.save.clicked.connect(self.submit)
        why = refusal(work.rights.decisions[Permission.POLICY_MANAGE])
        self.save.set_refused(why)
        form.addWidget(label(tr("Add an account"), "card"))
        form.addWidget(
            label(
                tr("Over TLS and with encrypted sound, unless your organisation permits less."),
                "small",
                wrap=True,
            )
        )
        form.addLayout(user)
        form.addLayout(server)
        form.addWidget(self.password)
        form.addLayout(row)
        connection = label(tr("Connection"), "label")
        connection.setBuddy(self.transport)
        form.addWidget(connection)
        form.addWidget(self.transport)
        form.addLayout(stun)
        form.addLayout(turn)
        form.addWidget(self.problem)
        form.addLayout(with_reason(self.save, why))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(16)
        column.addWidget(self._list_card)
        column.addWidget(self._form_card)
        work.store.changed.connect(self._show_state)

    def reload(self) -> None:
        """Read the accounts, without their passwords."""
        vault = self._work.desk.session.vault
        self._work.ask(self, lambda: tuple(account for account, _ in vault.accounts()), self._show)

    def submit(self) -> None:
        """Keep the account and register it."""
        user, server = self.user.text().strip(), self.server.text().strip()
        password = self.password.line.text()
        if not user or not server:
            self._say(tr("Type a user name and a server."))
            return
        account = Account(
            AccountId(new_id()),
            user,
            server.partition(":")[0],
            server,
            display_name=self._work.rights.name,
            ca_file=self.ca_file.text().strip(),
            transport=Transport(self.transport.currentData()),
            stun_server=self.stun.text().strip(),
            turn_server=self.turn.text().strip(),
        )
        self.save.setEnabled(False)
        desk, phone = self._work.desk, self._work.office.phone

        def keep() -> None:
            desk.people.save_account(account, password)
            phone.set_account(account, password)

        self._work.ask(self, keep, lambda _done: self._saved(), self._failed)

    def _saved(self) -> None:
        self.save.setEnabled(True)
        self.problem.setVisible(False)
        for line in (
            self.user,
            self.server,
            self.password.line,
            self.ca_file,
            self.stun,
            self.turn,
        ):
            line.clear()
        self.reload()

    def _failed(self, error: Exception) -> None:
        self.save.setEnabled(True)
        self._say(error_line(error))

    def _say(self, words: str) -> None:
        self.problem.set("warning", words, "hold.text")
        self.problem.setVisible(True)

    def _choose_file(self) -> None:
        ask_existing_file(
            self,
            tr("Certificate authority file"),
            lambda path: self.ca_file.setText(str(path)),
            tr("Certificates (*.pem *.crt)"),
        )

    def _show(self, accounts: tuple[Account, ...]) -> None:
        self._accounts = accounts
        self._show_state(self._work.store.state)

    def _show_state(self, state: PhoneState) -> None:
        clear(self._list)
        self._list.addWidget(label(tr("Accounts"), "card"))
        if not self._accounts:
            self._list.addWidget(
                label(tr("There is no account yet. Add one to place and take calls."), "secondary")
            )
        for place, account in enumerate(self._accounts):
            if place:
                self._list.addWidget(divider())
            self._list.addWidget(label(account.address_of_record, "strong"))
            self._list.addWidget(self._registration(state, account))

    def _registration(self, state: PhoneState, account: Account) -> Sign:
        found = state.registrations.get(account.id)
        if found is None:
            return Sign("circle", tr("Not registered yet"))
        since = self._work.words.time(found.since)
        if found.state is RegistrationState.REGISTERED:
            words = tr("Registered since {time}", time=since)
            if found.plain:
                plain = tr("Not encrypted ({how})", how=found.plain)
                return Sign("lock-open", f"{words}, {plain}", "hold.text")
            return Sign("lock-simple", f"{words}, {found.tls}" if found.tls else words)
        if found.state is RegistrationState.REGISTERING:
            return Sign("arrows-clockwise", tr("Registering"))
        words = " ".join(
            part
            for part in (
                tr("Not registered since {time}.", time=since),
                tr(found.what) if found.what else "",
                tr(found.why) if found.why else "",
            )
            if part
        )
        return Sign("warning", words, "hold.text", wrap=True)
