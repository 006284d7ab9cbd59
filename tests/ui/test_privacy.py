from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QDialog
from pytestqt.qtbot import QtBot

from softphone.domain.audit import Action, DataCategory
from softphone.domain.contact import Contact
from softphone.domain.events import FleetSeen
from softphone.domain.fleet import DeviceSeen
from softphone.domain.ids import DeviceId
from softphone.domain.privacy import RestrictionKind
from softphone.domain.register import Register
from softphone.domain.request import RequestKind, RequestState
from softphone.domain.retention import DataClass
from softphone.ui.application import open_window
from softphone.ui.pages.leaving_section import LeavingSection
from softphone.ui.pages.privacy import PrivacyPage
from softphone.ui.pages.proof_section import ProofSection
from softphone.ui.pages.register_section import RegisterSection
from softphone.ui.pages.requests import RequestsSection
from softphone.ui.pages.restrictions_section import RestrictionsSection
from softphone.ui.pages.retention_section import RetentionSection
from softphone.ui.pages.settings import SettingsPage
from softphone.ui.pages.settings_texts import TextsSection
from softphone.ui.pages.training_section import TrainingSection
from tests.fakes.vault_office import OFFICER, OWNER, VaultOffice
from tests.ui.conftest import Driver
from tests.unit.vault.rig import ADMIN, AGENT, PASSWORD, SUPERVISOR

Start = Callable[..., Driver]
NUMBER = "+493012345678"


@pytest.fixture
def vault_office(tmp_path: Path) -> Iterator[VaultOffice]:
    made = VaultOffice(tmp_path / "profile")
    yield made
    made.sign_out()


@pytest.fixture
def start(qtbot: QtBot, qapp: QApplication, vault_office: VaultOffice, tmp_path: Path) -> Start:
    def begin(who: str = OFFICER.name) -> Driver:
        settings = tmp_path / "settings.ini"
        settings.write_text("theme=light\nlanguage=en\n")
        window = open_window(
            vault_office, qapp, sign_in=(who, PASSWORD), start_in="desk", settings=settings
        )
        qtbot.addWidget(window)
        driver = Driver(qtbot, vault_office, window)
        driver.settle()
        qtbot.waitUntil(lambda: window.shell is not None)
        driver.settle()
        return driver

    return begin


def privacy(driver: Driver) -> PrivacyPage:
    driver.shell.show_page("privacy")
    driver.settle()
    page = driver.shell.pages["privacy"]
    assert isinstance(page, PrivacyPage)
    return page


def section(driver: Driver, key: str):
    page = privacy(driver)
    page.show_section(key)
    driver.settle()
    return page.sections[key]


def ada(driver: Driver, *, recorded: bool = False) -> Contact:
    desk = driver.office.desk
    assert desk is not None
    found = desk.people.add("Ada Lovelace", NUMBER)
    if recorded:
        vault = desk.session.vault
        rig = driver.office.rig  # type: ignore[attr-defined]
        draft = desk.session.draft(Action.RECORDING_SEALED, DataCategory.RECORDING)
        vault.take_in(rig.seal(vault, NUMBER), draft)
    driver.settle()
    return found


def titles(view) -> list[str]:
    model = view.list.lines
    return [model.row(n).title for n in range(model.rowCount())]


def test_the_page_opens_at_the_requests(start: Start):
    driver = start()
    page = privacy(driver)
    assert page.current == "requests"
    assert page.items["requests"].isChecked()
    assert page.sections["requests"].states.state == "empty"  # type: ignore[attr-defined]


def test_everybody_sees_the_sections_of_their_rights(start: Start):
    driver = start()
    items = privacy(driver).items
    assert {"requests", "retention", "breaches", "proof"} <= set(items)
    assert "leaving" not in items


def test_a_supervisor_proves_erasures_only(start: Start):
    driver = start(SUPERVISOR.name)
    assert list(privacy(driver).items) == ["proof"]


def test_an_agent_has_no_privacy_page(start: Start):
    driver = start(AGENT.name)
    driver.shell.show_page("privacy")
    assert "privacy" not in driver.shell.rail.items
    assert "privacy" not in driver.shell.pages


def test_an_unknown_section_changes_nothing(start: Start):
    driver = start()
    page = privacy(driver)
    page.show_section("no such section")
    assert page.current == "requests"


def test_a_request_is_led_from_arrival_to_answer(start: Start, tmp_path: Path):
    driver = start()
    ada(driver, recorded=True)
    requests: RequestsSection = section(driver, "requests")
    dialog = requests.open_new()
    dialog.kind.setCurrentIndex(0)
    dialog.submit()
    driver.settle()
    assert "names nobody" in dialog.problem.text.text()
    dialog.form.set_value("name", "Ada Lovelace")
    dialog.form.set_value("channel", "letter")
    dialog.submit()
    driver.settle()
    assert titles(requests) == ["Ada Lovelace"]
    pane = requests.pane
    assert next(iter(pane.buttons)) == "find"
    find = pane.find_person()
    driver.settle()
    assert find.list.lines.rowCount() == 1
    find.take()
    driver.settle()
    assert next(iter(pane.buttons)) == "identity"
    check = pane.check()
    check.form.set_value("how", "passport")
    check.submit()
    driver.settle()
    assert next(iter(pane.buttons)) == "access"
    pane.write_access(tmp_path)
    driver.settle()
    assert (tmp_path / "your-data.html").exists()
    pane.write_portable(tmp_path)
    driver.settle()
    assert (tmp_path / "your-data.json").exists()
    sound = pane.recordings()
    sound.form.set_value("folder", str(tmp_path))
    sound.form.set_value("passphrase", "nine purple lilies")
    sound.submit()
    driver.settle()
    assert (tmp_path / "recording-001.age").exists()
    done = pane.close_request()
    done.form.set_value("outcome", "sent by post")
    done.submit()
    driver.settle()
    assert requests.states.state == "empty"
    requests.closed.setChecked(True)
    driver.settle()
    assert titles(requests) == ["Ada Lovelace"]
    assert pane.buttons == {}


def ask_for(driver: Driver, kind: RequestKind) -> RequestsSection:
    desk = driver.office.desk
    assert desk is not None
    person = ada(driver)
    made = desk.requests.receive(kind, "Ada Lovelace", "letter", contact=person.id)
    desk.requests.check_identity(made.id, "passport")
    return section(driver, "requests")


def test_an_erasure_is_previewed_asked_for_twice_and_receipted(start: Start, tmp_path: Path):
    driver = start()
    requests = ask_for(driver, RequestKind.ERASURE)
    desk = driver.office.desk
    assert desk is not None
    bob = desk.people.add("Bob Babbage", "+442079460000")
    desk.people.add_note("ask Ada Lovelace", contact=bob.id)
    dialog = requests.pane.erase()
    driver.settle()
    assert not dialog.erase.isEnabled()
    dialog.set_folder(tmp_path)
    (box,) = dialog.mentions.values()
    box.setChecked(True)
    dialog.pressed()
    assert "Press once more" in dialog.problem.text.text()
    dialog.pressed()
    driver.settle()
    assert "Remains found: 0" in dialog.problem.text.text()
    assert "the only one" in dialog.progress.lines[0].text.text()
    now = driver.office.clock.now()
    driver.office.bus.publish(
        FleetSeen(
            (DeviceSeen(DeviceId("aa"), now, 0, False), DeviceSeen(DeviceId("bb"), now, 1, False))
        )
    )
    driver.settle()
    said = [line.text.text() for line in dialog.progress.lines]
    assert said[0] == "aa: has carried out every erasure"
    assert said[1].startswith("bb: 1 erasure not confirmed")
    assert len(list(tmp_path.glob("erasure-*.json"))) == 1
    assert [c.name for c in desk.people.contacts("", 9, 0)] == ["Bob Babbage"]
    assert desk.people.open(bob.id)[1] == []


def test_a_legal_hold_stops_it_and_says_who_decided(start: Start, tmp_path: Path):
    driver = start()
    requests = ask_for(driver, RequestKind.ERASURE)
    desk = driver.office.desk
    assert desk is not None
    (person,) = desk.people.contacts("", 9, 0)
    desk.requests.restrict(person.id, RestrictionKind.HELD, "lawsuit 7")
    dialog = requests.pane.erase()
    driver.settle()
    dialog.set_folder(tmp_path)
    assert not dialog.erase.isEnabled()
    assert "legal hold" in dialog.erase.toolTip()


def test_correcting_and_restricting_from_a_request(start: Start):
    driver = start()
    requests = ask_for(driver, RequestKind.RECTIFICATION)
    dialog = requests.pane.rectify()
    driver.settle()
    dialog.form.set_value("name", "Ada King")
    dialog.form.set_value("reason", "married")
    dialog.submit()
    driver.settle()
    desk = driver.office.desk
    assert desk is not None
    (person,) = desk.people.contacts("", 9, 0)
    assert person.name == "Ada King"
    made = desk.requests.receive(RequestKind.RESTRICTION, "Ada King", "call", contact=person.id)
    desk.requests.check_identity(made.id, "voice")
    driver.settle()
    requests.show_request(made)
    limit = requests.pane.restrict()
    limit.form.set_value("reason", "disputed")
    limit.submit()
    driver.settle()
    view: RestrictionsSection = section(driver, "restrictions")
    assert titles(view) == ["Ada King"]
    view.open_chosen()
    release = view.findChildren(QDialog)[-1]
    release.form.set_value("reason", "settled")  # type: ignore[attr-defined]
    release.submit()  # type: ignore[attr-defined]
    driver.settle()
    assert view.states.state == "empty"


def test_the_other_steps_of_a_request(start: Start):
    driver = start()
    requests = ask_for(driver, RequestKind.ACCESS)
    pane = requests.pane
    longer = pane.extend()
    longer.form.set_value("why", "complex")
    longer.submit()
    driver.settle()
    assert "extend" not in pane.buttons
    refused = pane.refuse()
    refused.form.set_value("why", "excessive")
    refused.submit()
    driver.settle()
    desk = driver.office.desk
    assert desk is not None
    assert [r.state for r in desk.requests.page()] == [RequestState.REFUSED]


def test_nobody_like_that_is_an_answer_too(start: Start):
    driver = start()
    desk = driver.office.desk
    assert desk is not None
    desk.requests.receive(RequestKind.ACCESS, "Nobody Known", "letter")
    requests: RequestsSection = section(driver, "requests")
    find = requests.pane.find_person()
    driver.settle()
    assert find.states.state == "empty"
    find.nobody.click()
    driver.settle()
    assert next(iter(requests.pane.buttons)) == "close"


def test_a_register_takes_changes_and_gives(start: Start, tmp_path: Path):
    driver = start()
    view: RegisterSection = section(driver, "processors")
    assert view.states.state == "empty"
    dialog = view.open_entry(None)
    dialog.form.set_value("name", "Acme")
    dialog.submit()
    driver.settle()
    assert "“Purpose” is empty" in dialog.problem.text.text()
    for key in ("purpose", "data", "country"):
        dialog.form.set_value(key, "x")
    dialog.submit()
    driver.settle()
    assert titles(view) == ["Acme"]
    view.export_to(tmp_path / "p.xlsx")
    driver.settle()
    view.import_from(tmp_path / "p.xlsx")
    driver.settle()
    assert "0 added, 0 changed" in view.notice.sign.text.text()
    (tmp_path / "bad.xlsx").write_text("no")
    view.import_from(tmp_path / "bad.xlsx")
    driver.settle()
    assert "no workbook" in view.notice.sign.text.text()
    entry = view.list.chosen()
    opened = view.open_entry(entry)  # type: ignore[arg-type]
    driver.settle()
    assert "Version 1" in opened.history.text()
    opened.remove()
    assert "Acme" in opened.out.text()
    opened.remove()
    driver.settle()
    assert view.states.state == "empty"


def test_agreements_are_accepted_and_breaches_assessed(start: Start, tmp_path: Path):
    driver = start()
    desk = driver.office.desk
    assert desk is not None
    desk.registers.save(Register.AGREEMENTS, {"title": "DPA", "party": "Acme", "text": "We agree"})
    view: RegisterSection = section(driver, "agreements")
    dialog = view.open_entry(view.list.chosen())  # type: ignore[arg-type]
    dialog.print_to(tmp_path / "dpa.html")
    driver.settle()
    assert "We agree" in (tmp_path / "dpa.html").read_text("utf-8")
    dialog.accept_text()
    driver.settle()
    assert desk.registers.to_confirm() == []
    now = driver.office.clock.now()
    desk.registers.save(
        Register.BREACHES,
        {"title": "Lost", "what": "a laptop", "noticed_at": (now - timedelta(hours=1)).isoformat()},
    )
    view = section(driver, "breaches")
    assert "71 hours left" in view.list.lines.row(0).state  # type: ignore[union-attr]
    breach = view.open_entry(view.list.chosen())  # type: ignore[arg-type]
    breach.assess()
    driver.settle()
    assert "Keys within reach" in breach.form.values()["affected"]
    record: RegisterSection = section(driver, "activities")
    record.write_record(tmp_path / "record.html")
    driver.settle()
    assert (tmp_path / "record.html").exists()


def test_training_shows_who_is_missing_and_settings_take_the_confirmation(start: Start):
    driver = start()
    desk = driver.office.desk
    assert desk is not None
    desk.registers.save(Register.TRAINING, {"title": "Phones", "text": "Be kind."})
    view: TrainingSection = section(driver, "training")
    assert AGENT.name in titles(view)
    assert view.list.lines.row(0).state == "Not finished"  # type: ignore[union-attr]
    view.courses.setChecked(True)
    driver.settle()
    assert titles(view) == ["Phones"]
    driver.shell.show_page("settings")
    driver.settle()
    page = driver.shell.pages["settings"]
    assert isinstance(page, SettingsPage)
    texts = page.sections["texts"]
    assert isinstance(texts, TextsSection)
    page.show_section("texts")
    driver.settle()
    (button,) = texts.buttons.values()
    button.click()
    driver.settle()
    assert texts.buttons == {}


def test_periods_are_tried_out_saved_and_run(start: Start):
    driver = start(OWNER.name)
    view: RetentionSection = section(driver, "retention")
    row = view.rows[DataClass.NOTES]
    assert row.rule() is None
    row.choice.setCurrentIndex(row.choice.count() - 1)
    row.days.setValue(10)
    rule = row.rule()
    assert rule is not None
    assert rule.keep_days == 10
    view.try_out()
    driver.settle()
    assert "deletes 0" in row.seen.text()
    view.save()
    driver.settle()
    desk = driver.office.desk
    assert desk is not None
    assert [r.keep_days for r in desk.keeping.rules()] == [10]
    view.run()
    driver.settle()
    assert "0 rows" in view.problem.text.text()
    assert len(desk.keeping.runs()) == 1


def test_who_may_not_set_periods_is_told_who_can(start: Start):
    driver = start()
    view: RetentionSection = section(driver, "retention")
    assert not view.save_now.isEnabled()
    assert ADMIN.name in view.save_now.toolTip()


def test_roles_say_who_sees_masked_numbers(start: Start):
    driver = start()
    view = section(driver, "roles")
    states = {
        view.list.lines.row(n).title: view.list.lines.row(n).state
        for n in range(view.list.lines.rowCount())
    }
    assert "numbers masked" in states["billing"]
    assert "numbers masked" not in states["agent"]


def test_an_erasure_is_proved_in_the_window(start: Start, tmp_path: Path):
    driver = start()
    person = ada(driver)
    desk = driver.office.desk
    assert desk is not None
    receipt = tmp_path / "receipt.json"
    receipt.write_text(desk.privacy.receipt_text(desk.privacy.erase(person.id)), "utf-8")
    view: ProofSection = section(driver, "proof")
    view.submit()
    driver.settle()
    assert "No receipt is chosen" in view.notice.sign.text.text()
    view.form.set_value("receipt", str(receipt))
    view.form.set_value("words", f"Ada Lovelace\n{NUMBER}")
    view.submit()
    driver.settle()
    assert "Nothing is left" in view.result[0].text.text()


def test_leaving_needs_a_file_and_the_word(start: Start, tmp_path: Path):
    driver = start(OWNER.name)
    view: LeavingSection = section(driver, "leaving")
    assert not view.leave.isEnabled()
    view.set_file(tmp_path / "certificate.txt")
    view.typed.setText("destroy it")
    assert not view.leave.isEnabled()
    view.typed.setText(" Destroy ")
    assert view.leave.isEnabled()
    view.submit()
    driver.settle()
    assert "decommissioning" in (tmp_path / "certificate.txt").read_text("utf-8")
    assert not driver.office.has_vault()
    assert driver.window.shell is None
