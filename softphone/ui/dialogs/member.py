"""Dialogs about one person: invitation, role and team, a forgotten password, removal."""

from __future__ import annotations

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from softphone.app.invitations import Invitation
from softphone.app.ports.people import RecoveryDrill
from softphone.domain.permissions import Member
from softphone.domain.register import Field
from softphone.ui.dialogs.form import FormDialog
from softphone.ui.translation import counted, tr
from softphone.ui.widgets.basic import Button, Sign, frame, label
from softphone.ui.widgets.combo import Combo
from softphone.ui.workplace import Workplace

_NAME = Field("name", "Name", required=True)
_TEAM = Field("team", "Team", required=True)
_KEY = Field("key", "Recovery key", required=True)


class _RoleDialog(FormDialog):
    """A form with a list of the policy's roles under it."""

    role: Combo

    def _add_roles(self, chosen: str) -> None:
        self.role = Combo(tr("Role"))
        self._chosen = chosen
        self.role.currentIndexChanged.connect(self._pick)
        title = label(tr("Role"), "label")
        title.setBuddy(self.role)
        at = self.column.indexOf(self.problem)
        self.column.insertWidget(at, title)
        self.column.insertWidget(at + 1, self.role)
        roles = self._work.desk.session.vault
        self._work.ask(self, lambda: [r.name for r in roles.policy.roles], self._show_roles)

    def _show_roles(self, names: list[str]) -> None:
        wanted = self._chosen
        for name in names:
            self.role.addItem(tr(name), name)
        self.role.setCurrentIndex(max(0, self.role.findData(wanted)))

    def _pick(self, _index: int) -> None:
        self._chosen = str(self.role.currentData())


class InviteDialog(_RoleDialog):
    """Name, team and role of a new person; ``result_value`` is the invitation."""

    def __init__(self, work: Workplace, parent: QWidget | None) -> None:
        super().__init__(
            work,
            tr("Invite a person"),
            (_NAME, _TEAM),
            self._invite,
            parent,
            values={"team": work.rights.team},
            lead=tr(
                "They get a password that works once: with it they only choose one of their own."
            ),
            button=tr("Invite"),
        )
        self._add_roles("agent")

    def _invite(self, values: dict[str, str]) -> Invitation:
        return self._work.desk.invitations.invite(values["name"], self._chosen, values["team"])


class ChangeMemberDialog(_RoleDialog):
    """Another role or team."""

    def __init__(self, work: Workplace, member: Member, parent: QWidget | None) -> None:
        super().__init__(
            work,
            tr("Change {name}", name=member.name),
            (_TEAM,),
            lambda values: work.desk.people.change_member(
                member.id, self._chosen, values["team"].strip()
            ),
            parent,
            values={"team": member.team},
            lead=tr("New keys are made where other people may listen from now on."),
        )
        self._add_roles(member.role)


class ResetDialog(FormDialog):
    """The printed recovery key gives a one-time password; ``result_value`` is the invitation."""

    def __init__(self, work: Workplace, member: Member, parent: QWidget | None) -> None:
        super().__init__(
            work,
            tr("New password for {name}", name=member.name),
            (_KEY,),
            lambda values: work.desk.invitations.reset(member.id, values["key"]),
            parent,
            lead=tr(
                "Type the recovery key of this workstation from its printed sheet. Everything "
                "{name} may hear stays theirs; the old password stops working.",
                name=member.name,
            ),
            button=tr("Reset password"),
        )


class DrillDialog(FormDialog):
    """Tries the printed recovery key and changes nothing."""

    def __init__(self, work: Workplace, parent: QWidget | None) -> None:
        super().__init__(
            work,
            tr("Test the recovery key"),
            (_KEY,),
            lambda values: work.desk.invitations.drill(values["key"]),
            parent,
            lead=tr(
                "Type it from the sheet. It is tried on everybody's key slot and on the newest "
                "recordings; nothing is changed, and the key is kept nowhere."
            ),
            button=tr("Test"),
        )

    def words(self) -> str:
        """Say what the key was found to open."""
        found = self.result_value
        if not isinstance(found, RecoveryDrill):
            return ""
        return tr(
            "The recovery key works: it opens {people} and {recordings}.",
            people=counted(found.people, "the slot of {n} person", "the slots of {n} people"),
            recordings=counted(found.recordings, "{n} recording", "{n} recordings"),
        )


class RemoveMemberDialog(FormDialog):
    """Says in words what will be gone."""

    def __init__(self, work: Workplace, member: Member, parent: QWidget | None) -> None:
        super().__init__(
            work,
            tr("Remove {name}", name=member.name),
            (),
            lambda _values: work.desk.people.remove_member(member.id),
            parent,
            lead=tr(
                "The sign-in and the keys of {name} are destroyed, and new keys are made for the "
                "team. Calls, recordings and notes stay. This cannot be undone.",
                name=member.name,
            ),
            button=tr("Remove"),
            kind="stop",
        )
        self.cancel.setFocus()


class OneTimePasswordDialog(QDialog):
    """Shows a one-time password, once."""

    def __init__(self, invitation: Invitation, parent: QWidget | None) -> None:
        super().__init__(parent)
        title = tr("One-time password for {name}", name=invitation.member.name)
        self.setWindowTitle(title)
        self.setMinimumWidth(480)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(12)
        column.addWidget(label(title, "title", wrap=True))
        column.addWidget(
            label(
                tr("Hand it over yourself. It is shown only now; with it they choose their own."),
                "secondary",
                wrap=True,
            )
        )
        card, inside = frame("insetSmall", margins=12)
        self.password = label(invitation.password, "mono")
        self.password.setAccessibleName(tr("One-time password"))
        inside.addWidget(self.password)
        column.addWidget(card)
        column.addWidget(
            Sign("info", tr("Until then they can neither see nor hear anything."), wrap=True)
        )
        copy = Button(tr("Copy"), icon="copy")
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(invitation.password))
        close = Button(tr("Close"), kind="main")
        close.clicked.connect(self.accept)
        foot = QHBoxLayout()
        foot.addWidget(copy)
        foot.addStretch(1)
        foot.addWidget(close)
        column.addLayout(foot)
