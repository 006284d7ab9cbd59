"""Scenes of the administration page, and of deleting and filtering recordings."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from softphone.app.deleting import DeletionPlan
from softphone.app.invitations import Invitation
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
