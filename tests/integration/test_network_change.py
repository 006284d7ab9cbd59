"""An interface vanishes in mid-call: the phone lives in a network namespace with two ways out."""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from demo.peers.kamailio import Kamailio
from softphone.domain.call import CallState
from tests.integration.conftest import ANNA, DOMAIN, Phone
from tests.integration.namespaces import SERVER, Place, available, serve

pytestmark = [
    pytest.mark.peer,
    pytest.mark.timeout(120),
    pytest.mark.skipif(not available(), reason="network namespaces need root"),
]


def test_a_call_goes_on_over_the_other_interface(authority, voices, tmp_path):
    files = authority.issue(SERVER, label="netns")
    users = {"anna": "pw-anna", "customer": "pw-customer"}
    with ExitStack() as stack:
        serve(stack)
        place = Place("a", cables=2)
        place.build(stack)
        registrar = stack.enter_context(
            Kamailio(tmp_path / "k", files, users, domain=DOMAIN, host=SERVER)
        )
        server = f"{SERVER}:{registrar.port}"
        engine = place.engine(tmp_path / "agent", f"file:{voices['agent']}")
        stack.callback(engine.stop)
        phone = Phone(tmp_path / "agent", f"file:{voices['agent']}")
        customer = Phone(tmp_path / "customer", f"file:{voices['customer']}")
        stack.callback(customer.close)
        stack.callback(phone.close)
        for one, user in ((phone, "anna"), (customer, "customer")):
            one.register(server, authority.ca_file, user)
            one.registered()
        ours = phone.client.dial(ANNA, "customer")
        theirs = customer.in_state(CallState.INCOMING).id
        customer.client.answer(theirs)
        phone.in_state(CallState.ESTABLISHED, ours)
        phone.measured()
        customer.measured()
        place.inside("link", "set", f"{place.cables[0]}i", "down")
        phone.not_registered()
        phone.registered()
        for one in (phone, customer):
            one.hears_for(150)
        customer.client.hang_up(theirs)
        assert phone.in_state(CallState.ENDED, ours).established_at is not None
