"""What the policy says of the workplace: reading it, publishing other rules."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from typing import Any

from softphone.app.bus import Bus
from softphone.app.session import Session
from softphone.domain.audit import Action, DataCategory
from softphone.domain.errors import InvalidInput
from softphone.domain.events import HistoryChanged
from softphone.domain.permissions import Permission
from softphone.domain.workplace import Question, WorkplaceRules, check_workplace


class WorkplaceSettings:
    """Use cases around the rules; runs on the vault's thread."""

    def __init__(self, session: Session, bus: Bus) -> None:
        self._session = session
        self._bus = bus

    def now(self) -> WorkplaceRules:
        """Return the rules in force."""
        return self._session.vault.policy.workplace

    def change(self, rules: WorkplaceRules) -> None:
        """Publish a policy with these rules. Raises InvalidInput, Refused."""
        draft = self._session.permit(
            Permission.POLICY_MANAGE,
            Action.WORKPLACE_CHANGED,
            DataCategory.SETTINGS,
            detail={
                "lock_after_min": str(rules.lock_after_min),
                "questions": str(len(rules.questions)),
                "backup_keys_days": str(rules.backup_keys_days),
            },
        )
        check_workplace(rules)
        self._session.vault.set_workplace(rules, draft)
        self._bus.publish(HistoryChanged(frozenset({"policy", "audit"})))


def workplace_as_json(rules: WorkplaceRules) -> dict[str, Any]:
    """Return the rules as plain values."""
    return asdict(rules)


def changed_workplace(rules: WorkplaceRules, text: str) -> WorkplaceRules:
    """Return the rules with what a JSON object names put in their place. Raises InvalidInput."""
    try:
        given = dict(json.loads(text))
        lock = given.pop("lock_after_min", rules.lock_after_min)
        days = given.pop("backup_keys_days", rules.backup_keys_days)
        asked = given.pop("questions", None)
        if given or type(lock) is not int or type(days) is not int:
            raise TypeError("names or kinds are unknown")
        questions = rules.questions if asked is None else tuple(_question(one) for one in asked)
    except (ValueError, TypeError, KeyError) as error:
        raise InvalidInput(
            "The rules were not changed.",
            f"They could not be read: {error}.",
            "Give a JSON object with names and kinds as “workplace-rules” shows them.",
        ) from error
    return replace(rules, lock_after_min=lock, questions=questions, backup_keys_days=days)


def _question(given: dict[str, Any]) -> Question:
    made = Question(**given)
    if type(made.text) is not str or type(made.most) is not int:
        raise TypeError("a question is a text with its points")
    return made
