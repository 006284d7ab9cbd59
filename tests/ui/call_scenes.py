"""Scenes of the agent's desk: breaks, watched lines, bad sound, a call that never began."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from softphone.domain.account import Registration, RegistrationState
from softphone.domain.agent import AgentState, AgentStatus, LineState
from softphone.domain.call import Availability, CallState, Disposition
from softphone.domain.call_policy import Colleague, Notice, RecordingRule
from softphone.domain.events import (
    AgentStateChanged,
    LineWatched,
    MessagesWaiting,
    PhoneBuilt,
    RegistrationChanged,
)
from softphone.domain.ids import AccountId
from softphone.domain.phone_build import MOST_LINES, PhoneBuild
from softphone.domain.quality import Quality

if TYPE_CHECKING:
    from tests.ui.scenes import Stage

LINES = (
    (Colleague("Adam Berger", "22"), LineState.FREE),
    (Colleague("Zoe Lindqvist-Hernández", "21"), LineState.BUSY),
    (Colleague("Petra Nováková", "23"), LineState.RINGING),
    (Colleague("Night desk", "29"), LineState.UNKNOWN),
)


def with_rules(stage: Stage) -> None:
    """Before signing in: rules as an organisation might have them."""
    world = stage.office.world
    assert world is not None
    rules = replace(
        world.policy.calls,
        colleagues=tuple(c for c, _ in LINES),
        notice=Notice.BEEP,
        after_call_work_s=30,
        echo_number="+49301234567",
        recording_rules=(RecordingRule(False, number="+4930*"), RecordingRule(True)),
        url_template="https://crm.example/?number={number}",
    )
    world.policy = replace(world.policy, calls=rules)


def on_a_break(stage: Stage) -> None:
    """Lunch for a while, two voice messages, and a connection without encryption."""
    now = stage.office.clock.now()
    lunch = AgentStatus(AgentState.BREAK, "Lunch", now - timedelta(minutes=12, seconds=4))
    stage.office.phone.tell(AgentStateChanged(lunch))
    stage.office.phone.tell(MessagesWaiting(AccountId("account"), 2, 7))
    plain = Registration(AccountId("account"), RegistrationState.REGISTERED, now, plain="UDP")
    stage.office.phone.tell(RegistrationChanged(plain))
    stage.page("phone")
    stage.pump()


def picking(stage: Stage) -> None:
    """Whom to pass the caller on to, while nothing is heard of them."""
    call = stage.talk()
    stage.office.phone.change(call, quality=Quality(0.0, 2.0, 20.0, 0, 4.4, silent_s=12))
    for colleague, state in LINES:
        stage.office.phone.tell(LineWatched(colleague.address, state))
    assert stage.window.shell is not None
    stage.window.shell.panel.show_transfer()
    stage.pump()


def never_began(stage: Stage) -> None:
    """A call that the far side refused."""
    stage.page("history")
    assert stage.window.shell is not None
    stage.window.shell.dial_text("+44 20 7946 0318")
    stage.pump()
    call = next(c for c in stage.office.phone.calls.values() if c.live)
    stage.office.phone.change(
        call.id, state=CallState.ENDED, disposition=Disposition.FAILED, status=488,
        reason="The other side offers no encryption or no common sound format.",
        ended_at=stage.office.clock.now(),
    )  # fmt: skip
    stage.pump()


def eight_lines(stage: Stage) -> None:
    """As many calls as there can be."""
    stage.office.phone.tell(PhoneBuilt(PhoneBuild("PJSIP 2.17", MOST_LINES)))
    held = [stage.talk(f"+49302312541{last}") for last in range(MOST_LINES - 1)]
    stage.talk()
    for call in held:
        stage.office.phone.change(call, state=CallState.HELD, held_by_us=True)
    stage.pump()


def together(stage: Stage) -> None:
    """A conference of three, and the keypad open."""
    first = stage.talk("+390655500122")
    second = stage.talk()
    for call in (first, second):
        stage.office.phone.change(call, conference=True, held_by_us=False, quality=None)
    assert stage.window.shell is not None
    stage.window.shell.panel.keys.setChecked(True)
    stage.pump()


def transfer_failed(stage: Stage) -> None:
    """The caller is back: whom they were sent to was busy."""
    picking(stage)
    call = next(c for c in stage.office.phone.calls.values() if c.live)
    stage.office.phone.change(call.id, transfer="The transfer failed: Busy.")
    stage.pump()


def sent_on(stage: Stage) -> None:
    """All calls go elsewhere, and the dialog that says where is open."""
    stage.office.phone.set_availability(
        Availability(forward_always="+442079460318", forward_no_answer="21")
    )
    stage.page("phone")
    assert stage.window.shell is not None
    stage.window.shell.status.agent.open_send_on()
    stage.pump()
