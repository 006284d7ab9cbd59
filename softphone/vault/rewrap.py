"""Headers wrapped anew for the newest keys of their listeners; payloads stay as they are.

Whoever kept an older copy of the vault and an old group key still opens what that copy holds: a
new header protects what is taken from now on.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from softphone.domain.audit import AuditDraft
from softphone.domain.errors import Damaged
from softphone.domain.ids import GroupId, RecordingId, UserId
from softphone.domain.permissions import Permission, decide
from softphone.domain.recording import SealTarget
from softphone.vault.age_format import header_bytes
from softphone.vault.core import Core
from softphone.vault.groups import seal_targets
from softphone.vault.headers import open_header, reseal_header
from softphone.vault.recipients import HybridRecipient, NotForMe, parse_recipient, wrap_file_key
from softphone.vault.subjects import Subjects

_SELECT = """
SELECT id, agent, team, group_id, number FROM recordings
WHERE id > ? AND group_id IN ({marks}) AND restricted_for = '' ORDER BY id LIMIT ?
"""
_PAGE = 500


class Rewrapper:
    """Wraps what the signed-in person may hear for its newest listeners. Used once a run."""

    def __init__(self, core: Core, subjects: Subjects) -> None:
        self._core = core
        self._subjects = subjects
        self._recipients: dict[str, HybridRecipient] = {}
        self._damaged: set[RecordingId] = set()

    def rewrap(self, draft: AuditDraft, limit: int) -> int:
        """Go through up to ``limit`` headers in one logged transaction; returns how many.

        A damaged one stays as it is and is counted in the log; it must not stop the others.
        """
        found = self._outdated(limit)
        if not found:
            self._core.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            return 0
        with self._core.deeds.transaction():
            damaged = sum(not self._one(*one) for one in found)
            detail = {"rewrapped": str(len(found) - damaged), "damaged": str(damaged)}
            self._core.log.append(replace(draft, detail={**draft.detail, **detail}))
        return len(found)

    def _one(
        self, recording: RecordingId, group: GroupId, number: str, targets: tuple[SealTarget, ...]
    ) -> bool:
        try:
            header = open_header(self._core, self._subjects, recording)
            file_key = self._core.groups[group].unwrap(header.stanzas)
            header.verify(file_key)
        except (Damaged, NotForMe):
            self._damaged.add(recording)
            return False
        stanzas = wrap_file_key([self._recipient(t.recipient) for t in targets], file_key)
        fresh = header_bytes(stanzas, file_key)
        sealed = reseal_header(self._core, self._subjects, recording, number, fresh)
        self._core.connection.execute(
            "UPDATE recordings SET header = ?, group_id = ? WHERE id = ?",
            (sealed, targets[0].group, recording),
        )
        return True

    def _outdated(
        self, limit: int
    ) -> list[tuple[RecordingId, GroupId, str, tuple[SealTarget, ...]]]:
        """Return recordings whose first target is not the one the policy names today."""
        found = []
        for row in self._mine():
            recording, agent, team, group, number = row
            if recording in self._damaged:
                continue
            targets = self._targets(UserId(agent), str(team))
            if targets and targets[0].group != group and self._hears(UserId(agent), str(team)):
                found.append((RecordingId(recording), GroupId(group), str(number), targets))
                if len(found) == limit:
                    break
        return found

    def _mine(self) -> Iterator[tuple[Any, ...]]:
        groups = [group for group in self._core.groups if not self._newest(group)]
        marks = ",".join("?" * len(groups))
        after = ""
        while groups:
            rows = self._core.connection.execute(
                _SELECT.format(marks=marks), (after, *groups, _PAGE)
            ).fetchall()
            yield from rows
            if len(rows) < _PAGE:
                return
            after = rows[-1][0]

    def _newest(self, group: GroupId) -> bool:
        team = group.removeprefix("listen/").rpartition("/")[0]
        newest = self._core.policy.group_for_team(team)
        return newest is not None and newest.id == group

    def _targets(self, agent: UserId, team: str) -> tuple[SealTarget, ...]:
        policy = self._core.policy
        member = policy.member(agent)
        if member is None:
            # Whoever left hears nothing of their own any more.
            nobody = replace(self._core.user, id=agent, role="")
            return seal_targets(policy, team, nobody)
        return seal_targets(policy, team, member)

    def _hears(self, agent: UserId, team: str) -> bool:
        core = self._core
        return decide(
            core.policy, core.user.id, Permission.RECORDINGS_LISTEN, owner=agent, team=team
        ).allowed

    def _recipient(self, text: str) -> HybridRecipient:
        if text not in self._recipients:
            parsed = parse_recipient(text)
            if not isinstance(parsed, HybridRecipient):
                raise TypeError("at rest all recipients are hybrid")
            self._recipients[text] = parsed
        return self._recipients[text]
