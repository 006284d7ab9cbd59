"""The PJSIP that `make pjsip` builds: eight lines, sound over IPv6 alone, Opus, sound in C."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from demo.peers.kamailio import Kamailio
from softphone.domain.call import CallState
from softphone.domain.call_policy import CallPolicy
from softphone.domain.events import PhoneBuilt, RecordingStopped
from softphone.domain.permissions import RecordingMode
from softphone.domain.phone_build import MOST_LINES
from tests.integration import own_pjsip, test_microphone_leads, test_recording_in_calls
from tests.integration.conftest import ANNA, DOMAIN, NUMBER, Phone
from tests.integration.namespaces import Ipv6Place, available
from tests.integration.test_calls_with_baresip import check_both_heard, peer, talked
from tests.integration.test_lines import Desk, answer_in_turn, both, changed

pytestmark = [pytest.mark.peer, pytest.mark.timeout(120)]


three = test_recording_in_calls.three
# What differs most where sound passes without the interpreter: who keeps the time, what a recording
# draws, what is said into a call.
test_the_microphone_leads_in_c = (
    test_microphone_leads.test_a_pulled_microphone_costs_its_own_voice_and_nothing_else
)
test_a_hold_is_a_gap_in_c = test_recording_in_calls.test_a_hold_is_a_gap_as_long_as_it_was
test_a_conference_is_recorded_in_c = (
    test_recording_in_calls.test_a_conference_has_a_recording_a_leg_that_names_the_other
)
test_an_announcement_is_heard_in_c = (
    test_recording_in_calls.test_the_other_side_hears_the_announcement
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pjsip")


@pytest.fixture(autouse=True)
def every_phone_has_it(folder: Path) -> Iterator[None]:
    if own_pjsip.wheel() is None:
        pytest.skip(own_pjsip.HOW)
    with own_pjsip.used_by_engines(folder):
        yield


@pytest.fixture
def desk(phone: Phone, tmp_path: Path, voices, authority) -> Iterator[Desk]:
    with ExitStack() as stack:
        yield Desk(stack, phone, tmp_path, voices, authority)


def test_it_says_what_it_can_do(phone: Phone):
    build = phone.wait(lambda e: isinstance(e, PhoneBuilt)).build
    assert build.library.startswith("PJSIP ")
    assert (build.lines, build.ipv6_sound, build.native_sound) == (MOST_LINES, True, True)
    assert {"OPUS", "G722", "PCMA", "PCMU"} <= set(build.codecs)


def test_eight_lines_and_a_ninth(desk: Desk):
    """Each is answered and recorded, each answer holds the one before; a ninth hears busy."""
    anna = desk.anna
    anna.use(CallPolicy(), RecordingMode.AUTOMATIC)
    callers = itertools.cycle((desk.customer, desk.other))
    lines = [desk.ring(next(callers)) for _ in range(MOST_LINES)]
    ours = [mine for _, mine in lines]
    ninth = desk.customer.client.dial(ANNA, "anna")
    assert desk.customer.in_state(CallState.ENDED, ninth).reason == "Busy."
    refused = anna.client.dial(ANNA, "other")
    assert anna.in_state(CallState.ENDED, refused).reason == "All lines are in use."
    answer_in_turn(anna, ours)
    for mine in ours:
        anna.client.hang_up(mine)
    both(anna, *(changed(mine, state=CallState.ENDED) for mine in ours))
    kept = {sealed.call for sealed in anna.client.sealed_recordings()}
    assert kept == set(ours)


@pytest.mark.usefixtures("needs_baresip")
@pytest.mark.skipif(not available(), reason="network namespaces need root")
@pytest.mark.parametrize("we_call", [True, False], ids=["out", "in"])
def test_a_call_where_there_is_nothing_but_ipv6(authority, voices16, tmp_path, we_call):
    """Our phone has no IPv4 but loopback, baresip is told to use none; both are heard."""
    accounts = {"anna": "pw-anna", "customer": "pw-customer"}
    with ExitStack() as stack:
        place = Ipv6Place()
        place.build(stack)
        folder = tmp_path / "agent"
        stack.callback(place.engine(folder, f"file:{voices16['agent']}").stop)
        phone = Phone(folder, "none")
        stack.callback(phone.close)
        registrar = stack.enter_context(
            Kamailio(
                tmp_path / "k", authority.issue(place.ours, label="v6-alone"), accounts,
                domain=DOMAIN, host=f"[{place.ours}]", numbers={NUMBER: "customer"},
            )
        )  # fmt: skip
        server = f"[{place.ours}]:{registrar.port}"
        phone.record()
        phone.register(server, authority.ca_file)
        phone.registered()
        more = {"server": server, "address": place.ours}
        if not we_call:
            more["dial"] = f"sip:anna@{DOMAIN}"
        with peer(registrar, authority, voices16, tmp_path, **more) as other:
            if we_call:
                call = phone.client.dial(ANNA, NUMBER)
            else:
                call = phone.in_state(CallState.INCOMING).id
                phone.client.answer(call)
            phone.in_state(CallState.ESTABLISHED, call)
            phone.wait(talked(9))
            phone.client.hang_up(call)
            ended = phone.in_state(CallState.ENDED, call)
            assert ended.encrypted
            assert ended.quality is not None
            assert ended.quality.loss_percent == 0.0
            phone.wait(lambda e: isinstance(e, RecordingStopped))
        check_both_heard(phone, other, voices16)


@pytest.mark.usefixtures("needs_baresip")
def test_opus_where_the_policy_names_it(phone: Phone, registrar, authority, voices16, tmp_path):
    phone.use(CallPolicy(codecs=("OPUS", "G722")), RecordingMode.AUTOMATIC)
    phone.register(registrar.server, authority.ca_file)
    phone.registered()
    with peer(registrar, authority, voices16, tmp_path, codecs="opus/48000/2") as other:
        call = phone.client.dial(ANNA, NUMBER)
        phone.in_state(CallState.ESTABLISHED, call)
        phone.wait(talked(9))
        phone.client.hang_up(call)
        ended = phone.in_state(CallState.ENDED, call)
        assert ended.codec.upper() == "OPUS"
        assert ended.encrypted
        phone.wait(lambda e: isinstance(e, RecordingStopped))
    check_both_heard(phone, other, voices16)
