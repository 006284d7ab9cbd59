from __future__ import annotations

import pytest

from softphone.app.recording_commands import RECORDING_COMMANDS
from softphone.domain.audit import Action, DataCategory
from softphone.domain.errors import InvalidInput, NotFound, Refused
from softphone.domain.privacy import ErasureReason
from softphone.domain.score import Answer, ScoreCard
from softphone.domain.workplace import Question, WorkplaceRules
from tests.unit.app.rig import ADMIN, AGENT, LEAD, SUPERVISOR, DeskRig, log_of
from tests.unit.vault.rig import contact

NUMBER = "+442079460000"
ASKED = (Question("Was the caller greeted?", 1), Question("Was it solved?", 5))
POINTS = {"Was the caller greeted?": 1, "Was it solved?": 2}
score = RECORDING_COMMANDS["score"][0]


@pytest.fixture
def recording(office: DeskRig):
    office.sign_in(ADMIN).workplace.change(WorkplaceRules(questions=ASKED))
    desk = office.sign_in(AGENT)
    desk.people.save(contact("Ada Lovelace", NUMBER))
    office.phone.waiting.append(office.rig.seal(desk.session.vault, NUMBER))
    (taken,) = desk.calls.take_in_recordings()
    return taken


def test_a_card_for_each_reviewer_with_the_questions_as_they_were_asked(office: DeskRig, recording):
    desk = office.sign_in(SUPERVISOR)
    first = desk.scoring.save(recording, POINTS)
    assert (first.percent, first.reviewer_name) == (50, SUPERVISOR.name)
    assert first.answers == (
        Answer("Was the caller greeted?", 1, 1),
        Answer("Was it solved?", 2, 5),
    )
    [row] = log_of(desk, Action.RECORDING_SCORED)
    assert row.detail == {"percent": "50", "questions": "2"}
    office.sign_in(ADMIN).workplace.change(WorkplaceRules(questions=(Question("Polite?", 1),)))
    lead = office.sign_in(LEAD)
    office.rig.clock.advance(60)
    second = lead.scoring.save(recording, {"Polite?": 0})
    assert lead.scoring.cards(recording) == [first, second]
    again = office.sign_in(SUPERVISOR)
    office.rig.clock.advance(60)
    again.scoring.save(recording, {"Polite?": 1})
    assert [c.percent for c in again.scoring.cards(recording)] == [0, 100]


@pytest.mark.parametrize(
    "points",
    [
        {},
        {"Was it solved?": 2},
        {**POINTS, "Polite?": 1},
        {**POINTS, "Was it solved?": 6},
        {**POINTS, "Was it solved?": -1},
    ],
)
def test_what_was_not_asked_is_not_answered(office: DeskRig, recording, points: dict[str, int]):
    desk = office.sign_in(SUPERVISOR)
    with pytest.raises(InvalidInput, match="not saved"):
        desk.scoring.save(recording, points)
    assert desk.scoring.cards(recording) == []


def test_whoever_may_not_listen_neither_scores_nor_reads(office: DeskRig, recording):
    office.sign_in(SUPERVISOR).scoring.save(recording, POINTS)
    desk = office.sign_in(AGENT)
    with pytest.raises(Refused):
        desk.scoring.save(recording, POINTS)
    assert desk.scoring.cards(recording) == []


def test_nobody_scores_their_own_call(office: DeskRig, recording):
    desk = office.sign_in(SUPERVISOR)
    office.phone.waiting.append(office.rig.seal(desk.session.vault, NUMBER))
    (own,) = desk.calls.take_in_recordings()
    with pytest.raises(Refused, match="own call"):
        desk.scoring.save(own, POINTS)
    assert log_of(desk, Action.RECORDING_SCORED)[0].entry.result == "refused"


def test_the_card_goes_with_its_recording_and_stands_in_the_persons_file(
    office: DeskRig, recording
):
    desk = office.sign_in(SUPERVISOR)
    card = desk.scoring.save(recording, POINTS)
    vault = desk.session.vault
    ada = desk.people.find(NUMBER)
    assert ada is not None
    draft = desk.session.draft(Action.CONTACT_EXPORTED, DataCategory.CONTACT)
    assert list(vault.contact_file(ada.id, draft).scores) == [card]
    vault.erase_contact(ada.id, ErasureReason.SUBJECT_REQUEST, lambda _step: None)
    rows = vault._stores.core.connection.execute("SELECT count(*) FROM scores").fetchone()
    assert rows == (0,)
    assert vault.search_remains(["Was it solved?"]) == 1, "the policy alone still asks"
    with pytest.raises(NotFound):
        vault.save_score(
            ScoreCard(recording, card.reviewer, card.reviewer_name, card.at, card.answers), draft
        )


def test_the_command_shows_and_fills_in(office: DeskRig, recording):
    desk = office.sign_in(SUPERVISOR)
    assert score(desk, [recording])["cards"] == []
    said = score(desk, [recording, "1", "5"])
    assert said["cards"] == [{"reviewer": SUPERVISOR.name, "percent": 100, "points": [1, 5]}]
    for wrong in (["1"], ["1", "x"], ["1", "2", "3"]):
        with pytest.raises(InvalidInput):
            score(desk, [recording, *wrong])
