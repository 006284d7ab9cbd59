from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton, QWidget

from softphone.domain.audit import Action
from softphone.domain.call import RecordingState
from softphone.domain.consent import MARKETING, RECORDING, ConsentChange, standing
from softphone.domain.contact import Contact, ContactKind
from softphone.domain.contact_import import Field, RunState, Target
from softphone.domain.ids import ContactId
from softphone.ui.dialogs.consent import ConsentDialog
from softphone.ui.dialogs.duplicates import DuplicatesDialog
from softphone.ui.dialogs.hand_out import HandOutDialog
from softphone.ui.dialogs.import_contacts import ImportDialog
from softphone.ui.dialogs.info_text import InfoTextDialog
from softphone.ui.dialogs.purpose import PurposeDialog
from softphone.ui.dialogs.read_out import ReadOutDialog
from softphone.ui.pages.contacts import ContactsPage
from softphone.ui.pages.phone import PhonePage
from softphone.ui.pages.privacy import PrivacyPage
from softphone.ui.words import isolated
from tests.fakes import sample
from tests.fakes.office import FakeOffice
from tests.fakes.world import World
from tests.ui.conftest import Driver
from tests.ui.scenes import CSV

Start = Callable[..., Driver]
ANNA = "+48225550147"


def world_of(office: FakeOffice) -> World:
    assert office.world is not None
    return office.world


def page_of(driver: Driver) -> ContactsPage:
    driver.shell.show_page("contacts")
    driver.settle()
    page = driver.shell.pages["contacts"]
    assert isinstance(page, ContactsPage)
    return page


def section(driver: Driver, key: str) -> QWidget:
    driver.shell.show_page("privacy")
    page = driver.shell.pages["privacy"]
    assert isinstance(page, PrivacyPage)
    page.show_section(key)
    driver.settle()
    return page.sections[key]


def select(driver: Driver, name: str) -> ContactsPage:
    page = page_of(driver)
    page.view.setCurrentIndex(page.model.find(lambda c: c.name == name))
    driver.settle()
    return page


def open_import(driver: Driver, path: Path) -> ImportDialog:
    page = page_of(driver)
    driver.qtbot.mouseClick(page.import_file, Qt.MouseButton.LeftButton)
    dialog = page.findChild(ImportDialog)
    assert dialog is not None
    dialog.open_file(path)
    driver.settle()
    return dialog


def a_file(tmp_path: Path) -> Path:
    path = tmp_path / "Kunden.csv"
    path.write_text(CSV, "utf-8")
    return path


def all_settled(driver: Driver) -> None:
    for _ in range(4):
        driver.settle()


# taking in from files


def test_columns_are_shown_with_an_example_and_a_guess(drive: Start, tmp_path: Path) -> None:
    driver = drive()
    dialog = open_import(driver, a_file(tmp_path))
    assert "semicolons" in dialog.file.text()
    assert dialog.mapping.targets() == (
        Target(Field.NAME),
        Target(Field.COMPANY),
        Target(Field.NUMBER, "mobile"),
        Target(Field.EMAIL),
        Target(Field.IGNORE),
        Target(Field.CONSENT, "marketing"),
    )


def test_a_check_changes_nothing_and_the_run_is_undone_with_one_press(
    drive: Start, office: FakeOffice, tmp_path: Path
) -> None:
    driver = drive()
    dialog = open_import(driver, a_file(tmp_path))
    before = dict(world_of(office).contacts)
    driver.qtbot.mouseClick(dialog.check, Qt.MouseButton.LeftButton)
    all_settled(driver)
    assert world_of(office).contacts == before
    assert "New: 2" in dialog.outcome.text.text()
    assert "Row 5: Not imported. It has a number" in dialog.problems.toPlainText()
    assert dialog.run.text() == "Import 2 contacts"
    driver.qtbot.mouseClick(dialog.run, Qt.MouseButton.LeftButton)
    all_settled(driver)
    assert len(world_of(office).contacts) == len(before) + 2
    dialog.save_report(tmp_path / "report.txt")
    driver.settle()
    assert "Row 6" in (tmp_path / "report.txt").read_text()
    driver.qtbot.mouseClick(dialog.undo, Qt.MouseButton.LeftButton)
    driver.settle()
    assert world_of(office).contacts == before
    assert "2 removed" in dialog.outcome.text.text()


def test_each_one_who_is_there_is_asked_about(
    drive: Start, office: FakeOffice, tmp_path: Path
) -> None:
    driver = drive()
    dialog = open_import(driver, a_file(tmp_path))
    dialog.duplicates.setCurrentIndex(2)
    dialog.begin_check()
    all_settled(driver)
    [(row, combo)] = dialog.decisions._combos.items()
    assert row == 2
    combo.setCurrentIndex(1)
    dialog.begin_run()
    all_settled(driver)
    anna = world_of(office).contacts[ContactId("contact-0")]
    assert "anna@studio.example" in anna.emails


def test_a_run_that_is_stopped_leaves_nothing(
    drive: Start, office: FakeOffice, tmp_path: Path
) -> None:
    driver = drive()
    path = tmp_path / "many.csv"
    path.write_text("Name,Phone\n" + "".join(f"P {n},+4930{n:07d}\n" for n in range(1, 1300)))
    dialog = open_import(driver, path)
    before = len(world_of(office).contacts)
    office.lane.held = True
    dialog.begin_run()
    dialog.reject()
    office.lane.release()
    all_settled(driver)
    assert len(world_of(office).contacts) == before
    assert next(iter(world_of(office).runs.values()))[0].state is RunState.UNDONE
    assert "Nothing of the file was kept" in dialog.outcome.text.text()


def test_a_file_that_is_none_is_said_in_words(drive: Start, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(b"MZ\0\0\0")
    driver = drive()
    dialog = open_import(driver, path)
    assert "neither a vCard file" in dialog.outcome.text.text()


def test_names_must_be_mapped(drive: Start, tmp_path: Path) -> None:
    driver = drive()
    dialog = open_import(driver, a_file(tmp_path))
    for combo in dialog.mapping.combos:
        combo.setCurrentIndex(0)
    dialog.begin_check()
    driver.settle()
    assert "which column holds the names" in dialog.outcome.text.text()


# duplicates


def test_merging_shows_the_result_and_can_be_undone(drive: Start, office: FakeOffice) -> None:
    world = world_of(office)
    anna = world.contacts[ContactId("contact-0")]
    twin = replace(anna, id=ContactId("twin"), name="Kowalska, Anna", email="ak@example.org")
    world.contacts[twin.id] = twin
    driver = drive()
    page = page_of(driver)
    driver.qtbot.mouseClick(page.duplicates, Qt.MouseButton.LeftButton)
    dialog = page.findChild(DuplicatesDialog)
    assert dialog is not None
    driver.settle()
    assert dialog.why.text.text() == "Same number, Similar name"
    assert "ak@example.org" in dialog.outcome.text()
    driver.qtbot.mouseClick(dialog.merge, Qt.MouseButton.LeftButton)
    all_settled(driver)
    assert twin.id not in world.contacts
    assert dialog.states.state == "empty"
    driver.qtbot.mouseClick(dialog.undo, Qt.MouseButton.LeftButton)
    all_settled(driver)
    assert world.contacts[twin.id] == twin


# the card


def test_a_company_shows_labels_tags_and_its_people(drive: Start, office: FakeOffice) -> None:
    world = world_of(office)
    firm = Contact(
        ContactId("firm"), "Adler", ("+493023125400",), labels=("main",), tags=("VIP",),
        kind=ContactKind.COMPANY,
    )  # fmt: skip
    world.contacts[firm.id] = firm
    anna = world.contacts[ContactId("contact-0")]
    world.contacts[anna.id] = replace(anna, employer=firm.id)
    driver = drive()
    page = select(driver, "Adler")
    parts = (*page.card.findChildren(QLabel), *page.card.findChildren(QPushButton))
    shown = " ".join(part.text() for part in parts)
    for words in ("Main number", "VIP", "1 person works here", "Anna Kowalska"):
        assert words in shown, words


def test_a_basis_is_recorded_and_withdrawn_from_the_card(drive: Start, office: FakeOffice) -> None:
    driver = drive()
    page = select(driver, "Anna Kowalska")
    page.card._change_consents()
    dialog = page.card.findChild(ConsentDialog)
    assert dialog is not None
    driver.settle()
    assert "Wir zeichnen" in dialog.wording.text()
    dialog.submit()
    all_settled(driver)
    stands = standing(world_of(office).consents)
    assert stands[RECORDING].contact == ContactId("contact-0")
    dialog._withdraw()
    all_settled(driver)
    assert world_of(office).consents[-1].change is ConsentChange.WITHDRAWN
    assert dialog.history.toPlainText().count("\n") == 1


def test_all_contacts_are_handed_out_sealed(drive: Start, tmp_path: Path) -> None:
    driver = drive()
    page = page_of(driver)
    driver.qtbot.mouseClick(page.export, Qt.MouseButton.LeftButton)
    dialog = page.findChild(HandOutDialog)
    assert dialog is not None
    dialog.secret.setText("short")
    dialog.write_to(tmp_path / "all.vcf.age")
    driver.settle()
    assert not (tmp_path / "all.vcf.age").exists()
    dialog.secret.setText("nine purple lilies")
    dialog.write_to(tmp_path / "all.vcf.age")
    all_settled(driver)
    assert (tmp_path / "all.vcf.age").read_bytes().startswith(b"age-encryption.org/v1")
    assert str(tmp_path / "all.vcf.age") in dialog.state.text.text()


def test_names_from_right_to_left_keep_their_direction() -> None:
    assert isolated("Anna") == "Anna"
    assert isolated("دان") == "\u2068دان\u2069"


def test_an_agent_sees_why_some_buttons_are_off(drive: Start) -> None:
    driver = drive(sample.AGENT)
    page = page_of(driver)
    assert page.import_file.isEnabled()
    assert not page.export.isEnabled()
    assert "Export contacts" in page.export.toolTip()


# in a call


def test_consent_by_key_and_its_withdrawal_stops_the_recording(
    drive: Start, office: FakeOffice
) -> None:
    driver = drive()
    call = driver.talk(ANNA)
    strip = driver.shell.panel.consents
    assert strip.lines[RECORDING].state.text.text() == "Not asked yet"
    driver.qtbot.keyClick(driver.window, Qt.Key.Key_Y, Qt.KeyboardModifier.ControlModifier)
    all_settled(driver)
    assert strip.lines[RECORDING].state.text.text() == "Consent given"
    recording = office.phone.calls[call].recording_id
    strip.lines[RECORDING].button.click()
    all_settled(driver)
    assert ("stop_recording", call) in driver.commands
    assert office.phone.calls[call].recording is RecordingState.OFF
    assert strip.lines[RECORDING].state.text.text() == "Withdrawn"
    assert strip.erase.isVisible()
    some = next(iter(world_of(office).recordings.values()))
    world_of(office).recordings[recording] = replace(some, id=recording)
    strip.erase.click()
    all_settled(driver)
    assert recording not in world_of(office).recordings
    assert "is erased" in strip.problem.text.text()


def test_an_agent_is_told_who_may_erase(drive: Start) -> None:
    driver = drive(sample.AGENT)
    driver.talk(ANNA)
    strip = driver.shell.panel.consents
    strip.toggle(RECORDING)
    all_settled(driver)
    strip.toggle(RECORDING)
    all_settled(driver)
    assert not strip.erase.isEnabled()
    assert "Delete recordings" in strip.problem.text.text()


def test_who_is_on_the_line_is_chosen_where_two_share_a_number(
    drive: Start, office: FakeOffice
) -> None:
    world = world_of(office)
    anna = world.contacts[ContactId("contact-0")]
    world.contacts[ContactId("other")] = replace(anna, id=ContactId("other"), name="Piotr")
    driver = drive()
    driver.talk(ANNA)
    strip = driver.shell.panel.consents
    assert "2 contacts have this number" in strip.shared.text()
    strip.who.setCurrentIndex(1)
    strip.who.activated.emit(1)
    driver.settle()
    assert strip.lines[MARKETING].state.text.text() == "Consent given"
    strip.toggle(RECORDING)
    all_settled(driver)
    assert world.consents[-1].contact == anna.id


def test_a_text_is_read_out_and_noted(drive: Start, office: FakeOffice) -> None:
    driver = drive(sample.AGENT)
    driver.talk(ANNA)
    driver.qtbot.mouseClick(driver.shell.panel.consents.read_out, Qt.MouseButton.LeftButton)
    dialog = driver.window.findChild(ReadOutDialog)
    assert dialog is not None
    driver.settle()
    dialog.submit()
    all_settled(driver)
    told = world_of(office).informed[-1]
    assert (told.topic, told.contact) == (MARKETING, ContactId("contact-0"))
    assert "read out" in dialog.state.text.text()


def test_a_marketing_call_needs_a_basis_or_a_reason(drive: Start, office: FakeOffice) -> None:
    driver = drive()
    page = driver.shell.pages["phone"]
    assert isinstance(page, PhonePage)
    pad = page.pad
    pad.marketing.switch.setChecked(True)
    pad.line.setText("+442079460552")
    pad.dial()
    all_settled(driver)
    assert "no legal basis" in pad.problem.text()
    assert pad.marketing.who.text.text() == "Nora Hughes"
    assert not [c for c in driver.commands if c[0] == "dial"]
    pad.marketing.reason.setText("asked for a call back")
    pad.dial()
    all_settled(driver)
    assert ("dial", "+442079460552") in driver.commands
    reasons = [r.detail.get("reason") for r in world_of(office).audit if r.what == "Placed a call"]
    assert "asked for a call back" in reasons


def test_an_agent_may_not_override(drive: Start, office: FakeOffice) -> None:
    driver = drive(sample.AGENT)
    page = driver.shell.pages["phone"]
    assert isinstance(page, PhonePage)
    page.pad.marketing.switch.setChecked(True)
    page.pad.line.setText("+442079460552")
    page.pad.dial()
    all_settled(driver)
    assert page.pad.marketing.reason.isHidden()
    refused = [r for r in world_of(office).audit if r.entry.action == Action.CALL_PLACED]
    assert refused[-1].entry.result == "refused"


# the privacy page


@pytest.mark.parametrize("key", ["consents", "information", "do-not-call"])
def test_sections_have_all_states(drive: Start, office: FakeOffice, key: str) -> None:
    driver = drive(sample.OFFICER)
    part = section(driver, key)
    assert part.states.state == "full"  # type: ignore[attr-defined]
    world = world_of(office)
    world.trouble = OSError("x")
    part.activate()  # type: ignore[attr-defined]
    all_settled(driver)
    assert part.states.state == "error"  # type: ignore[attr-defined]
    world.trouble = None
    world.consents.clear()
    world.texts.clear()
    world.do_not_call.clear()
    part.activate()  # type: ignore[attr-defined]
    all_settled(driver)
    assert part.states.state == "empty"  # type: ignore[attr-defined]


def test_a_text_gets_its_next_version(drive: Start, office: FakeOffice, tmp_path: Path) -> None:
    driver = drive(sample.OFFICER)
    part = section(driver, "information")
    driver.qtbot.mouseClick(part.add, Qt.MouseButton.LeftButton)  # type: ignore[attr-defined]
    dialog = part.findChild(InfoTextDialog)
    assert dialog is not None
    dialog.submit()
    driver.settle()
    assert "not a code such as" in dialog.problem.text.text()
    dialog.language.setText("en")
    dialog.text.setPlainText("We record.")
    sound = tmp_path / "hello.ogg"
    sound.write_bytes(b"OggS hello")
    dialog.use_sound(sound)
    dialog.submit()
    all_settled(driver)
    assert world_of(office).texts[(RECORDING, 3, "en")][1] == b"OggS hello"


def test_purposes_are_edited(drive: Start, office: FakeOffice) -> None:
    driver = drive(sample.OFFICER)
    part = section(driver, "consents")
    driver.qtbot.mouseClick(part.edit, Qt.MouseButton.LeftButton)  # type: ignore[attr-defined]
    dialog = part.findChild(PurposeDialog)
    assert dialog is not None
    dialog.lines[-1][2].setText("Umfragen zur Qualität")
    dialog.submit()
    all_settled(driver)
    purposes = world_of(office).purposes
    assert purposes is not None
    assert [p.key for p in purposes] == [RECORDING, MARKETING, "umfragen-zur-qualitat"]
    assert purposes[0].title == "Recording of calls"


def test_a_do_not_call_list_comes_and_goes(
    drive: Start, office: FakeOffice, tmp_path: Path
) -> None:
    driver = drive(sample.OFFICER)
    part = section(driver, "do-not-call")
    path = tmp_path / "Robinson.csv"
    path.write_text("number\n+4930555000\nno number here\n")
    part.import_file(path)  # type: ignore[attr-defined]
    all_settled(driver)
    assert "1 number is on the list. 1 row had no number." in driver.shell.notice.sign.text.text()
    assert len(world_of(office).do_not_call) == 2
