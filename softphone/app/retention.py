"""Use cases around how long data is kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from softphone.app.bus import Bus
from softphone.app.session import Session
from softphone.domain.audit import Action, AuditDraft, DataCategory
from softphone.domain.errors import Cancelled
from softphone.domain.events import HistoryChanged
from softphone.domain.permissions import Permission
from softphone.domain.retention import (
    DataClass,
    RetentionPreview,
    RetentionRule,
    RetentionRun,
    check_rules,
    run_is_due,
)

BATCH = 200
"""Rows that go in one step; between steps a person can stop it."""
_ORDER = (
    DataClass.NOTES,
    DataClass.RECORDINGS,
    DataClass.CALLS,
    DataClass.CONTACTS,
    DataClass.REQUESTS,
    DataClass.AUDIT_DETAIL,
)
"""A call goes after its recording, a contact after all that was done with it."""
OnDeleted = Callable[[DataClass, int], bool]
"""What went so far of a class; returns whether to go on."""


class Keeping:
    """How long each class of data is kept; runs on the vault's thread."""

    def __init__(self, session: Session, bus: Bus) -> None:
        self._session = session
        self._bus = bus

    def rules(self) -> tuple[RetentionRule, ...]:
        """Return the rules in force; none without the right."""
        if not self._may_look():
            return ()
        return self._session.vault.policy.retention

    def set_rules(self, rules: Sequence[RetentionRule]) -> None:
        """Publish a policy with these rules. Raises Refused, InvalidInput."""
        wanted = tuple(sorted(rules, key=lambda rule: rule.data.value))
        said = {rule.data.value: f"{rule.keep_days} days" for rule in wanted}
        draft = self._session.permit(
            Permission.POLICY_MANAGE, Action.RETENTION_CHANGED, DataCategory.SETTINGS, detail=said
        )
        check_rules(wanted)
        self._session.vault.set_retention(wanted, draft)
        self._bus.publish(HistoryChanged(frozenset({"policy", "retention", "audit"})))

    def preview(self, rules: Sequence[RetentionRule] | None = None) -> list[RetentionPreview]:
        """Count what the next run deletes, by the rules in force or by others to try out.

        Nothing without the right. Raises InvalidInput.
        """
        if not self._may_look():
            return []
        wanted = self._session.vault.policy.retention if rules is None else tuple(rules)
        check_rules(wanted)
        return list(self._session.vault.retention.preview(wanted, self._session.clock.now()))

    def runs(self, limit: int = 50) -> list[RetentionRun]:
        """Return what went at earlier runs, newest first; none without the right."""
        if not self._may_look():
            return []
        return list(self._session.vault.retention.runs(limit))

    def run(self, on_deleted: OnDeleted = lambda _data, _count: True) -> RetentionRun:
        """Delete now what the rules say. Raises Refused, Cancelled (what went is reported)."""
        draft = self._session.permit(
            Permission.PRIVACY_MANAGE, Action.RETENTION_RUN, DataCategory.WHOLE_RECORD
        )
        return self._run(draft, self._session.vault.user.name, on_deleted)

    def run_if_due(self) -> RetentionRun | None:
        """Delete what the rules say, once a day, whoever is signed in; the device does it."""
        vault, now = self._session.vault, self._session.clock.now()
        last = next(iter(vault.retention.runs(1)), None)
        if not vault.policy.retention or not run_is_due(last.at if last else None, now):
            return None
        draft = AuditDraft(Action.RETENTION_RUN, DataCategory.WHOLE_RECORD)
        return self._run(draft, "", lambda _data, _count: True)

    def _run(self, draft: AuditDraft, by: str, on_deleted: OnDeleted) -> RetentionRun:
        vault, now = self._session.vault, self._session.clock.now()
        rules = {rule.data: rule for rule in vault.policy.retention}
        counts: dict[DataClass, int] = {}
        stopped = False
        for data in (data for data in _ORDER if data in rules):
            counts[data] = 0
            while not stopped:
                gone = vault.retention.delete_before(data, rules[data].before(now), BATCH)
                counts[data] += gone
                stopped = not on_deleted(data, counts[data])
                if gone < BATCH:
                    break
        run = RetentionRun(now, by, tuple(counts.items()))
        said = {data.value: str(count) for data, count in run.counts}
        vault.retention.finish_run(run, replace(draft, detail={**draft.detail, **said}))
        self._bus.publish(
            HistoryChanged(
                frozenset({"calls", "recordings", "contacts", "notes", "retention", "audit"})
            )
        )
        if stopped:
            raise Cancelled(
                "The run was stopped.", f"{run.total} went before.", "The rest goes another time."
            )
        return run

    def _may_look(self) -> bool:
        session = self._session
        right = (
            Permission.PRIVACY_MANAGE
            if session.may(Permission.PRIVACY_MANAGE).allowed
            else Permission.POLICY_MANAGE
        )
        return session.look(right, Action.RETENTION_READ, DataCategory.SETTINGS)
