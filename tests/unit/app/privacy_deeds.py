"""The deeds of the privacy centre, for the walk over every use case."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from softphone.app.desk import Desk
from softphone.domain.audit import Action
from softphone.domain.contact import Contact
from softphone.domain.privacy import RestrictionKind
from softphone.domain.register import Register
from softphone.domain.request import RequestKind
from softphone.domain.retention import DataClass, RetentionRule
from tests.unit.app.rig import OFFICER

PROCESSOR = {"name": "Acme", "purpose": "hosting", "data": "backups", "country": "DE"}
COURSE = {"title": "Phones", "text": "Be kind."}
CONTRACT = {"title": "Processing", "party": "Acme", "text": "We agree."}


@dataclass(frozen=True)
class Prepared:
    """What the privacy centre's deeds find: requests by kind, entries, a receipt, a restriction."""

    folder: Path
    ada: Contact
    held: Contact
    requests: dict[RequestKind, str]
    processor: str
    course: str
    contract: str
    receipt: str
    file: Path


def prepare(desk: Desk, folder: Path, ada: Contact) -> Prepared:
    """Let the officer fill the privacy centre."""
    requests = {}
    for kind in RequestKind:
        made = desk.requests.receive(kind, ada.name, "letter", contact=ada.id)
        desk.requests.check_identity(made.id, "passport")
        requests[kind] = made.id
    held = desk.people.add("Hal Held", "+442079460009")
    desk.requests.restrict(held.id, RestrictionKind.RESTRICTED, "disputed")
    gone = desk.people.add("Gus Gone", "+442079460008")
    receipt = desk.privacy.receipt_text(desk.privacy.erase(gone.id))
    (folder / "receipt.json").write_text(receipt, "utf-8")
    return Prepared(
        folder,
        ada,
        held,
        requests,
        desk.registers.save(Register.PROCESSORS, PROCESSOR).id,
        desk.registers.save(Register.TRAINING, COURSE).id,
        desk.registers.save(Register.AGREEMENTS, CONTRACT).id,
        receipt,
        folder / "receipt.json",
    )


Do = Callable[[Desk, Prepared], object]


def answer(kind: RequestKind) -> Callable[[Prepared], str]:
    """Return which request a deed is about."""
    return lambda p: p.requests[kind]


ACCESS, PORTABLE = RequestKind.ACCESS, RequestKind.PORTABILITY
DAY = timedelta(days=1)


def now(desk: Desk):
    return desk.session.clock.now()


def deeds() -> dict[str, tuple[Action, Do, bool]]:
    """Return action, deed, and whether a refusal is an error; all by the officer."""
    saved, answered = Action.REQUEST_SAVED, Action.REQUEST_ANSWERED
    register, handed = Action.REGISTER_CHANGED, Action.REGISTER_EXPORTED
    rows = [PROCESSOR | {"name": "Bcme"}]
    return {
        "requests.page": (Action.LIST_READ, lambda d, p: d.requests.page(), False),
        "requests.open": (
            Action.REQUEST_READ,
            lambda d, p: d.requests.open(p.requests[ACCESS]),
            True,
        ),
        "requests.receive": (saved, lambda d, p: d.requests.receive(ACCESS, "Bob", "call"), True),
        "requests.find_person": (
            saved,
            lambda d, p: d.requests.find_person(p.requests[ACCESS], p.held.id),
            True,
        ),
        "requests.check_identity": (
            saved,
            lambda d, p: d.requests.check_identity(p.requests[ACCESS], "called back"),
            True,
        ),
        "requests.extend": (
            saved,
            lambda d, p: d.requests.extend(p.requests[ACCESS], "many files"),
            True,
        ),
        "requests.close": (saved, lambda d, p: d.requests.close(p.requests[ACCESS], "done"), True),
        "requests.answerable": (
            answered,
            lambda d, p: d.requests.answered(
                *reversed(d.requests.answerable(p.requests[ACCESS], ACCESS)), "spoken"
            ),
            True,
        ),
        "requests.rectify": (
            Action.CONTACT_RECTIFIED,
            lambda d, p: d.requests.rectify(replace(p.ada, name="Ada King"), "married"),
            True,
        ),
        "requests.restrict": (
            Action.PERSON_RESTRICTED,
            lambda d, p: d.requests.restrict(p.ada.id, RestrictionKind.HELD, "lawsuit"),
            True,
        ),
        "requests.release": (
            Action.PERSON_RELEASED,
            lambda d, p: d.requests.release(p.held.id, RestrictionKind.RESTRICTED, "settled"),
            True,
        ),
        "requests.restrictions": (Action.LIST_READ, lambda d, p: d.requests.restrictions(), False),
        "requests.rectifications": (
            Action.LIST_READ,
            lambda d, p: d.requests.rectifications(p.ada.id),
            False,
        ),
        "answers.access": (
            answered,
            lambda d, p: d.answers.access(p.requests[ACCESS], p.folder, "UTC"),
            True,
        ),
        "answers.portable": (
            answered,
            lambda d, p: d.answers.portable(p.requests[PORTABLE], p.folder, "UTC"),
            True,
        ),
        "answers.recordings": (
            answered,
            lambda d, p: d.answers.recordings(
                p.requests[ACCESS], p.folder, passphrase="nine purple lilies"
            ),
            True,
        ),
        "answers.erase": (
            answered,
            lambda d, p: d.answers.erase(p.requests[RequestKind.ERASURE], p.folder),
            True,
        ),
        "answers.processing_record": (
            handed,
            lambda d, p: d.answers.processing_record(p.folder / "record.html"),
            True,
        ),
        "answers.agreement": (
            handed,
            lambda d, p: d.answers.agreement(p.contract, p.folder / "contract.html"),
            True,
        ),
        "answers.register": (
            handed,
            lambda d, p: d.answers.register(Register.PROCESSORS, p.folder / "p.xlsx"),
            True,
        ),
        "registers.entries": (
            Action.LIST_READ,
            lambda d, p: d.registers.entries(Register.PROCESSORS),
            False,
        ),
        "registers.revisions": (
            Action.LIST_READ,
            lambda d, p: d.registers.revisions(p.processor),
            False,
        ),
        "registers.save": (
            register,
            lambda d, p: d.registers.save(Register.PROCESSORS, PROCESSOR, p.processor),
            True,
        ),
        "registers.remove": (register, lambda d, p: d.registers.remove(p.processor), True),
        "registers.import_rows": (
            register,
            lambda d, p: d.registers.import_rows(Register.PROCESSORS, rows, dry_run=False),
            True,
        ),
        "registers.confirm": (
            Action.TEXT_ACKNOWLEDGED,
            lambda d, p: d.registers.confirm(p.contract, 1),
            True,
        ),
        "registers.acknowledgements": (
            Action.LIST_READ,
            lambda d, p: d.registers.acknowledgements(p.course),
            False,
        ),
        "registers.training": (Action.LIST_READ, lambda d, p: d.registers.training(), False),
        "registers.assess": (
            Action.BREACH_ASSESSED,
            lambda d, p: d.registers.assess(now(d) - DAY, now(d)),
            True,
        ),
        "keeping.rules": (Action.RETENTION_READ, lambda d, p: d.keeping.rules(), False),
        "keeping.preview": (Action.RETENTION_READ, lambda d, p: d.keeping.preview(), False),
        "keeping.runs": (Action.RETENTION_READ, lambda d, p: d.keeping.runs(), False),
        "keeping.run": (Action.RETENTION_RUN, lambda d, p: d.keeping.run(), True),
        "answers.object": (
            answered,
            lambda d, p: d.answers.object(p.requests[RequestKind.OBJECTION], "marketing"),
            True,
        ),
        "answers.prove_erased": (
            Action.REMAINS_SEARCHED,
            lambda d, p: d.answers.prove_erased(p.file, ["Gus Gone"]),
            True,
        ),
        "privacy.prove_erased": (
            Action.REMAINS_SEARCHED,
            lambda d, p: d.privacy.prove_erased(p.receipt, ["Gus Gone"]),
            True,
        ),
    }


BY_ADMIN: dict[str, tuple[Action, Do]] = {
    "keeping.set_rules": (
        Action.RETENTION_CHANGED,
        lambda d, p: d.keeping.set_rules([RetentionRule(DataClass.CALLS, 30)]),
    ),
}
QUIET: dict[str, tuple[str, Do]] = {
    "registers.to_confirm": (
        "the texts that the person has to read themselves",
        lambda d, p: d.registers.to_confirm(),
    ),
    "registers.breach_window": (
        "reads times from an entry that is open already",
        lambda d, p: None,
    ),
    "keeping.run_if_due": (
        "the device's own deed, written when anything is due",
        lambda d, p: d.keeping.run_if_due(),
    ),
    "answers.read_register": (
        "reads a file that the person chose; the import is written",
        lambda d, p: None,
    ),
    "privacy.receipt_text": ("a receipt in another form; no personal data", lambda d, p: None),
    "requests.answered": ("the second half of an answer, see answerable", lambda d, p: None),
}
__all__ = ["BY_ADMIN", "OFFICER", "QUIET", "Prepared", "deeds", "prepare"]
