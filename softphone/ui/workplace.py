"""What a signed-in person's pages stand on: the desk, their rights, and how to ask for work."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from PySide6.QtCore import QObject

from softphone.app.desk import Desk
from softphone.app.office import Office
from softphone.domain.call_policy import CallPolicy
from softphone.domain.permissions import Decision, Permission, RecordingMode, decide
from softphone.domain.workplace import WorkplaceRules
from softphone.ui.dispatcher import Dispatcher, OnError
from softphone.ui.store import Store
from softphone.ui.theme.theme import Theme
from softphone.ui.words import Words

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Rights:
    """What the policy says, read once on the lane after signing in."""

    name: str
    role: str
    team: str
    decisions: dict[Permission, Decision]
    group_labels: dict[str, str]
    recording: RecordingMode
    calls: CallPolicy
    workplace: WorkplaceRules
    policy_version: int
    rights_givers: tuple[str, ...]
    """Who can give rights, by name."""

    def may(self, permission: Permission) -> bool:
        """Whether the person holds the right at all."""
        return self.decisions[permission].allowed


def read_rights(desk: Desk) -> Rights:
    """Read the rights of the signed-in person; runs on the lane."""
    vault = desk.session.vault
    member, policy = vault.user, vault.policy
    return Rights(
        name=member.name,
        role=member.role,
        team=member.team,
        decisions={right: desk.session.may(right) for right in Permission},
        group_labels={group.id: group.label for group in policy.groups},
        recording=policy.recording,
        calls=policy.calls,
        workplace=policy.workplace,
        policy_version=policy.version,
        rights_givers=tuple(
            known.name
            for known in policy.members
            if decide(policy, known.id, Permission.POLICY_MANAGE).allowed
        ),
    )


@dataclass(frozen=True)
class Workplace:
    """Everything a page may use. Blocking work goes through :meth:`ask`, never directly."""

    office: Office
    desk: Desk
    rights: Rights
    dispatcher: Dispatcher
    store: Store
    theme: Theme
    words: Words

    def ask(
        self,
        owner: QObject,
        work: Callable[[], T],
        on_done: Callable[[T], None],
        on_error: OnError | None = None,
    ) -> None:
        """Run ``work`` on the lane; bring the result to ``owner`` on the window's thread."""
        future = self.office.lane.submit(work)
        self.dispatcher.run(future, on_done, on_error, owner=owner)

    def ask_aside(
        self,
        owner: QObject,
        work: Callable[[Desk], T],
        on_done: Callable[[T], None],
        on_error: OnError | None = None,
    ) -> None:
        """Run what takes long beside the lane, so that pages and calls are not kept waiting."""
        self.dispatcher.run(self.office.aside(work), on_done, on_error, owner=owner)
