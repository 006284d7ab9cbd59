"""Roles: make one, copy one, change its rights, remove it."""

from __future__ import annotations

from softphone.domain.permissions import Role
from softphone.domain.roles import built_in
from softphone.ui.dialogs.form import FormDialog
from softphone.ui.dialogs.role import RoleDialog
from softphone.ui.pages.list_section import ListSection
from softphone.ui.pages.roles_section import role_line
from softphone.ui.translation import tr
from softphone.ui.widgets.basic import Button
from softphone.ui.widgets.line_list import Line
from softphone.ui.widgets.notice import Notice
from softphone.ui.workplace import Workplace


class RoleRightsSection(ListSection):
    """One row a role. Nobody changes the role they have."""

    kinds = frozenset({"policy"})
    row_height = 92

    def __init__(self, work: Workplace, notice: Notice) -> None:
        super().__init__(
            work,
            notice,
            tr("Roles"),
            tr(
                "Bundles of rights in the signed policy. Whoever gives rights hears at most their "
                "own recordings."
            ),
        )
        self.remove = self.add_action(Button(tr("Remove"), icon="trash"))
        self.copy = self.add_action(Button(tr("Copy"), icon="copy"))
        self.change = self.add_action(Button(tr("Change"), icon="pencil-simple"))
        self.add = self.add_action(Button(tr("New role"), kind="main", icon="plus"))
        self.remove.clicked.connect(self._remove)
        self.copy.clicked.connect(lambda: self.open_role(self._role(), copied=True))
        self.change.clicked.connect(self.open_chosen)
        self.add.clicked.connect(lambda: self.open_role(None))
        self.list.selectionModel().currentChanged.connect(lambda *_args: self._selected())
        self.list.lines.loaded.connect(self._selected)
        self._selected()

    def lines(self, limit: int, offset: int) -> list[Line]:
        """Return the roles; runs on the lane."""
        policy = self.work.desk.session.vault.policy
        return [role_line(policy, r) for r, _ in self.work.desk.roles.all()[offset:][:limit]]

    def empty(self) -> tuple[str, str, str]:
        """A policy always has roles; without the right none is shown."""
        return "users", tr("No roles"), tr("Only who manages people sees them.")

    def open_chosen(self) -> None:
        """Change the chosen role."""
        role = self._role()
        if role is not None and self.change.isEnabled():
            self.open_role(role)

    def open_role(self, role: Role | None, *, copied: bool = False) -> RoleDialog:
        """Open a role to change or copy, or a new one."""
        dialog = RoleDialog(self.work, role, self, copied=copied)
        dialog.open()
        return dialog

    def _remove(self) -> None:
        role = self._role()
        if role is None:
            return
        desk, name = self.work.desk, role.name
        put_back = built_in(name) is not None
        title = tr("Put {role} back", role=tr(name)) if put_back else tr("Remove {role}", role=name)
        lead = tr("It gets the rights it came with.") if put_back else tr("Nobody has this role.")
        FormDialog(
            self.work,
            title,
            (),
            lambda _values: desk.roles.remove(name),
            self,
            lead=lead,
            button=tr("Put back") if put_back else tr("Remove"),
            kind="main" if put_back else "stop",
        ).open()

    def _role(self) -> Role | None:
        role = self.list.chosen()
        return role if isinstance(role, Role) else None

    def _selected(self) -> None:
        role = self._role()
        if role is None:
            for button in (self.remove, self.copy, self.change):
                button.set_refused(tr("Select a role first."))
            return
        self.copy.set_refused("")
        mine = role.name == self.work.rights.role
        own = tr("Nobody changes their own rights. Ask another administrator.") if mine else ""
        self.change.set_refused(own)
        original = built_in(role.name)
        self.remove.setText(tr("Put back") if original is not None else tr("Remove"))
        came = tr("It is as it came with the program.") if original == role else ""
        self.remove.set_refused(own or came)
