"""Scenes of the administration page, and of deleting and filtering recordings."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from softphone.app.deleting import DeletionPlan
from softphone.app.invitations import Invitation
from softphone.domain.ids import UserId
from softphone.domain.score import Answer, ScoreCard
from softphone.domain.workplace import Question, WorkplaceRules
from softphone.ui.dialogs.member import OneTimePasswordDialog
from softphone.ui.dialogs.own_password import OwnPasswordPage
from softphone.ui.pages.administration import AdministrationPage
from softphone.ui.pages.people_section import PeopleSection
from softphone.ui.pages.recordings import RecordingsPage
from softphone.ui.pages.role_rights_section import RoleRightsSection

if TYPE_CHECKING:
    from tests.ui.scenes import Stage


def _people(stage: Stage) -> PeopleSection:
    page = stage.page("administration")
    assert isinstance(page, AdministrationPage)
    section = page.sections["people"]
    assert isinstance(section, PeopleSection)
    return section


def _roles(stage: Stage) -> RoleRightsSection:
    page = stage.page("administration")
    assert isinstance(page, AdministrationPage)
    page.show_section("rights")
    stage.pump()
    section = page.sections["rights"]
    assert isinstance(section, RoleRightsSection)
    return section


def people(stage: Stage) -> None:
    _people(stage).list.select_row(1)
    stage.pump()


def invite(stage: Stage) -> None:
    dialog = _people(stage).open_invite()
    dialog.form.set_value("name", "Nia Petersen")
    stage.pump()


def invited(stage: Stage) -> None:
    assert stage.office.world is not None
    member = stage.office.world.policy.members[0]
    OneTimePasswordDialog(Invitation(member, "k7m2q-x4hta-9wpbc-ne3du"), _people(stage)).open()
    stage.pump()


def roles(stage: Stage) -> None:
    _roles(stage).list.select_row(1)
    stage.pump()


def role(stage: Stage) -> None:
    section = _roles(stage)
    section.list.select_row(1)
    stage.pump()
    section.open_chosen()
    stage.pump()


def own_password(stage: Stage) -> None:
    assert stage.office.desk is not None
    page = OwnPasswordPage(stage.office, stage.window.dispatcher, stage.office.desk)
    stage.window._show(page)
    stage.pump()


def _recordings(stage: Stage) -> tuple[RecordingsPage, DeletionPlan]:
    page = stage.page("recordings")
    assert isinstance(page, RecordingsPage)
    page.view.selectAll()
    stage.pump()
    plan = page.work.desk.deletions.preview([row.id for row in page._chosen()])
    why = "You do not have the right “Delete recordings”. Sofia Marinova can give it."
    return page, replace(plan, refused=((why, 2),))


def delete(stage: Stage) -> None:
    page, plan = _recordings(stage)
    page.ask_deletion(plan)
    stage.pump()


def deleting(stage: Stage) -> None:
    page, plan = _recordings(stage)
    page.ask_deletion(plan).accept()
    stage.pump()


def narrow(stage: Stage) -> None:
    page, _plan = _recordings(stage)
    page.open_filter()
    stage.pump()


def locked(stage: Stage) -> None:
    """A call goes on, another one rings, and nobody is signed in."""
    phone = stage.office.phone
    call = phone.ring("+48225550147")
    phone.answer(call.id)
    stage.pump()
    stage.office.clock.advance(192)
    phone.ring("+493023125418")
    stage.pump()
    stage.window.lock()
    stage.pump()


def _asked(stage: Stage) -> RecordingsPage:
    questions = (
        Question("Was the caller greeted by name?", 1),
        Question("Was the question understood before an answer was given?", 5),
        Question("Was it solved, or handed on to somebody who can?", 5),
    )
    page, _plan = _recordings(stage)
    stage.office.world.policy = replace(
        stage.office.world.policy, workplace=WorkplaceRules(questions=questions)
    )
    page.view.select_row(1)
    stage.pump()
    return page


def score(stage: Stage) -> None:
    page = _asked(stage)
    row = page.player.row
    assert row is not None
    answers = (Answer("Was the caller greeted by name?", 1, 1), Answer("Was it solved?", 3, 5))
    now = stage.office.clock.now()
    card = ScoreCard(row.id, UserId("another"), "Claire Dubois", now, answers)
    stage.office.world.scores[(row.id, card.reviewer)] = card
    page.player.reload_notes()
    stage.pump()
    dialog = page.player.open_score()
    assert dialog is not None
    dialog.rows[0].choose(1)
    dialog.rows[1].choose(4)
    stage.pump()


def download(stage: Stage) -> None:
    page = _asked(stage)
    dialog = page.player.open_download()
    assert dialog is not None
    dialog.reason.setText("Complaint 4711")
    stage.pump()
