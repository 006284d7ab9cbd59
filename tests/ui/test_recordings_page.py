from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import QItemSelectionModel, Qt

from softphone.app.deleting import DeletionPlan
from softphone.domain.errors import StorageFailed
from softphone.domain.recording import Recording
from softphone.ui.dialogs.form import FormDialog
from softphone.ui.pages.recording_rows import describe_recording
from softphone.ui.pages.recordings import RecordingsPage
from softphone.ui.widgets.basic import Sign
from softphone.vault.headers import KEYLESS
from tests.fakes.office import FakeOffice
from tests.ui.conftest import Driver

Drive = Callable[..., Driver]


def page_of(driver: Driver) -> RecordingsPage:
    driver.shell.show_page("recordings")
    driver.settle()
    page = driver.shell.pages["recordings"]
    assert isinstance(page, RecordingsPage)
    return page


def select(page: RecordingsPage, rows: int) -> list[Recording]:
    model = page.view.selectionModel()
    page.view.select_row(0)
    for row in range(rows):
        model.select(page.model.index(row, 0), QItemSelectionModel.SelectionFlag.Select)
    return page._chosen()


def test_next_and_previous_by_keyboard(drive: Drive):
    driver = drive()
    page = page_of(driver)
    page.view.select_row(0)
    first = page.player.row
    driver.qtbot.keyClick(page.view, Qt.Key.Key_N)
    second = page.player.row
    assert first is not None
    assert second is not None
    assert first.id != second.id
    driver.qtbot.keyClick(page.view, Qt.Key.Key_P)
    assert page.player.row == first
    driver.qtbot.keyClick(page.view, Qt.Key.Key_P)
    assert page.player.row == first


def test_a_recording_without_its_key_says_so_and_plays_nothing(drive: Drive, office: FakeOffice):
    """It came back from a backup without it: not a right that is missing, nor a crash."""
    assert office.world is not None
    lost = next(iter(office.world.recordings))
    row = office.world.recordings[lost]
    office.world.recordings[lost] = replace(row, refused=KEYLESS, keyless=True)
    driver = drive()
    page = page_of(driver)
    found = [page.model.row(i) for i in range(page.model.rowCount())]
    at = next(i for i, one in enumerate(found) if one is not None and one.keyless)
    page.view.select_row(at)
    driver.settle()
    assert not page.player.play.isEnabled()
    assert "restored from a backup without the key" in page.player.wave._message
    assert "without its key" in page.review.toolTip()
    assert "without its key" in page.tags.toolTip()
    assert "without its key" in describe_recording(found[at])


def test_deletion_is_previewed_in_words_undone_and_done(drive: Drive, office: FakeOffice):
    driver = drive()
    page = page_of(driver)
    assert office.world is not None
    before = dict(office.world.recordings)
    chosen = select(page, 3)
    assert len(chosen) == 3
    desk = driver.shell.work.desk
    plan = desk.deletions.preview([r.id for r in chosen])
    dialog = page.ask_deletion(plan)
    people = len({r.contact or r.contact_name for r in chosen})
    words = "1 person" if people == 1 else f"{people} people"
    assert dialog.windowTitle() == f"Delete 3 recordings of {words}"
    dialog.accept()
    assert page.deletion.isVisibleTo(page)
    assert "in 10 s" in page.deletion.words.text()
    page.deletion.tick()
    assert office.world.recordings == before
    page.deletion.undo.click()
    assert not page.deletion.busy
    assert office.world.recordings == before

    page.ask_deletion(plan).accept()
    for _ in range(10):
        page.deletion.tick()
    driver.settle()
    driver.qtbot.waitUntil(lambda: not page.deletion.busy)
    assert set(before) - set(office.world.recordings) == {r.id for r in chosen}
    assert page.deletion.words.text() == "3 recordings are deleted for good."


def test_a_deletion_is_stopped_and_a_failure_is_said(drive: Drive, office: FakeOffice):
    driver = drive()
    page = page_of(driver)
    chosen = select(page, 2)
    desk = driver.shell.work.desk
    page.ask_deletion(desk.deletions.preview([r.id for r in chosen])).accept()
    office.lane.held = True
    for _ in range(10):
        page.deletion.tick()
    page.deletion.stop.click()
    office.lane.release()
    driver.settle()
    driver.qtbot.waitUntil(lambda: not page.deletion.busy)
    assert "not touched" in page.deletion.words.text()
    assert office.world is not None
    assert all(r.id in office.world.recordings for r in chosen)
    page.deletion._failed(StorageFailed("The disk is full."))
    assert "disk is full" in page.deletion.words.text()


def test_what_may_not_be_deleted_says_why(drive: Drive):
    driver = drive()
    page = page_of(driver)
    why = "You do not have the right “Delete recordings”. Sofia Marinova can give it."
    dialog = page.ask_deletion(DeletionPlan((), 0, 0, ((why, 2),)))
    assert dialog.windowTitle() == "Nothing can be deleted"
    assert not dialog.delete.isVisibleTo(dialog)
    (sign,) = dialog.findChildren(Sign)
    assert sign.text.text() == f"2 recordings stay: {why}"


def test_tags_are_edited_and_filtered_by(drive: Drive, office: FakeOffice):
    driver = drive()
    page = page_of(driver)
    page.view.select_row(1)
    row = page.view.value()
    assert isinstance(row, Recording)
    page.tags.click()
    dialog = next(d for d in page.children() if isinstance(d, FormDialog))
    dialog.form.set_value("tags", "escalated, refund")
    dialog.submit()
    driver.settle()
    assert office.world is not None
    assert office.world.recordings[row.id].tags == ("escalated", "refund")
    chooser = page.open_filter()
    driver.settle()
    tag = chooser.combos["tag"]
    tag.setCurrentIndex(tag.findData("escalated"))
    chooser.submit()
    driver.settle()
    driver.qtbot.waitUntil(lambda: page.model.rowCount() == 1)
    found = page.model.row(0)
    assert found is not None
    assert found.id == row.id
    assert page.more.text() == "More filters, set"
    page.clear.click()
    driver.settle()
    driver.qtbot.waitUntil(lambda: page.model.rowCount() > 1)


@pytest.mark.parametrize(
    ("field", "text"), [("since", "yesterday"), ("minutes", "long"), ("minutes", "nan")]
)
def test_a_wrong_filter_is_said(drive: Drive, field: str, text: str):
    driver = drive()
    chooser = page_of(driver).open_filter()
    chooser.form.set_value(field, text)
    chooser.submit()
    driver.settle()
    assert chooser.problem.isVisibleTo(chooser)


def test_days_are_inclusive_in_the_persons_time_zone(drive: Drive):
    driver = drive()
    page = page_of(driver)
    chooser = page.open_filter()
    for key, text in (("since", "2026-03-01"), ("until", "2026-03-31"), ("minutes", "2,5")):
        chooser.form.set_value(key, text)
    chooser.submit()
    driver.settle()
    wanted = page._filter()
    assert wanted.since is not None
    assert wanted.until is not None
    assert wanted.since.isoformat() == "2026-03-01T00:00:00+01:00"
    assert wanted.until.isoformat() == "2026-04-01T00:00:00+02:00"
    assert wanted.longer_than_ms == 150_000
    again = page.open_filter()
    assert again.form.values()["until"] == "2026-03-31"
