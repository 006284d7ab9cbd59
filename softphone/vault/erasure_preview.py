"""Before an erasure: what goes, what stays and why, and where else the person is mentioned."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from softphone.app.numbers import display
from softphone.domain.errors import Refused
from softphone.domain.ids import ContactId, NoteId
from softphone.domain.privacy import (
    KEPT_AUDIT,
    KEPT_REQUESTS,
    KEPT_SHARED,
    ErasurePlan,
    Kept,
    Mention,
    Restriction,
    RestrictionKind,
)
from softphone.vault.core import Core
from softphone.vault.erasure_job import Job
from softphone.vault.erasure_scope import Scope
from softphone.vault.heard import people_heard
from softphone.vault.times import from_micros

_SHORTEST_NAME = 4
_SHORTEST_NUMBER = 7
"""Digits, counted from the right: a note rarely has the country code."""
_MOST_MENTIONS = 500


def preview(core: Core, job: Job, contact: ContactId, counts: dict[str, int]) -> ErasurePlan:
    """Return the plan of a contact's erasure."""
    requests = _requests(core, contact)
    scope = Scope(core, job)
    others = [
        recording
        for recording in scope.recordings
        if set(people_heard(core, (recording,))) - set(job.contacts)
    ]
    return ErasurePlan(
        contact,
        counts["calls"],
        counts["recordings"],
        counts["notes"],
        counts["audit_details"],
        requests=requests,
        stays=tuple(_stays(core, contact, counts, requests)),
        mentions=tuple(_mentions(core, job, set(scope.notes))),
        hold=legal_hold(core, (*job.contacts, *people_heard(core, scope.recordings))),
        with_others=len(others),
    )


def legal_hold(core: Core, contacts: Iterable[ContactId]) -> Restriction | None:
    """Return the legal hold on one of these contacts, or None."""
    for contact in contacts:
        row = core.connection.execute(
            "SELECT since, person_name, reason, erasure_queued FROM restrictions"
            " WHERE contact_id = ? AND kind = ?",
            (contact, RestrictionKind.HELD.value),
        ).fetchone()
        if row is not None:
            return Restriction(
                contact, RestrictionKind.HELD, from_micros(row[0]), row[1], row[2], bool(row[3])
            )
    return None


def under_hold(hold: Restriction, *, of_another: bool = False) -> Refused:
    """Return the refusal of an erasure that a legal hold stops, or one on another person who is
    heard in a recording that would go.
    """
    another = "the data of somebody who is heard in one of the recordings"
    whose = another if of_another else "their data"
    return Refused(
        "The person was not erased.",
        f"{hold.by} put {whose} under a legal hold: {hold.reason}",
        "It can be erased when the hold is ended.",
    )


def _requests(core: Core, contact: ContactId) -> int:
    return int(
        core.connection.execute(
            "SELECT count(*) FROM privacy_requests WHERE contact_id = ?", (contact,)
        ).fetchone()[0]
    )


def _stays(core: Core, contact: ContactId, counts: dict[str, int], requests: int) -> Iterator[Kept]:
    shared = core.connection.execute(
        "SELECT count(DISTINCT number) FROM contact_numbers m WHERE contact_id = ?"
        " AND EXISTS (SELECT 1 FROM contact_numbers o WHERE o.number = m.number"
        " AND o.contact_id <> m.contact_id)",
        (contact,),
    ).fetchone()[0]
    yield Kept(KEPT_AUDIT[0], counts["audit_details"], KEPT_AUDIT[1])
    if requests:
        yield Kept(KEPT_REQUESTS[0], requests, KEPT_REQUESTS[1])
    if shared:
        yield Kept(KEPT_SHARED[0], int(shared), KEPT_SHARED[1])


def _mentions(core: Core, job: Job, own: set[str]) -> Iterator[Mention]:
    """Yield notes that are not the person's but have their name or number in them."""
    names, numbers = _wanted(core, job)
    if not names and not numbers:
        return
    rows = core.connection.execute(
        "SELECT id, author_name, written_at, text FROM notes ORDER BY written_at DESC"
    )
    found = 0
    for row in rows:
        if row[0] in own:
            continue
        word = _found(str(row[3]), names, numbers)
        if word:
            yield Mention(NoteId(row[0]), row[1], from_micros(row[2]), row[3], word)
            found += 1
            if found == _MOST_MENTIONS:
                return


def _wanted(core: Core, job: Job) -> tuple[dict[str, re.Pattern[str]], dict[str, str]]:
    """Return names to look for, as whole words, and the ends of numbers."""
    names: dict[str, re.Pattern[str]] = {}
    numbers: dict[str, str] = {}
    for contact in job.contacts:
        query = core.connection.execute
        row: tuple[Any, ...] = query(
            "SELECT name, email FROM contacts WHERE id = ?", (contact,)
        ).fetchone()
        whole = str(row[0]).strip()
        for text in (whole, str(row[1]), *whole.split()[-1:]):
            if len(text) >= _SHORTEST_NAME:
                names[text] = re.compile(rf"(?<!\w){re.escape(text)}(?!\w)", re.IGNORECASE)
        for (number,) in query(
            "SELECT number FROM contact_numbers WHERE contact_id = ?", (contact,)
        ):
            digits = "".join(c for c in number if c.isdecimal())
            if len(digits) >= _SHORTEST_NUMBER:
                numbers[display(number)] = digits[-_SHORTEST_NUMBER:]
            elif not digits:
                names[number] = re.compile(re.escape(number), re.IGNORECASE)
    return names, numbers


def _found(text: str, names: dict[str, re.Pattern[str]], numbers: dict[str, str]) -> str:
    for name, pattern in names.items():
        if pattern.search(text):
            return name
    digits = "".join(c for c in text if c.isdecimal())
    return next((number for number, end in numbers.items() if end in digits), "")
