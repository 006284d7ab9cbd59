"""The people of this workstation: invite, change, remove, give a forgotten password anew."""

from __future__ import annotations

from collections.abc import Callable

from softphone.app.invitations import Invitation
from softphone.domain.permissions import Member
from softphone.ui.dialogs.form import FormDialog
from softphone.ui.dialogs.member import (
    ChangeMemberDialog,
    DrillDialog,
    InviteDialog,
    OneTimePasswordDialog,
    RemoveMemberDialog,
    ResetDialog,
)
from softphone.ui.pages.list_section import ListSection
from softphone.ui.translation import tr
from softphone.ui.widgets.basic import Button
from softphone.ui.widgets.line_list import Line
from softphone.ui.widgets.notice import Notice
from softphone.ui.workplace import Workplace


class PeopleSection(ListSection):
    """One row a person. Nobody changes their own role, team or password here."""

    kinds = frozenset({"policy"})

    def __init__(self, work: Workplace, notice: Notice) -> None:
        super().__init__(
            work,
            notice,
            tr("People"),
            tr(
                "Whom the signed policy names. Whoever begins to listen gets the keys of what is "
                "recorded from then on; whoever stops loses theirs."
            ),
        )
        self.drill = self.add_action(Button(tr("Test recovery key"), icon="shield-check"))
        self.drill.clicked.connect(self.open_drill)
        self.remove = self.add_action(Button(tr("Remove"), icon="trash"))
        self.reset = self.add_action(Button(tr("Reset password"), icon="key"))
        self.change = self.add_action(Button(tr("Change"), icon="pencil-simple"))
        self.invite = self.add_action(Button(tr("Invite"), kind="main", icon="user-plus"))
        self.remove.clicked.connect(lambda: self._with(self._remove))
        self.reset.clicked.connect(lambda: self._with(self._reset))
        self.change.clicked.connect(self.open_chosen)
        self.invite.clicked.connect(self.open_invite)
        self.list.selectionModel().currentChanged.connect(lambda *_args: self._selected())
        self.list.lines.loaded.connect(self._selected)
        self._selected()

    def lines(self, limit: int, offset: int) -> list[Line]:
        """Return the people; runs on the lane."""
        desk = self.work.desk
        mine = desk.session.user
        return [_line(m, mine == m.id) for m in desk.people.members()[offset : offset + limit]]

    def empty(self) -> tuple[str, str, str]:
        """A policy always names somebody; without the right nobody is shown."""
        return "users", tr("Nobody to see"), tr("Only who manages people sees them.")

    def open_chosen(self) -> None:
        """Change role and team of the chosen person."""
        self._with(lambda member: ChangeMemberDialog(self.work, member, self).open())

    def open_invite(self) -> InviteDialog:
        """Ask whom to invite, then show the one-time password."""
        dialog = InviteDialog(self.work, self)
        dialog.accepted.connect(lambda: self._show(dialog))
        dialog.open()
        return dialog

    def open_drill(self) -> DrillDialog:
        """Try a printed recovery key; the notice says what it opens."""
        dialog = DrillDialog(self.work, self)
        dialog.accepted.connect(lambda: self.notice.show_done(dialog.words()))
        dialog.open()
        return dialog

    def _remove(self, member: Member) -> None:
        RemoveMemberDialog(self.work, member, self).open()

    def _reset(self, member: Member) -> None:
        dialog = ResetDialog(self.work, member, self)
        dialog.accepted.connect(lambda: self._show(dialog))
        dialog.open()

    def _show(self, dialog: FormDialog) -> None:
        if isinstance(dialog.result_value, Invitation):
            OneTimePasswordDialog(dialog.result_value, self).open()

    def _with(self, do: Callable[[Member], None]) -> None:
        member = self.list.chosen()
        if isinstance(member, Member) and member.name != self.work.rights.name:
            do(member)

    def _selected(self) -> None:
        member = self.list.chosen()
        why = ""
        if not isinstance(member, Member):
            why = tr("Select a person first.")
        elif member.name == self.work.rights.name:
            why = tr("Nobody changes their own rights. Ask another administrator.")
        for button in (self.remove, self.reset, self.change):
            button.set_refused(why)


def _line(member: Member, mine: bool) -> Line:
    detail = tr("Team {team}", team=member.team)
    if mine:
        detail = f"{detail} · {tr('signed in')}"
    return Line(member.name, detail, tr(member.role), "identification-badge", member)
