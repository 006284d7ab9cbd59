"""Registers and retention on the command line; a part of the table of commands."""

from __future__ import annotations

from softphone.app.command_arguments import Answer, Run, fields_of, one_of, take, whole_path
from softphone.app.desk import Desk
from softphone.domain.errors import InvalidInput
from softphone.domain.register import Register, RegisterEntry
from softphone.domain.retention import CHOICES, DataClass, RetentionRule


def _entry(entry: RegisterEntry) -> Answer:
    return {
        "id": entry.id,
        "revision": entry.revision,
        "due_at": entry.due_at.isoformat() if entry.due_at else None,
        **entry.values,
    }


def _register(desk: Desk, arguments: list[str]) -> Answer:
    (name,) = take(arguments, "a register", 1)
    found = desk.registers.entries(one_of(Register, name, "register"))
    return {"entries": [_entry(entry) for entry in found]}


def _save_entry(desk: Desk, arguments: list[str]) -> Answer:
    name, *fields = take(arguments, "a register and fields as name=value", 2, 20)
    values = fields_of(fields)
    entry = values.pop("id", None)
    return _entry(desk.registers.save(one_of(Register, name, "register"), values, entry))


def _remove_entry(desk: Desk, arguments: list[str]) -> Answer:
    (entry,) = take(arguments, "an entry", 1)
    desk.registers.remove(entry)
    return {}


def _export_register(desk: Desk, arguments: list[str]) -> Answer:
    name, file = take(arguments, "a register and a file", 2)
    desk.answers.register(one_of(Register, name, "register"), whole_path(file))
    return {"file": file}


def _import_register(desk: Desk, arguments: list[str]) -> Answer:
    name, file, *dry = take(arguments, "a register, a file, and the word dry to try it out", 2, 3)
    register = one_of(Register, name, "register")
    rows = desk.answers.read_register(register, whole_path(file))
    done = desk.registers.import_rows(register, rows, dry_run=dry == ["dry"])
    return {
        "added": done.added,
        "changed": done.changed,
        "problems": [{"row": p.row, "why": p.why} for p in done.problems],
    }


def _training(desk: Desk, _: list[str]) -> Answer:
    return {
        "training": [
            {
                "person": line.person_name,
                "title": line.entry.title,
                "standing": line.standing.value,
                "renew_on": line.renew_on.isoformat() if line.renew_on else None,
            }
            for line in desk.registers.training()
        ]
    }


def _to_confirm(desk: Desk, _: list[str]) -> Answer:
    return {"texts": [_entry(entry) for entry in desk.registers.to_confirm()]}


def _confirm(desk: Desk, arguments: list[str]) -> Answer:
    entry, revision = take(arguments, "a text and its revision", 2)
    if not revision.isdecimal():
        raise InvalidInput("Nothing was confirmed.", "The revision is no number.")
    made = desk.registers.confirm(entry, int(revision))
    return {"sha256": made.sha256, "at": made.at.isoformat()}


def _breach(desk: Desk, arguments: list[str]) -> Answer:
    (name,) = take(arguments, "a breach", 1)
    known = desk.registers.entries(Register.BREACHES)
    entry = next((entry for entry in known if entry.id == name), None)
    if entry is None:
        raise InvalidInput("Nothing was counted.", "There is no such breach.")
    since, until = desk.registers.breach_window(entry)
    found = desk.registers.assess(since, until, entry=name)
    return {
        "from": since.isoformat(),
        "until": until.isoformat(),
        "keys": list(found.groups),
        "recordings": found.recordings,
        "contacts": found.contacts,
        "calls": found.calls,
        "opened": dict(found.opened),
    }


def _record(desk: Desk, arguments: list[str]) -> Answer:
    (file,) = take(arguments, "a file", 1)
    desk.answers.processing_record(whole_path(file))
    return {"file": file}


def _agreement(desk: Desk, arguments: list[str]) -> Answer:
    entry, file = take(arguments, "an agreement and a file", 2)
    desk.answers.agreement(entry, whole_path(file))
    return {"file": file}


def _retention(desk: Desk, _: list[str]) -> Answer:
    return {
        "rules": [
            {"data": r.data.value, "keep_days": r.keep_days, "why": r.why}
            for r in desk.keeping.rules()
        ],
        "next_run": [
            {"data": p.rule.data.value, "due": p.due, "held": p.held}
            for p in desk.keeping.preview()
        ],
        "runs": [
            {"at": r.at.isoformat(), "by": r.by, **{d.value: n for d, n in r.counts}}
            for r in desk.keeping.runs(10)
        ],
    }


def _set_retention(desk: Desk, arguments: list[str]) -> Answer:
    rules = []
    for name, days in fields_of(arguments).items():
        data = one_of(DataClass, name, "class of data")
        if not days.isdecimal():
            raise InvalidInput("The rules were not changed.", f"{days} is no number of days.")
        known = next((c for c in CHOICES[data] if c.keep_days == int(days)), None)
        rules.append(RetentionRule(data, int(days), known.why if known else ""))
    desk.keeping.set_rules(rules)
    return _retention(desk, [])


def _run_retention(desk: Desk, _: list[str]) -> Answer:
    run = desk.keeping.run()
    return {data.value: count for data, count in run.counts}


REGISTER_COMMANDS: dict[str, tuple[Run, str]] = {
    "register": (_register, "list a register: controller, processors, agreements, ..."),
    "register-save": (_save_entry, "add or change (id=...) an entry: register, name=value..."),
    "register-remove": (_remove_entry, "take an entry out of its register"),
    "register-export": (_export_register, "write a register as a workbook: register, file"),
    "register-import": (_import_register, "read a register from a workbook: register, file, dry"),
    "training": (_training, "show who has finished which training"),
    "to-confirm": (_to_confirm, "show the texts you have to confirm"),
    "confirm": (_confirm, "confirm a text: entry, revision"),
    "breach": (_breach, "count what a breach could have exposed: entry"),
    "processing-record": (_record, "write the record of processing (Art. 30): file"),
    "agreement": (_agreement, "write an agreement with who accepted it: entry, file"),
    "retention": (_retention, "show how long data is kept, and the next run"),
    "retention-set": (_set_retention, "set periods in days: recordings=90 calls=1096 ..."),
    "retention-run": (_run_retention, "delete now what need not be kept"),
}
