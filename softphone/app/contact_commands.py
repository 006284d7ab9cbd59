"""Contacts on the command line."""

from __future__ import annotations

from collections.abc import Callable

from softphone.app.command_arguments import Answer, options, take, whole_path
from softphone.app.command_context import Context
from softphone.app.consent_commands import find_contact, plain_consent
from softphone.app.importing import guess_mapping
from softphone.app.ports import ContactFormat
from softphone.domain.contact import Contact
from softphone.domain.contact_import import Field, ImportReport, OnDuplicate, Target
from softphone.domain.errors import InvalidInput
from softphone.domain.ids import ContactId

Command = Callable[[Context, list[str]], Answer]
_SHOWN = 100


def _plain(contact: Contact) -> Answer:
    return {
        "id": contact.id,
        "name": contact.name,
        "kind": contact.kind.value,
        "company": contact.company,
        "numbers": [{"number": n, "label": label} for n, label in contact.labelled],
        "emails": list(contact.emails),
        "language": contact.language,
        "tags": list(contact.tags),
    }


def _search(context: Context, arguments: list[str]) -> Answer:
    found = context.signed_in().people.contacts(" ".join(arguments), _SHOWN, 0)
    return {"contacts": [_plain(contact) for contact in found]}


def _show(context: Context, arguments: list[str]) -> Answer:
    desk = context.signed_in()
    view = desk.contacts.open(find_contact(desk, " ".join(arguments)).id)
    return {
        **_plain(view.contact),
        "last_activity": view.last_activity.isoformat() if view.last_activity else None,
        "consents": [plain_consent(c) for c in view.consents],
        "do_not_call": list(view.do_not_call),
        "shares_numbers_with": [c.id for c in view.sharing],
        "merges": [merge for merge, _ in view.merges],
        "colleague": view.colleague,
    }


def _mapping(text: str, columns: tuple[str, ...]) -> tuple[Target, ...]:
    """Return ``1=name,2=number:mobile`` as targets; columns that are not named are left out."""
    targets = [Target(Field.IGNORE) for _ in columns]
    for part in text.split(","):
        place, _, wanted = part.partition("=")
        field, _, label = wanted.partition(":")
        try:
            targets[int(place) - 1] = Target(Field(field), label)
        except (ValueError, IndexError) as error:
            raise InvalidInput(
                "Nothing was imported.",
                "The mapping cannot be read.",
                "Write it as 1=name,2=number:mobile,3=email.",
            ) from error
    return tuple(targets)


def _import(context: Context, arguments: list[str]) -> Answer:
    wanted, rest = options(arguments)
    (file,) = take(rest, "the file", 1)
    policy = wanted.get("duplicates", OnDuplicate.SKIP.value)
    if policy not in set(OnDuplicate):
        raise InvalidInput("Nothing was imported.", "Duplicates are skip, update or ask.")
    importing = context.signed_in().importing
    source = importing.open(whole_path(file))
    try:
        columns = source.columns
        mapping = _mapping(wanted["map"], columns) if wanted.get("map") else guess_mapping(source)
        shown = {
            title: f"{t.field.value}:{t.label}".rstrip(":")
            for title, t in zip(columns, mapping, strict=False)
        }
        dry = "dry-run" in wanted
        run = importing.check if dry else importing.run
        report = run(source, mapping, OnDuplicate(policy))
    finally:
        source.close()
    return {"read_as": source.read_as, "mapping": shown, **_report(report)}


def _report(report: ImportReport) -> Answer:
    return {
        "dry_run": report.dry,
        "run": report.run,
        "rows": report.total,
        "counts": {outcome.value: count for outcome, count in report.counts.items()},
        "problems": [
            {"row": r.row, "outcome": r.outcome.value, "what": r.what} for r in report.rows
        ],
    }


def _undo_import(context: Context, arguments: list[str]) -> Answer:
    (run,) = take(arguments, "the identifier of the run", 1)
    undone = context.signed_in().importing.undo(run)
    return {"removed": undone.removed, "restored": undone.restored, "kept": list(undone.kept)}


def _imports(context: Context, _: list[str]) -> Answer:
    return {
        "runs": [
            {
                "id": run.id,
                "at": run.at.isoformat(),
                "by": run.by_name,
                "format": run.format,
                "state": run.state.value,
                "created": run.created,
                "updated": run.updated,
            }
            for run in context.signed_in().importing.runs()
        ]
    }


def _export(context: Context, arguments: list[str]) -> Answer:
    file, form, *secret = arguments if len(arguments) == 3 else take(arguments, "file, format", 2)
    if form not in set(ContactFormat):
        raise InvalidInput(
            "Nothing was exported.", "The format is unknown.", "Give vcard4, vcard3, csv or xlsx."
        )
    passphrase = secret[0] if secret else ""
    count = context.signed_in().contacts.export(whole_path(file), ContactFormat(form), passphrase)
    return {"file": file, "contacts": count}


def _workbook(context: Context, arguments: list[str]) -> Answer:
    who, file, *secret = (
        arguments if len(arguments) == 3 else take(arguments, "a contact and the file", 2)
    )
    desk = context.signed_in()
    contact = find_contact(desk, who)
    desk.privacy.export_contact(contact.id, whole_path(file), "UTC", secret[0] if secret else "")
    return {"file": file, "contact": contact.id}


def _duplicates(context: Context, _: list[str]) -> Answer:
    return {
        "pairs": [
            {
                "first": _plain(pair.first),
                "second": _plain(pair.second),
                "why": [why.value for why in pair.why],
            }
            for pair in context.signed_in().contacts.duplicates(_SHOWN)
        ]
    }


def _merge(context: Context, arguments: list[str]) -> Answer:
    wanted, rest = options(arguments)
    kept, other = take(rest, "the contact to keep, and the other one", 2)
    contacts = context.signed_in().contacts
    if "dry-run" in wanted:
        return {"would_be": _plain(contacts.preview(ContactId(kept), ContactId(other)))}
    return {"merge": contacts.merge(ContactId(kept), ContactId(other)), "contact": kept}


def _undo_merge(context: Context, arguments: list[str]) -> Answer:
    (merge,) = take(arguments, "the identifier of the merge", 1)
    return {"contacts": list(context.signed_in().contacts.undo_merge(merge))}


CONTACT_COMMANDS: dict[str, tuple[Command, str]] = {
    "contacts search": (_search, "find contacts by name, company, e-mail, tag or number"),
    "contacts show": (_show, "show one contact with consents and last activity"),
    "contacts import": (_import, "take contacts in from a vCard, CSV or Excel file"),
    "contacts imports": (_imports, "list imports"),
    "contacts undo-import": (_undo_import, "undo an import by its identifier"),
    "contacts export": (_export, "write all contacts: file, then vcard4, vcard3, csv or xlsx"),
    "contacts export-sealed": (
        _export,
        "the same as an age file: file, format; the passphrase on stdin",
    ),
    "contacts workbook": (_workbook, "everything held about one contact: contact, file.xlsx"),
    "contacts workbook-sealed": (
        _workbook,
        "the same as an age file: contact, file; the passphrase on stdin",
    ),
    "contacts duplicates": (_duplicates, "list pairs that may be one contact"),
    "contacts merge": (_merge, "make one contact of two: identifier to keep, the other's"),
    "contacts undo-merge": (_undo_merge, "take a merge apart by its identifier"),
}
CONTACT_SECRETS = {"contacts export-sealed": 1, "contacts workbook-sealed": 1}
CONTACT_SLOW = frozenset(
    {
        "contacts import",
        "contacts undo-import",
        "contacts export",
        "contacts export-sealed",
        "contacts workbook",
        "contacts workbook-sealed",
        "contacts duplicates",
    }
)
CONTACT_OPTIONS: dict[str, dict[str, str]] = {
    "contacts import": {
        "duplicates": "skip (usual), update or ask",
        "map": "columns, as 1=name,2=number:mobile,3=consent:marketing",
        "dry-run": "",
    },
    "contacts merge": {"dry-run": ""},
}
"""Options of commands; those without words are switches."""
