"""Several calls at once: all lines, one more, both sides on hold, and what a transfer says."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from demo.peers.kamailio import Kamailio
from demo.peers.processes import free_port
from softphone.domain.call import CallState, Disposition
from softphone.domain.events import CallChanged, PhoneBuilt
from softphone.domain.ids import CallId
from tests.integration.conftest import ANNA, DOMAIN, Phone
from tests.integration.sipp_bench import established
from tests.integration.sipp_peer import Sipp, recv, request, respond, sdp_at

pytestmark = [pytest.mark.peer, pytest.mark.timeout(40)]
USERS = {"anna": "pw-anna", "customer": "pw-customer", "other": "pw-other"}


class Desk:
    """Anna (ours), a customer, a colleague, and a port at which SIPp answers as ``sipp``."""

    def __init__(self, stack: ExitStack, anna: Phone, folder: Path, voices, authority) -> None:
        self.folder = folder
        self.sipp_port = free_port()
        registrar = stack.enter_context(
            Kamailio(
                folder / "kamailio", authority.issue("localhost", label="lines"), USERS,
                domain=DOMAIN, plain_port=free_port(), routes={"sipp": self.sipp_port},
            )
        )  # fmt: skip
        self.anna = anna
        self.build = anna.wait(lambda e: isinstance(e, PhoneBuilt)).build
        self._rung: set[CallId] = set()
        self.customer, self.other = (
            Phone(folder / name, f"file:{voices['customer']}") for name in ("customer", "other")
        )
        for one, user in ((anna, "anna"), (self.customer, "customer"), (self.other, "other")):
            if one is not anna:
                stack.callback(one.close)
            one.register(registrar.server, authority.ca_file, user)
            one.registered()

    def ring(self, caller: Phone) -> tuple[CallId, CallId]:
        """Let somebody call Anna; returns both ends."""
        out = caller.client.dial(ANNA, "anna")
        return out, self.rings(self.anna)

    def rings(self, phone: Phone) -> CallId:
        """Wait for a call that did not ring before (while one is answered it still says so)."""
        found = phone.wait(
            lambda e: (
                isinstance(e, CallChanged)
                and e.call.state is CallState.INCOMING
                and e.call.id not in self._rung
            ),
            5,
        )
        self._rung.add(found.call.id)
        return found.call.id


@pytest.fixture
def desk(phone: Phone, tmp_path: Path, voices, authority) -> Iterator[Desk]:
    with ExitStack() as stack:
        yield Desk(stack, phone, tmp_path, voices, authority)


def changed(call: CallId, **wanted: object):
    return lambda e: (
        isinstance(e, CallChanged)
        and e.call.id == call
        and all(getattr(e.call, name) == value for name, value in wanted.items())
    )


def both(phone: Phone, *wanted) -> None:
    """Wait until all of these were told, in whatever order."""
    left = list(wanted)

    def seen(event: object) -> bool:
        left[:] = [fits for fits in left if not fits(event)]
        return not left

    phone.wait(seen)


def answer_in_turn(phone: Phone, calls: list[CallId]) -> None:
    """Answer one after the other: each answer holds the one before."""
    phone.client.answer(calls[0])
    phone.wait(changed(calls[0], state=CallState.ESTABLISHED))
    for before, call in itertools.pairwise(calls):
        phone.client.answer(call)
        both(
            phone, changed(call, state=CallState.ESTABLISHED), changed(before, state=CallState.HELD)
        )


def test_all_lines_and_one_more(desk: Desk):
    """Call waiting: each answer holds the one before. The library takes so many, and no more."""
    anna = desk.anna
    callers = itertools.cycle((desk.customer, desk.other))
    lines = [desk.ring(next(callers)) for _ in range(desk.build.lines)]
    ours = [mine for _, mine in lines]
    for one in (desk.customer, desk.other):
        refused = anna.client.dial(ANNA, "other")
        ended = anna.in_state(CallState.ENDED, refused)
        assert ended.reason == "All lines are in use."
        assert ended.disposition is Disposition.FAILED
        more = one.client.dial(ANNA, "anna")
        assert one.in_state(CallState.ENDED, more).reason == "Busy."
    answer_in_turn(anna, ours)
    anna.client.hold(ours[0], False)
    both(
        anna, changed(ours[0], state=CallState.ESTABLISHED), changed(ours[-1], state=CallState.HELD)
    )
    # A line that becomes free is free for the next, as soon as the library has let go of it.
    anna.client.hang_up(ours[1])
    anna.wait(changed(ours[1], state=CallState.ENDED))
    for _ in range(2):
        anna.wait(lambda e: isinstance(e, CallChanged) and e.call.quality is not None)
    desk.ring(desk.customer)


def test_both_sides_hold_and_resume(desk: Desk):
    theirs, ours = desk.ring(desk.customer)
    anna, customer = desk.anna, desk.customer
    anna.client.answer(ours)
    customer.wait(changed(theirs, state=CallState.ESTABLISHED))
    anna.client.hold(ours, True)
    customer.wait(changed(theirs, held_by_them=True))
    customer.client.hold(theirs, True)
    customer.wait(changed(theirs, held_by_us=True))
    customer.client.hold(theirs, False)
    customer.wait(changed(theirs, held_by_us=False))
    anna.client.hold(ours, False)
    anna.wait(changed(ours, state=CallState.ESTABLISHED, held_by_us=False, held_by_them=False))
    again = customer.wait(
        lambda e: changed(theirs, held_by_them=False)(e) and e.call.quality is not None
    ).call
    assert again.state is CallState.ESTABLISHED


def test_a_hold_right_after_the_answer_is_not_lost(desk: Desk):
    """The far side's ACK has not come yet: no change is possible before it."""
    theirs, ours = desk.ring(desk.customer)
    desk.anna.client.answer(ours)
    desk.anna.client.hold(ours, True)
    desk.customer.wait(changed(theirs, held_by_them=True))
    desk.anna.client.hold(ours, False)
    desk.customer.wait(changed(theirs, state=CallState.ESTABLISHED, held_by_them=False))


def test_somebody_leaves_a_conference_and_joins_again(desk: Desk):
    anna = desk.anna
    _, first = desk.ring(desk.customer)
    anna.client.answer(first)
    anna.wait(changed(first, state=CallState.ESTABLISHED))

    def join() -> CallId:
        second = anna.client.dial(ANNA, "other")
        desk.other.client.answer(desk.rings(desk.other))
        anna.wait(changed(second, state=CallState.ESTABLISHED))
        anna.client.conference(first, second)
        anna.wait(changed(first, conference=True, state=CallState.ESTABLISHED))
        return second

    second = join()
    anna.client.hang_up(second)
    anna.wait(changed(first, conference=False, state=CallState.ESTABLISHED))
    third = join()
    desk.customer.wait(lambda e: isinstance(e, CallChanged) and e.call.quality is not None)
    anna.client.mute(third, True)  # muted is muted, to everybody
    both(anna, changed(first, muted=True), changed(third, muted=True))
    anna.client.hang_up(first)
    left = anna.wait(changed(third, conference=False)).call
    assert left.live


def notify(fragment: str, cseq: int, state: str):
    return request(
        "NOTIFY", cseq, "Event: refer", f"Subscription-State: {state}",
        "Content-Type: message/sipfrag;version=2.0", body=f"SIP/2.0 {fragment}\n",
    )  # fmt: skip


def test_an_attended_transfer_names_the_dialog_and_tells_how_it_goes(desk: Desk):
    """Replaces with both tags (RFC 3891; SBCs want them), and the steps that NOTIFY tells."""
    steps = [
        *established(),
        recv("INVITE", check="a=sendonly"),
        respond("200 OK", sdp=sdp_at("recvonly", 2)),
        recv("ACK"),
        recv("REFER", check="Refer-To: .*customer.*Replaces=.*%3Bto-tag%3D.*%3Bfrom-tag%3D"),
        respond("202 Accepted"),
        notify("100 Trying", 1, "active;expires=60"),
        recv(200),
        notify("180 Ringing", 2, "active;expires=60"),
        recv(200),
        notify("486 Busy Here", 3, "terminated;reason=noresource"),
        recv(200),
        recv("BYE"),
        respond("200 OK"),
    ]
    anna = desk.anna
    with Sipp(desk.folder / "callee", steps, port=desk.sipp_port) as sipp:
        first = anna.client.dial(ANNA, "sipp")
        anna.wait(changed(first, state=CallState.ESTABLISHED))
        second = anna.client.dial(ANNA, "customer")
        desk.customer.client.answer(desk.rings(desk.customer))
        both(
            anna,
            changed(second, state=CallState.ESTABLISHED),
            changed(first, state=CallState.HELD),
        )
        anna.client.transfer_to_call(first, second)
        anna.wait(changed(first, transfer="ringing"))
        failed = anna.wait(changed(first, transfer="The transfer failed: Busy.")).call
        assert failed.state is CallState.HELD, "back at the held call"
        anna.client.hang_up(first)
        sipp.finish()
