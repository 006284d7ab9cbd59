"""Legal bases, information and do-not-call lists on the command line."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from softphone.app.command_arguments import Answer, options, take, whole_path
from softphone.app.command_context import Context
from softphone.app.consents import BasisGiven
from softphone.app.desk import Desk
from softphone.domain.call import Call, CallState
from softphone.domain.consent import RECORDING, Consent, ConsentSource, LegalBasis, Purpose
from softphone.domain.contact import Contact
from softphone.domain.errors import InvalidInput, NotFound
from softphone.domain.ids import ContactId

Command = Callable[[Context, list[str]], Answer]


def find_contact(desk: Desk, text: str) -> Contact:
    """Return the contact with this identifier, number or name. Raises NotFound, InvalidInput."""
    by_number = desk.people.find(text) if any(c.isdigit() for c in text) else None
    if by_number is not None:
        return by_number
    found = desk.people.contacts(text, 3, 0)
    if not found and text.count("-") == 4:
        return desk.people.open(ContactId(text))[0]
    if not found:
        raise NotFound("Nothing was done.", "There is no such contact.", "Check the spelling.")
    exact = [c for c in found if c.name.casefold() == text.casefold()]
    if len(exact or found) > 1:
        raise InvalidInput(
            "Nothing was done.", "Several contacts fit.", "Give the number or the identifier."
        )
    return (exact or found)[0]


def plain_consent(change: Consent) -> Answer:
    """Return a change as JSON shows it."""
    return {
        "contact": change.contact,
        "purpose": change.purpose,
        "change": change.change.value,
        "basis": change.basis.value,
        "source": change.source.value,
        "at": change.at.isoformat(),
        "by": change.by_name,
        "version": change.version,
        "language": change.language,
        "expires_at": change.expires_at.isoformat() if change.expires_at else None,
        "in_call_at_ms": change.at_ms,
        "note": change.note,
    }


def _talking(context: Context) -> Call:
    return context.call(CallState.ESTABLISHED, CallState.HELD)


def _give(context: Context, arguments: list[str]) -> Answer:
    wanted, rest = options(arguments)
    desk = context.signed_in()
    purpose, *who = rest or [""]
    if not who:
        return {"consent": plain_consent(desk.consents.give_in_call(_talking(context), purpose))}
    try:
        given = BasisGiven(
            purpose,
            LegalBasis(wanted.get("basis", LegalBasis.CONSENT.value)),
            ConsentSource.FORM,
            wanted.get("language", ""),
            int(wanted.get("version", "0")),
            _day(wanted["expires"]) if "expires" in wanted else None,
            wanted.get("note", ""),
        )
    except ValueError as error:
        raise InvalidInput(
            "Nothing was recorded.",
            "The basis, the version or the day of expiry cannot be read.",
            f"Bases are {', '.join(LegalBasis)}; days are written as 2026-11-24.",
        ) from error
    contact = find_contact(desk, " ".join(who))
    return {"consent": plain_consent(desk.consents.give(contact.id, given))}


def _day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def _withdraw(context: Context, arguments: list[str]) -> Answer:
    wanted, rest = options(arguments)
    desk = context.signed_in()
    purpose, *who = rest or [""]
    if not who:
        call = _talking(context)
        recorded = desk.consents.withdraw_in_call(call, purpose)
        answer: Answer = {"consent": plain_consent(recorded)}
        if purpose == RECORDING and call.recording_id:
            answer["recording_to_erase"] = call.recording_id
        return answer
    contact = find_contact(desk, " ".join(who))
    note = wanted.get("note", "")
    return {
        "consent": plain_consent(
            desk.consents.withdraw(contact.id, purpose, note=note, live=context.state.live_calls)
        )
    }


def _consents(context: Context, arguments: list[str]) -> Answer:
    desk = context.signed_in()
    if arguments:
        contact = find_contact(desk, " ".join(arguments))
        return {"consents": [plain_consent(c) for c in desk.consents.history(contact.id)]}
    counts = desk.consents.counts()
    return {
        "purposes": [
            {
                "key": p.key,
                "title": p.title,
                "in_call": p.in_call,
                "given": counts.get(p.key, (0, 0))[0],
                "withdrawn": counts.get(p.key, (0, 0))[1],
            }
            for p in desk.consents.purposes()
        ]
    }


def _add_purpose(context: Context, arguments: list[str]) -> Answer:
    wanted, rest = options(arguments)
    key, *title = rest or [""]
    consents = context.signed_in().consents
    made = Purpose(key, " ".join(title), "in-call" in wanted)
    consents.save_purposes([*(p for p in consents.purposes() if p.key != key), made])
    return {"purpose": key}


def _remove_purpose(context: Context, arguments: list[str]) -> Answer:
    (key,) = take(arguments, "the word of the purpose", 1)
    consents = context.signed_in().consents
    consents.save_purposes([p for p in consents.purposes() if p.key != key])
    return {}


def _texts(context: Context, _: list[str]) -> Answer:
    return {
        "texts": [
            {
                "topic": t.topic,
                "version": t.version,
                "language": t.language,
                "text": t.text,
                "sound": t.has_audio,
                "by": t.by_name,
            }
            for t in context.signed_in().information.texts()
        ]
    }


def _add_text(context: Context, arguments: list[str]) -> Answer:
    wanted, rest = options(arguments)
    topic, language, *words = rest if len(rest) > 2 else take(rest, "topic, language, text", 3)
    version = wanted.get("translation-of", "0")
    if not version.isdigit():
        raise InvalidInput("The text was not saved.", "The version is no number.")
    kept = context.signed_in().information.save_text(
        topic, language, " ".join(words), version=int(version)
    )
    return {"topic": topic, "version": kept.version, "language": language}


def _read_out(context: Context, arguments: list[str]) -> Answer:
    wanted, rest = options(arguments)
    (topic,) = take(rest, "the topic", 1)
    call = _talking(context)
    told = context.signed_in().information.read_out(
        call.id, call.number, topic, wanted.get("language", "")
    )
    return {"topic": topic, "version": told.version, "language": told.language}


def _lists(context: Context, _: list[str]) -> Answer:
    return {
        "lists": [
            {
                "id": made.id,
                "title": made.title,
                "numbers": made.numbers,
                "imported_at": made.imported_at.isoformat(),
            }
            for made in context.signed_in().campaigns.lists()
        ]
    }


def _import_list(context: Context, arguments: list[str]) -> Answer:
    file, *title = arguments if len(arguments) > 1 else take(arguments, "file and name", 2)
    count, unusable = context.signed_in().campaigns.import_list(whole_path(file), " ".join(title))
    return {"numbers": count, "rows_without_a_number": unusable}


def _remove_list(context: Context, arguments: list[str]) -> Answer:
    (list_id,) = take(arguments, "the identifier of the list", 1)
    context.signed_in().campaigns.remove_list(list_id)
    return {}


CONSENT_COMMANDS: dict[str, tuple[Command, str]] = {
    "consent list": (_consents, "purposes with figures, or every change of one contact"),
    "consent give": (_give, "purpose, then a contact; without one, of who is on the line"),
    "consent withdraw": (_withdraw, "purpose, then a contact; without one, of who is on the line"),
    "consent add-purpose": (_add_purpose, "a short word and a title"),
    "consent remove-purpose": (_remove_purpose, "what was recorded for it stays"),
    "information list": (_texts, "list information texts"),
    "information add": (_add_text, "save a text: topic, language, text"),
    "information read-out": (_read_out, "note that you read a text out in this call: topic"),
    "do-not-call list": (_lists, "list do-not-call lists"),
    "do-not-call import": (_import_list, "import a list of numbers: file, name"),
    "do-not-call remove": (_remove_list, "drop a list by its identifier"),
}
CONSENT_SLOW = frozenset({"do-not-call import"})
CONSENT_OPTIONS: dict[str, dict[str, str]] = {
    "consent give": {
        "basis": "consent (usual) or another of Art. 6(1)",
        "language": "of the wording",
        "version": "of the wording",
        "expires": "a day, as 2027-11-24",
        "note": "what was said or written",
    },
    "consent withdraw": {"note": "what was said"},
    "consent add-purpose": {"in-call": ""},
    "information add": {"translation-of": "the version that this translates"},
    "information read-out": {"language": "of the text"},
}
"""Options of commands; those without words are switches."""
