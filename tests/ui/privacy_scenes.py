"""The scenes of the privacy centre, on a real vault."""

from __future__ import annotations

import tempfile
from datetime import timedelta
from pathlib import Path

from softphone.app.desk import Desk
from softphone.domain.audit import Action, DataCategory
from softphone.domain.call import Disposition
from softphone.domain.privacy import RestrictionKind
from softphone.domain.register import Register
from softphone.domain.request import RequestKind
from softphone.domain.retention import DataClass, RetentionRule
from softphone.ui.pages.privacy import PrivacyPage
from tests.fakes.vault_office import OFFICER, OWNER, VaultOffice
from tests.ui.scenes import Act, Scene, Stage
from tests.unit.vault.rig import PASSWORD, call

LONG = "Donaudampfschifffahrtsgesellschaftskapitänswitwe Maximiliane Freifrau von Hohenlohe"


def fill(desk: Desk, office: VaultOffice) -> None:
    """Let the officer fill every section."""
    now = office.clock.now()
    people = [
        desk.people.add("Anna Kowalska", "+48225550147", company="Kowalska i Synowie"),
        desk.people.add(LONG, "+493012345678"),
        desk.people.add("محمد بن سلمان", "+97145550100"),
    ]
    vault = desk.session.vault
    for person in people[:2]:
        vault.add_call(
            call(vault, person.numbers[0], now - timedelta(days=3), disposition=Disposition.MISSED),
            desk.session.draft(Action.CALL_ENDED, DataCategory.CALL),
        )
    desk.people.add_note("Ask Kowalska whether the invoice came", contact=people[1].id)
    asked = [
        desk.requests.receive(
            RequestKind.ACCESS, "A. Kowalska", "letter", now - timedelta(days=26), people[0].id
        ),
        desk.requests.receive(RequestKind.RECTIFICATION, LONG, "e-mail", now - timedelta(days=40)),
        desk.requests.receive(RequestKind.ERASURE, "Anna Kowalska", "call", now, people[0].id),
    ]
    for request in asked[::2]:
        desk.requests.check_identity(request.id, "Called back at the known number")
    desk.requests.restrict(people[1].id, RestrictionKind.HELD, "Lawsuit 14 O 77/26")
    desk.requests.restrict(people[2].id, RestrictionKind.RESTRICTED, "Says the number is not his")
    for name, purpose, country in (
        ("Telefonanbieter GmbH", "Connects the calls", "DE"),
        ("Backup AG", "Keeps encrypted backups", "CH"),
    ):
        desk.registers.save(
            Register.PROCESSORS,
            {
                "name": name,
                "purpose": purpose,
                "data": "Numbers, times",
                "country": country,
                "review_on": (now + timedelta(days=20 if country == "DE" else -1))
                .date()
                .isoformat(),
            },
        )
    desk.registers.save(
        Register.AGREEMENTS,
        {"title": "Processing agreement", "party": "Telefonanbieter GmbH", "text": "§ 1 …"},
    )
    desk.registers.save(
        Register.TRAINING,
        {
            "title": "What may be said on the phone",
            "text": "Never read out a customer's data before you know who is calling.",
            "renew_months": "12",
        },
    )
    desk.registers.save(
        Register.BREACHES,
        {
            "title": "Laptop left on a train",
            "noticed_at": (now - timedelta(hours=20)).isoformat(),
            "what": "The agent's laptop was left on the 17:05 to Gdańsk.",
            "workstation": "NORTH-12",
        },
    )
    desk.registers.save(
        Register.CONTROLLER,
        {"name": "North Call Centre Ltd", "address": "1 Harbour Row", "officer": "Dora Privacy"},
    )


def _prepare(stage: Stage) -> None:
    office = stage.office
    assert isinstance(office, VaultOffice)
    owner = office.sign_in(OWNER.name, PASSWORD)
    owner.keeping.set_rules(
        [
            RetentionRule(DataClass.RECORDINGS, 90, "Quality review of the last quarter"),
            RetentionRule(DataClass.NOTES, 45),
        ]
    )
    fill(office.sign_in(OFFICER.name, PASSWORD), office)
    office.sign_out()


def _section(key: str) -> Act:
    def act(stage: Stage) -> None:
        page = stage.page("privacy")
        assert isinstance(page, PrivacyPage)
        page.show_section(key)
        stage.pump(80)

    return act


def _dialog(key: str, open_it: str) -> Act:
    def act(stage: Stage) -> None:
        _section(key)(stage)
        page = stage.page("privacy")
        assert isinstance(page, PrivacyPage)
        section = page.sections[key]
        if open_it == "entry":
            section.open_entry(section.list.chosen())  # type: ignore[attr-defined]
        elif open_it == "new":
            section.open_new()  # type: ignore[attr-defined]
        else:
            _choose(section, open_it)
            getattr(section.pane, open_it)()  # type: ignore[attr-defined]
        stage.pump(80)

    return act


def _choose(section: object, deed: str) -> None:
    """Select the request that the deed belongs to."""
    kind = {"erase": RequestKind.ERASURE, "find_person": RequestKind.RECTIFICATION}[deed]
    lines = section.list.lines  # type: ignore[attr-defined]
    index = lines.find(lambda line: line.value.kind is kind)
    section.list.setCurrentIndex(index)  # type: ignore[attr-defined]


def _texts(stage: Stage) -> None:
    page = stage.page("settings")
    page.show_section("texts")  # type: ignore[attr-defined]
    stage.pump(80)


def vault_office() -> VaultOffice:
    """Return an office on a vault in a folder that goes with the process."""
    folder = tempfile.TemporaryDirectory(prefix="shots-")
    office = VaultOffice(Path(folder.name) / "profile")
    office.folder = folder  # type: ignore[attr-defined]
    return office


def _scene(state: str, act: Act, *, who: str = OFFICER.name, empty: bool = False) -> Scene:
    before: Act = (lambda _stage: None) if empty else _prepare
    return Scene("privacy", state, who, act, before=before, office=vault_office, password=PASSWORD)


SECTIONS = (
    "requests",
    "restrictions",
    "retention",
    "roles",
    "training",
    "processors",
    "agreements",
    "activities",
    "breaches",
    "controller",
    "proof",
)
PRIVACY_SCENES: tuple[Scene, ...] = (
    *(_scene(key, _section(key)) for key in SECTIONS),
    *(_scene(f"{key}-empty", _section(key), empty=True) for key in SECTIONS[:2] + SECTIONS[4:5]),
    _scene("leaving", _section("leaving"), who=OWNER.name),
    _scene("requests-new", _dialog("requests", "new")),
    _scene("requests-find", _dialog("requests", "find_person")),
    _scene("requests-erase", _dialog("requests", "erase")),
    _scene("breaches-entry", _dialog("breaches", "entry")),
    _scene("texts", _texts),
)
