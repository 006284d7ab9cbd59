"""Requests, restrictions and erasures on the command line; a part of the table of commands."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from softphone.app.command_arguments import Answer, Run, fields_of, one_of, take, whole_path
from softphone.app.consent_commands import find_contact
from softphone.app.desk import Desk
from softphone.app.register_commands import REGISTER_COMMANDS
from softphone.domain.contact import Contact
from softphone.domain.errors import InvalidInput
from softphone.domain.privacy import RestrictionKind
from softphone.domain.request import DataRequest, RequestKind, RequestState, days_left


def _request(desk: Desk, request: DataRequest) -> Answer:
    return {
        "id": request.id,
        "kind": request.kind.value,
        "state": request.state.value,
        "next": request.next_step.value,
        "name": request.name,
        "contact": request.contact,
        "received_at": request.received_at.isoformat(),
        "due_at": request.due_at.isoformat(),
        "days_left": days_left(request, desk.session.clock.now()),
        "outcome": request.outcome,
        "documents": [{"name": d.name, "sha256": d.sha256} for d in request.documents],
    }


def _requests(desk: Desk, arguments: list[str]) -> Answer:
    wanted = take(arguments, "nothing, or the word all", 0, 1)
    states = tuple(RequestState) if wanted == ["all"] else (RequestState.OPEN,)
    return {"requests": [_request(desk, r) for r in desk.requests.page(states, 1000)]}


def _show_request(desk: Desk, arguments: list[str]) -> Answer:
    (name,) = take(arguments, "a request", 1)
    request = desk.requests.open(name)
    history = [
        {"at": e.at.isoformat(), "what": e.kind.value, "by": e.by, "text": e.text}
        for e in request.history
    ]
    return {**_request(desk, request), "history": history}


def _receive(desk: Desk, arguments: list[str]) -> Answer:
    wanted = "the kind, who asks, how it came, and the contact if it is known"
    kind, name, channel, *contact = take(arguments, wanted, 3, 4)
    made = desk.requests.receive(
        one_of(RequestKind, kind, "kind of request"),
        name,
        channel,
        contact=find_contact(desk, contact[0]).id if contact else None,
    )
    return _request(desk, made)


def _find_person(desk: Desk, arguments: list[str]) -> Answer:
    request, contact = take(arguments, "a request, and a contact or the word unknown", 2)
    found = None if contact == "unknown" else find_contact(desk, contact).id
    return _request(desk, desk.requests.find_person(request, found))


def _identity(desk: Desk, arguments: list[str]) -> Answer:
    request, how = take(arguments, "a request and how the person was recognised", 2)
    return _request(desk, desk.requests.check_identity(request, how))


def _extend(desk: Desk, arguments: list[str]) -> Answer:
    request, because = take(arguments, "a request and the reason", 2)
    return _request(desk, desk.requests.extend(request, because))


def _close(*, refused: bool) -> Run:
    def run(desk: Desk, arguments: list[str]) -> Answer:
        request, outcome = take(arguments, "a request and the outcome", 2)
        return _request(desk, desk.requests.close(request, outcome, refused=refused))

    return run


def _access(desk: Desk, arguments: list[str]) -> Answer:
    request, folder, zone = take([*arguments, "UTC"][:3], "a request, a folder, a time zone", 3)
    return _request(desk, desk.answers.access(request, whole_path(folder), zone))


def _portable(desk: Desk, arguments: list[str]) -> Answer:
    request, folder, zone = take([*arguments, "UTC"][:3], "a request, a folder, a time zone", 3)
    return _request(desk, desk.answers.portable(request, whole_path(folder), zone))


def _answer_recordings(desk: Desk, arguments: list[str]) -> Answer:
    wanted = "a request, a folder; the passphrase on stdin"
    request, folder, passphrase = take(arguments, wanted, 3)
    done = desk.answers.recordings(request, whole_path(folder), passphrase=passphrase)
    return {**_request(desk, done), "said": done.history[-1].text}


def _answer_erasure(desk: Desk, arguments: list[str]) -> Answer:
    request, folder = take(arguments, "a request and a folder for the receipt", 2)
    receipt, done = desk.answers.erase(request, whole_path(folder))
    return {
        **_request(desk, done),
        "erasure": receipt.erasure,
        "counts": dict(receipt.counts),
        "remains_found": receipt.remains_found,
    }


def _object(desk: Desk, arguments: list[str]) -> Answer:
    request, purpose, note = take([*arguments, ""][:3], "a request, a purpose, and a note", 3)
    return _request(desk, desk.answers.object(request, purpose, note))


def _rectify(desk: Desk, arguments: list[str]) -> Answer:
    wanted = "a contact, a reason, fields as name=value, and request=ID if there is one"
    contact, reason, *rest = take(arguments, wanted, 3, 12)
    fields = fields_of(rest)
    request = fields.pop("request", "")
    known, _ = desk.people.open(find_contact(desk, contact).id)
    made = desk.requests.rectify(_changed(known, fields), reason, request)
    return {"before": made.before, "after": made.after}


def _changed(contact: Contact, fields: dict[str, str]) -> Contact:
    if strange := sorted(set(fields) - {"name", "company", "email", "language", "numbers"}):
        raise InvalidInput("Nothing was corrected.", f"There is no field {strange[0]}.")
    values: dict[str, Any] = dict(fields)
    if "numbers" in values:
        labels = dict(contact.labelled)
        numbers = [n.strip() for n in values.pop("numbers").split(",") if n.strip()]
        contact = contact.with_numbers([(n, labels.get(n, "")) for n in numbers])
    return replace(contact, **values)


# --- restrictions and erasure -----------------------------------------------------------------


def _restrict(desk: Desk, arguments: list[str]) -> Answer:
    wanted = "a contact, restricted or held, the reason, and a request if there is one"
    contact, kind, reason, *request = take(arguments, wanted, 3, 4)
    count = desk.requests.restrict(
        find_contact(desk, contact).id,
        one_of(RestrictionKind, kind, "restriction"),
        reason,
        *request,
    )
    return {"recordings": count}


def _release(desk: Desk, arguments: list[str]) -> Answer:
    contact, kind, reason = take(arguments, "a contact, restricted or held, and the reason", 3)
    known = one_of(RestrictionKind, kind, "restriction")
    return {"recordings": desk.requests.release(find_contact(desk, contact).id, known, reason)}


def _restrictions(desk: Desk, arguments: list[str]) -> Answer:
    contact = take(arguments, "nothing, or a contact", 0, 1)
    who = find_contact(desk, contact[0]).id if contact else None
    found = desk.requests.restrictions(who)
    return {
        "restrictions": [
            {
                "contact": r.contact,
                "kind": r.kind.value,
                "since": r.since.isoformat(),
                "by": r.by,
                "reason": r.reason,
                "erasure_queued": r.erasure_queued,
            }
            for r in found
        ]
    }


def _erasure_plan(desk: Desk, arguments: list[str]) -> Answer:
    (contact,) = take(arguments, "a contact", 1)
    plan = desk.privacy.plan(find_contact(desk, contact).id)
    return {
        "goes": {
            "calls": plan.calls,
            "recordings": plan.recordings,
            "recordings with others' voices": plan.with_others,
            "notes": plan.notes,
            "names in audit entries": plan.audit_details,
        },
        "stays": [{"what": k.what, "count": k.count, "why": k.why} for k in plan.stays],
        "mentions": [{"note": m.note, "found": m.found, "author": m.author} for m in plan.mentions],
        "held_by": plan.hold.by if plan.hold else None,
    }


def _prove(desk: Desk, arguments: list[str]) -> Answer:
    wanted = "a receipt, folders with exports if there are any; words about the person on stdin"
    receipt, *rest = take(arguments, wanted, 2, 50)
    folders, words = rest[:-1], rest[-1]
    proof = desk.answers.prove_erased(
        whole_path(receipt), words.split(","), [whole_path(f) for f in folders]
    )
    return {
        "holds": proof.holds,
        "in_log": proof.in_log,
        "rows_left": proof.rows_left,
        "remains": proof.remains,
        "words_searched": proof.words_searched,
        "elsewhere": list(proof.elsewhere),
    }


PRIVACY_COMMANDS: dict[str, tuple[Run, str]] = {
    "requests": (_requests, "list open privacy requests, or all"),
    "request": (_show_request, "show a privacy request with its history"),
    "request-receive": (_receive, "register a request: kind, who, how it came, contact"),
    "request-person": (_find_person, "say who in the system asks: request, contact or unknown"),
    "request-identity": (_identity, "note how the person was recognised: request, how"),
    "request-extend": (_extend, "take two more months: request, reason"),
    "request-close": (_close(refused=False), "close a request: request, outcome"),
    "request-refuse": (_close(refused=True), "refuse a request: request, reason"),
    "answer-access": (_access, "write the answer of Art. 15: request, folder, time zone"),
    "answer-portable": (_portable, "write the answer of Art. 20: request, folder, time zone"),
    "answer-recordings": (
        _answer_recordings,
        "hand out recordings as age files: request, folder; the passphrase on stdin",
    ),
    "answer-erasure": (_answer_erasure, "erase who asked: request, folder for the receipt"),
    "answer-objection": (_object, "stop using data for a purpose: request, purpose, note"),
    "rectify": (_rectify, "correct a person's data: contact, reason, name=value..."),
    "restrict": (_restrict, "restrict or hold a person's data: contact, kind, reason, request"),
    "release": (_release, "end a restriction: contact, kind, reason"),
    "restrictions": (_restrictions, "list restrictions and holds"),
    "erasure-plan": (_erasure_plan, "say what an erasure takes, leaves and finds: contact"),
    "prove-erased": (
        _prove,
        "search for remains: receipt, folders with exports; words on stdin, with commas",
    ),
    **REGISTER_COMMANDS,
}
PRIVACY_STDIN: dict[str, int] = {"answer-recordings": 1, "prove-erased": 1}
PRIVACY_SLOW = frozenset(
    {
        "answer-access",
        "answer-portable",
        "answer-recordings",
        "answer-erasure",
        "prove-erased",
        "retention-run",
    }
)
