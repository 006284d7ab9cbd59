"""Transfer, conference and availability between three engines through Kamailio."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from demo.peers.kamailio import Kamailio
from softphone.domain.account import RegistrationState
from softphone.domain.call import (
    TRANSFER_FAILED,
    Availability,
    Call,
    CallState,
    Direction,
    Disposition,
    RecordingState,
)
from softphone.domain.call_policy import CallPolicy, Redirects
from softphone.domain.events import CallChanged, RecordingStopped, RegistrationChanged
from softphone.domain.ids import CallId
from softphone.domain.recording import GapReason
from tests.integration.conftest import ANNA, DOMAIN, NUMBER, Phone

pytestmark = [pytest.mark.peer, pytest.mark.timeout(120)]


class Three:
    """Anna (ours), a customer and a colleague."""

    def __init__(self, anna: Phone, customer: Phone, other: Phone) -> None:
        self.anna, self.customer, self.other = anna, customer, other

    def talk(self, caller: Phone, callee: Phone, target: str) -> tuple[CallId, CallId]:
        """Let one call another, who answers; returns both ends."""
        out = caller.client.dial(ANNA, target)
        ringing = callee.wait(in_state(CallState.INCOMING)).call.id
        callee.client.answer(ringing)
        caller.wait(in_state(CallState.ESTABLISHED, out))
        callee.wait(in_state(CallState.ESTABLISHED, ringing))
        return out, ringing


def in_state(state: CallState, call: CallId | None = None):
    return lambda e: (
        isinstance(e, CallChanged) and e.call.state is state and call in (None, e.call.id)
    )


def heard(call: CallId):
    return lambda e: (
        isinstance(e, CallChanged)
        and e.call.id == call
        and e.call.state is CallState.ESTABLISHED
        and e.call.quality is not None
    )


@pytest.fixture
def three(
    phone: Phone, registrar: Kamailio, authority, voices: dict[str, Path], tmp_path: Path
) -> Iterator[Three]:
    customer = Phone(tmp_path / "customer", f"file:{voices['customer']}")
    other = Phone(tmp_path / "other", f"file:{voices['agent']}")
    try:
        for one, user in ((phone, "anna"), (customer, "customer"), (other, "other")):
            one.register(registrar.server, authority.ca_file, user)
            one.wait(
                lambda e: (
                    isinstance(e, RegistrationChanged)
                    and e.registration.state is RegistrationState.REGISTERED
                )
            )
        yield Three(phone, customer, other)
    finally:
        customer.close()
        other.close()


def last_of(phone: Phone, call: CallId) -> Call:
    return phone.wait(in_state(CallState.ENDED, call)).call


def test_blind_transfer(three: Three):
    ours, theirs = three.talk(three.anna, three.customer, NUMBER)
    three.anna.client.transfer(ours, "other")
    ringing = three.other.wait(in_state(CallState.INCOMING)).call.id
    three.other.client.answer(ringing)
    assert last_of(three.anna, ours).transfer == "transferred"
    assert last_of(three.customer, theirs)
    three.other.wait(heard(ringing))


def test_blind_transfer_that_fails_keeps_the_call(three: Three):
    ours, _ = three.talk(three.anna, three.customer, NUMBER)
    three.anna.client.transfer(ours, "nobody-here")
    failed = three.anna.wait(
        lambda e: isinstance(e, CallChanged) and "failed" in e.call.transfer
    ).call
    assert failed.live
    assert "does not exist" in failed.transfer


def test_attended_transfer_nobody_answers_again(three: Three):
    first, at_customer = three.talk(three.anna, three.customer, NUMBER)
    second, at_other = three.talk(three.anna, three.other, "other")
    three.customer.wait(
        lambda e: isinstance(e, CallChanged) and e.call.held_by_them
    )  # the first call was held by itself
    three.anna.client.transfer_to_call(first, second)
    last_of(three.anna, first)
    last_of(three.customer, at_customer)
    last_of(three.other, at_other)
    joined = three.other.wait(
        lambda e: (
            isinstance(e, CallChanged)
            and e.call.id != at_other
            and e.call.state is CallState.ESTABLISHED
            and e.call.quality is not None
        )
    ).call
    assert joined.encrypted


def test_conference_of_three(three: Three):
    first, _ = three.talk(three.anna, three.customer, NUMBER)
    second, _ = three.talk(three.anna, three.other, "other")
    three.anna.client.conference(first, second)
    three.anna.wait(
        lambda e: (
            isinstance(e, CallChanged)
            and e.call.id == first
            and e.call.conference
            and e.call.state is CallState.ESTABLISHED
            and not e.call.held_by_us
        )
    )
    three.anna.client.hang_up(second)
    left = three.anna.wait(
        lambda e: isinstance(e, CallChanged) and e.call.id == first and not e.call.conference
    ).call
    assert left.live


def test_do_not_disturb_is_busy(three: Three):
    three.customer.set_availability(Availability(do_not_disturb=True))
    call = three.anna.client.dial(ANNA, NUMBER)
    ended = last_of(three.anna, call)
    assert ended.disposition is Disposition.BUSY
    assert ended.reason == "Busy."


def test_auto_answer(three: Three):
    three.customer.set_availability(Availability(auto_answer=True))
    call = three.anna.client.dial(ANNA, NUMBER)
    three.anna.wait(in_state(CallState.ESTABLISHED, call))
    assert three.customer.wait(in_state(CallState.ESTABLISHED)).call.auto_answered


def test_declined_in_words(three: Three):
    call = three.anna.client.dial(ANNA, NUMBER)
    ringing = three.customer.wait(in_state(CallState.INCOMING)).call.id
    three.customer.client.hang_up(ringing)
    ended = last_of(three.anna, call)
    assert ended.disposition is Disposition.DECLINED
    assert ended.reason == "The call was declined."


def test_an_unknown_number_in_words(three: Three):
    call = three.anna.client.dial(ANNA, f"nobody@{DOMAIN}")
    assert last_of(three.anna, call).reason == "This number does not exist."


def test_a_redirection_is_followed(three: Three):
    three.customer.set_availability(Availability(forward_always="other"))
    call = three.anna.client.dial(ANNA, NUMBER)
    ringing = three.other.wait(in_state(CallState.INCOMING)).call.id
    three.other.client.answer(ringing)
    three.anna.wait(in_state(CallState.ESTABLISHED, call))


@pytest.mark.parametrize(
    ("rule", "target"),
    [(Redirects.OWN_DOMAIN, "other@elsewhere.example"), (Redirects.NEVER, "other")],
)
def test_nobody_has_us_call_where_the_policy_does_not_permit_it(
    three: Three, rule: Redirects, target: str
):
    """A far side could have us dial premium numbers: its REFER is declined, the call goes on."""
    three.anna.use(CallPolicy(redirects=rule))
    ours, theirs = three.talk(three.anna, three.customer, NUMBER)
    three.customer.client.transfer(theirs, target)
    failed = three.customer.wait(
        lambda e: isinstance(e, CallChanged) and e.call.transfer.startswith(TRANSFER_FAILED)
    ).call
    assert (failed.id, failed.live) == (theirs, True)
    assert "declined" in failed.transfer
    three.anna.wait(heard(ours))


def test_a_caller_who_is_sent_on_stays_in_one_recording(three: Three):
    """The far side transfers us: nobody at our side answers again, and one recording goes on."""
    three.anna.record()
    ours, theirs = three.talk(three.anna, three.customer, NUMBER)
    three.anna.wait(heard(ours))
    three.customer.client.transfer(theirs, "other")
    ringing = three.other.wait(in_state(CallState.INCOMING)).call.id
    three.other.client.answer(ringing)
    went_on = three.anna.wait(
        lambda e: (
            isinstance(e, CallChanged)
            and e.call.replaces == ours
            and e.call.state is CallState.ESTABLISHED
            and e.call.quality is not None
        )
    ).call
    assert went_on.recording is RecordingState.RECORDING
    # Our phone called the person to whom it was sent, and says so.
    assert (went_on.number, went_on.direction) == (f"other@{DOMAIN}", Direction.OUTGOING)
    three.anna.client.hang_up(went_on.id)
    three.anna.wait(lambda e: isinstance(e, RecordingStopped))
    [sealed] = three.anna.client.sealed_recordings()
    assert sealed.call == ours
    [moved] = [g for g in sealed.manifest.gaps if g.reason is GapReason.TRANSFER and g.call]
    assert moved.call == went_on.id
    assert 0 < moved.at_ms < sealed.manifest.audio_ms, "sound before and after the transfer"
