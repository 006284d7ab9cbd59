"""The tables of the answer of Art. 15: what is held, in rows of plain words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from softphone.app.numbers import display
from softphone.domain.consent import BASIS_WORDS, SOURCE_WORDS, TOLD_WORDS
from softphone.domain.contact import Contact
from softphone.domain.report import PersonReport
from softphone.domain.request import KIND_WORDS


@dataclass(frozen=True, slots=True)
class ReportSection:
    """One table with its heading."""

    title: str
    columns: tuple[str, ...]
    rows: list[tuple[str, ...]]
    lead: str = ""


def contact_facts(contact: Contact, zone: ZoneInfo) -> list[tuple[str, str]]:
    """Return a contact's fields in words."""
    return [
        ("Name", contact.name),
        ("Company", contact.company),
        ("Numbers and addresses", ", ".join(map(_labelled, contact.labelled))),
        ("E-mail", ", ".join(contact.emails)),
        ("Language", contact.language),
        ("Tags", ", ".join(contact.tags)),
        ("Held since", _time(contact.created_at, zone)),
    ]


def report_sections(report: PersonReport, zone: ZoneInfo) -> list[ReportSection]:
    """Return the tables in order; empty ones say that nothing is held."""
    file = report.file
    return [
        ReportSection(
            "Calls",
            ("When", "Direction", "Outcome", "Number", "Seconds", "Colleague", "About"),
            [
                (
                    _time(call.started_at, zone),
                    call.direction.value,
                    call.disposition.value,
                    display(call.number),
                    str(call.talk_ms // 1000),
                    call.agent_name,
                    call.wrap_up,
                )
                for call in file.calls
            ],
        ),
        ReportSection(
            "Recordings",
            ("When", "Seconds", "Voices"),
            [
                (_time(at, zone), str(length_ms // 1000), "You (right), a colleague (left)")
                for _, at, length_ms in file.recordings
            ],
            "A copy can be handed out sealed for your key or a passphrase. The colleague's voice "
            "is on it, too: their rights are kept by handing it to nobody else (Art. 15(4)).",
        ),
        ReportSection(
            "Notes",
            ("When", "Written by", "Text"),
            [(_time(n.written_at, zone), n.author_name, n.text) for n in file.notes],
        ),
        ReportSection(
            "What reviewers answered about your recordings",
            ("When", "Reviewer", "Question", "Points", "Of"),
            [
                (
                    _time(card.at, zone),
                    card.reviewer_name,
                    answer.question,
                    str(answer.points),
                    str(answer.most),
                )
                for card in file.scores
                for answer in card.answers
            ],
        ),
        ReportSection(
            "Legal bases and consents",
            ("When", "Purpose", "Change", "Basis", "How", "Wording", "Until"),
            [
                (
                    _time(c.at, zone),
                    c.purpose,
                    c.change.value,
                    BASIS_WORDS[c.basis],
                    SOURCE_WORDS[c.source],
                    f"version {c.version} {c.language}" if c.version else "",
                    _time(c.expires_at, zone),
                )
                for c in file.consents
            ],
        ),
        ReportSection(
            "What you were told",
            ("When", "Text", "Version", "How"),
            [
                (_time(i.at, zone), i.topic, f"{i.version} {i.language}", TOLD_WORDS[i.how])
                for i in file.informed
            ],
        ),
        ReportSection(
            "Do-not-call lists that one of your numbers is on",
            ("List",),
            [(title,) for title in file.do_not_call],
        ),
        ReportSection(
            "Corrections",
            ("When", "By", "Why", "Before", "After"),
            [
                (_time(r.at, zone), r.by, r.reason, _fields(r.before), _fields(r.after))
                for r in report.rectifications
            ],
        ),
        ReportSection(
            "Restrictions",
            ("Since", "What", "Decided by", "Why"),
            [(_time(r.since, zone), r.kind.value, r.by, r.reason) for r in report.restrictions],
        ),
        ReportSection(
            "Requests",
            ("Received", "What", "Due", "State", "Outcome"),
            [
                (
                    _time(r.received_at, zone),
                    KIND_WORDS[r.kind],
                    _time(r.due_at, zone),
                    r.state.value,
                    r.outcome,
                )
                for r in report.requests
            ],
        ),
        ReportSection(
            "Who looked at or changed it",
            ("When", "Who", "What", "Result"),
            [(_time(a.when, zone), a.who, a.action, a.result) for a in file.accesses],
        ),
    ]


def _labelled(pair: tuple[str, str]) -> str:
    number, label = pair
    return f"{display(number)} ({label})" if label else display(number)


def _time(when: datetime | None, zone: ZoneInfo) -> str:
    return "" if when is None else f"{when.astimezone(zone):%Y-%m-%d %H:%M:%S %Z}"


def _fields(values: dict[str, str]) -> str:
    return "; ".join(f"{name}: {value}" for name, value in values.items())
