"""What each role can see and do, as the signed policy says."""

from __future__ import annotations

from softphone.domain.permissions import RIGHT_NAMES, Permission, Policy, Role, Scope
from softphone.ui.pages.list_section import ListSection
from softphone.ui.translation import counted, tr
from softphone.ui.widgets.line_list import Line
from softphone.ui.widgets.notice import Notice
from softphone.ui.workplace import Workplace

SCOPE_WORDS: dict[Scope, str] = {
    Scope.OWN: "own",
    Scope.TEAM: "team",
    Scope.ALL: "all",
}


class RolesSection(ListSection):
    """One row a role: its rights with their reach, and how many people have it."""

    kinds = frozenset({"policy"})
    row_height = 92

    def __init__(self, work: Workplace, notice: Notice) -> None:
        super().__init__(
            work,
            notice,
            tr("Who sees what"),
            tr("By the signed policy. Who may not see whole numbers sees them masked."),
        )

    def lines(self, limit: int, offset: int) -> list[Line]:
        """Return the roles; runs on the lane."""
        policy = self.work.desk.session.vault.policy
        return [role_line(policy, role) for role in policy.roles[offset : offset + limit]]

    def empty(self) -> tuple[str, str, str]:
        """A policy always has roles."""
        return "users", tr("No roles"), tr("The policy names none.")


def role_line(policy: Policy, role: Role) -> Line:
    """Return a role as a row."""
    people = sum(member.role == role.name for member in policy.members)
    rights = ", ".join(
        f"{tr(RIGHT_NAMES[grant.permission])} ({tr(SCOPE_WORDS[grant.scope])})"
        for grant in role.grants
    )
    masked = not any(grant.permission is Permission.NUMBERS_SEE for grant in role.grants)
    state = counted(people, "{n} person", "{n} people")
    if masked:
        state = f"{state}, {tr('numbers masked')}"
    return Line(tr(role.name), rights, state, "users", role)
