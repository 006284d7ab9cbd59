"""What the policy says of calls: reading it, and publishing other rules."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from enum import StrEnum
from typing import Any

from softphone.app.bus import Bus
from softphone.app.numbers import normalise
from softphone.app.session import Session
from softphone.domain.audit import Action, DataCategory
from softphone.domain.call import Direction
from softphone.domain.call_policy import CallPolicy, Colleague, RecordingRule
from softphone.domain.errors import InvalidInput
from softphone.domain.events import HistoryChanged
from softphone.domain.ids import UserId
from softphone.domain.permissions import Permission
from softphone.domain.phone_build import CODECS, CODECS_EVERYWHERE

LEAST_SESSION_S = 90


class CallRules:
    """Use cases around the rules; runs on the vault's thread."""

    def __init__(self, session: Session, bus: Bus) -> None:
        self._session = session
        self._bus = bus

    def now(self) -> CallPolicy:
        """Return the rules in force."""
        return self._session.vault.policy.calls

    def change(self, rules: CallPolicy) -> None:
        """Publish a policy with these rules. Raises InvalidInput, Refused."""
        draft = self._session.permit(
            Permission.POLICY_MANAGE, Action.CALL_RULES_CHANGED, DataCategory.SETTINGS
        )
        _check(rules, self._session.vault.policy.default_region)
        self._session.vault.set_call_policy(rules, draft)
        self._bus.publish(HistoryChanged(frozenset({"policy", "audit"})))


def rules_as_json(rules: CallPolicy) -> dict[str, Any]:
    """Return the rules as plain values."""
    return asdict(rules)


def changed_rules(rules: CallPolicy, text: str) -> CallPolicy:
    """Return the rules with what a JSON object names put in their place. Raises InvalidInput."""
    try:
        given = json.loads(text)
        if not isinstance(given, dict):
            raise TypeError("an object")
        return replace(rules, **{k: _value(rules, k, v) for k, v in given.items()})
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise InvalidInput(
            "The rules were not changed.",
            f"They could not be read: {error}.",
            "Give a JSON object with names and kinds as “call-rules” shows them.",
        ) from error


def _value(rules: CallPolicy, name: str, value: Any) -> Any:
    before = getattr(rules, name)
    if name == "recording_rules":
        return tuple(_recording_rule(**one) for one in value)
    if name == "colleagues":
        return tuple(Colleague(str(one["name"]), str(one["address"])) for one in value)
    if isinstance(before, StrEnum):
        return type(before)(value)
    if isinstance(before, tuple):
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise TypeError(f"{name} is a list of texts")
        return tuple(value)
    if type(value) is not type(before):
        raise TypeError(f"{name} is of another kind")
    return value


def _recording_rule(
    record: bool, direction: str | None = None, account: str = "", number: str = "",
    agent: str | None = None,
) -> RecordingRule:  # fmt: skip
    return RecordingRule(
        bool(record),
        Direction(direction) if direction else None,
        str(account),
        str(number),
        UserId(agent) if agent else None,
    )


def _check(rules: CallPolicy, region: str) -> None:
    why = ""
    if not set(rules.codecs) & set(CODECS_EVERYWHERE):
        why = f"One of {', '.join(CODECS_EVERYWHERE)} is needed: every phone has these."
    elif unknown := [name for name in rules.codecs if name not in CODECS]:
        why = f"No codec is called {', '.join(unknown)}. There are {', '.join(CODECS)}."
    elif 0 < rules.session_expires_s < LEAST_SESSION_S:
        why = "A session timer is at least 90 seconds (RFC 4028), or 0 for none."
    elif not 40 <= rules.jitter_buffer_ms <= 2000:
        why = "The jitter buffer is between 40 and 2000 ms."
    elif rules.url_template and not rules.url_template.startswith(("https://", "http://")):
        why = "The address to open must begin with https:// or http://."
    elif any(not reason.strip() for reason in rules.break_reasons):
        why = "A reason for a break is empty."
    if why:
        raise InvalidInput("The rules were not changed.", why, "Correct it and try again.")
    if rules.echo_number:
        normalise(rules.echo_number, region)
    for colleague in rules.colleagues:
        normalise(colleague.address, region)
