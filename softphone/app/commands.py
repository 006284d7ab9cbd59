"""One table of commands for the command line and the window's command line."""

from __future__ import annotations

from collections.abc import Callable

from softphone.app.call_commands import CALL_COMMANDS
from softphone.app.call_rules import changed_rules, rules_as_json
from softphone.app.command_arguments import Answer, Run, take, whole_path
from softphone.app.command_context import Context
from softphone.app.consent_commands import CONSENT_COMMANDS, CONSENT_OPTIONS, CONSENT_SLOW
from softphone.app.contact_commands import (
    CONTACT_COMMANDS,
    CONTACT_OPTIONS,
    CONTACT_SECRETS,
    CONTACT_SLOW,
)
from softphone.app.people_commands import PEOPLE_COMMANDS, PEOPLE_STDIN, member_named
from softphone.app.ports import ExportFormat, ExportOrder, NewMember, RecordingFilter
from softphone.app.privacy_commands import PRIVACY_COMMANDS, PRIVACY_SLOW, PRIVACY_STDIN
from softphone.app.recording_commands import (
    RECORDING_COMMANDS,
    RECORDING_OPTIONS,
    RECORDING_SLOW,
)
from softphone.domain.errors import InvalidInput, SoftphoneError
from softphone.domain.ids import RecordingId, UserId


def _call_rules(context: Context, arguments: list[str]) -> Answer:
    rules = context.signed_in().call_rules
    if arguments:
        rules.change(changed_rules(rules.now(), " ".join(arguments)))
    return {"rules": rules_as_json(rules.now())}


def _recordings(context: Context, _: list[str]) -> Answer:
    rows = context.signed_in().recordings.page(RecordingFilter(), 100, 0)
    return {
        "recordings": [
            {
                "id": r.id,
                "started_at": r.started_at.isoformat(),
                "audio_ms": r.audio_ms,
                "complete": r.complete,
                "refused": r.refused,
            }
            for r in rows
        ]
    }


def _listen(context: Context, arguments: list[str]) -> Answer:
    """Check that a recording may be heard and opens; nothing of it is handed out."""
    if len(arguments) != 1:
        raise InvalidInput("Nothing was opened.", "Name one recording.")
    reader = context.signed_in().recordings.open(RecordingId(arguments[0]))
    try:
        return {"bytes": reader.size, "problem": reader.problem}
    finally:
        reader.close()


def _add_contact(context: Context, arguments: list[str]) -> Answer:
    if not 2 <= len(arguments) <= 3:
        raise InvalidInput("Nothing was added.", "Give a name, a number, and a note if you like.")
    people = context.signed_in().people
    contact = people.add(arguments[0], arguments[1])
    if len(arguments) == 3:
        people.add_note(arguments[2], contact=contact.id)
    return {"contact": contact.id}


def _member(context: Context, name: str) -> UserId:
    return member_named(context.signed_in(), name)


def _members(context: Context, _: list[str]) -> Answer:
    return {
        "members": [
            {"id": m.id, "name": m.name, "role": m.role, "team": m.team}
            for m in context.signed_in().people.members()
        ]
    }


def _add_member(context: Context, arguments: list[str]) -> Answer:
    name, role, team, password = take(arguments, "name, role, team; password on stdin", 4)
    member = context.signed_in().people.add_member(NewMember(name, password, role, team))
    return {"member": member.id}


def _remove_member(context: Context, arguments: list[str]) -> Answer:
    (name,) = take(arguments, "a name", 1)
    context.signed_in().people.remove_member(_member(context, name))
    return {}


def _change_member(context: Context, arguments: list[str]) -> Answer:
    name, role, team = take(arguments, "name, role and team", 3)
    member = context.signed_in().people.change_member(_member(context, name), role, team)
    return {"member": member.id}


def _change_password(context: Context, arguments: list[str]) -> Answer:
    old, new = take(arguments, "the old and the new password, one a line, on stdin", 2)
    context.signed_in().people.change_password(old, new)
    return {}


def _export(context: Context, arguments: list[str]) -> Answer:
    if len(arguments) == 4:
        arguments = [*arguments, ""]
    wanted = "a recording, wav, ogg or age, the file, a reason, and for age a recipient"
    recording, form, file, reason, recipient = take(arguments, wanted, 5)
    if form not in set(ExportFormat):
        raise InvalidInput("Nothing was exported.", "The format is unknown.", f"Give {wanted}.")
    order = ExportOrder(ExportFormat(form), whole_path(file), reason, recipient)
    context.signed_in().recordings.export(RecordingId(recording), order)
    return {"file": file}


def _export_sealed(context: Context, arguments: list[str]) -> Answer:
    wanted = "a recording, the file and a reason; the passphrase on stdin"
    recording, file, reason, passphrase = take(arguments, wanted, 4)
    order = ExportOrder(ExportFormat.AGE, whole_path(file), reason, passphrase=passphrase)
    context.signed_in().recordings.export(RecordingId(recording), order)
    return {"file": file}


def _replace_keys(context: Context, _: list[str]) -> Answer:
    done = context.signed_in().keys.replace()
    return {"epochs": done.epochs, "rewrapped": done.rewrapped}


def _of_desk(run: Run) -> Callable[[Context, list[str]], Answer]:
    """Let a command of the privacy centre work on the desk of who is signed in."""
    return lambda context, arguments: run(context.signed_in(), arguments)


STDIN_LINES: dict[str, int] = {
    "add-member": 1,
    "change-password": 2,
    "export-sealed": 1,
    **CONTACT_SECRETS,
    **PEOPLE_STDIN,
    **PRIVACY_STDIN,
}
"""Secrets a command reads from standard input, one a line; they never stand in a process list."""

SLOW = (
    frozenset({"export", "export-sealed", "replace-keys"})
    | CONTACT_SLOW
    | CONSENT_SLOW
    | PRIVACY_SLOW
    | RECORDING_SLOW
)
"""Commands that may take minutes."""

BESIDE = frozenset(
    {
        *("contacts export", "contacts export-sealed", "contacts workbook"),
        *("contacts workbook-sealed", "answer-access", "answer-portable"),
        *("answer-recordings", "export", "export-sealed", "contacts import"),
    }
)
"""Commands that run beside the vault's lane, see app.aside: they write long files."""

OPTIONS: dict[str, dict[str, str]] = {
    "dial": {"marketing": "", "reason": "why to call without a legal basis; needs a right"},
    **CONTACT_OPTIONS,
    **CONSENT_OPTIONS,
    **RECORDING_OPTIONS,
}
"""Options of commands with their help; those without words are switches."""

COMMANDS: dict[str, tuple[Callable[[Context, list[str]], Answer], str]] = {
    **CALL_COMMANDS,
    "call-rules": (_call_rules, "show the rules for calls as JSON, or change some by JSON"),
    "add-contact": (_add_contact, "add a contact: name, number and a note"),
    "recordings": (_recordings, "list recordings"),
    "listen": (_listen, "check that a recording may be heard and opens"),
    "export": (_export, "hand out a recording: id, wav, ogg or age, file, reason, recipient"),
    "export-sealed": (
        _export_sealed,
        "hand out a recording as age file: id, file, reason; the passphrase on stdin",
    ),
    "members": (_members, "list colleagues"),
    "add-member": (_add_member, "add a colleague: name, role, team; the password on stdin"),
    "remove-member": (_remove_member, "remove a colleague by name"),
    "change-member": (_change_member, "give a colleague another role and team"),
    "replace-keys": (_replace_keys, "new keys of all listeners after a compromise"),
    "change-password": (_change_password, "change your password: old and new one on stdin"),
    **CONTACT_COMMANDS,
    **CONSENT_COMMANDS,
    **{name: (_of_desk(run), text) for name, (run, text) in PRIVACY_COMMANDS.items()},
    **{name: (_of_desk(run), text) for name, (run, text) in PEOPLE_COMMANDS.items()},
    **{name: (_of_desk(run), text) for name, (run, text) in RECORDING_COMMANDS.items()},
}
"""By name; a name of two words is a group and its part."""


def run_command(context: Context, name: str, arguments: list[str]) -> Answer:
    """Run a command; the answer always has ``ok``, and a refusal says what, why, and what to do."""
    found = COMMANDS.get(name)
    if found is None:
        return {"ok": False, "what": "There is no such command.", "why": "", "do": ""}
    try:
        return {"ok": True, **found[0](context, arguments)}
    except SoftphoneError as error:
        return {
            "ok": False,
            "kind": type(error).__name__,
            "what": error.what,
            "why": error.why,
            "do": error.do,
        }
