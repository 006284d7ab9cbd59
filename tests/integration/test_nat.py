"""Two phones that cannot reach each other speak through coturn (ICE, STUN, TURN)."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest

from demo.hearing import HEARD, likeness, spoken_pcm
from demo.peers.kamailio import Kamailio
from demo.peers.processes import Process, free_port, wait_for_text
from softphone.audio.player import MemoryPlayer
from softphone.domain.call import CallState
from softphone.domain.events import RecordingStopped
from softphone.vault.journal import payload_path
from softphone.vault.stream import open_payload
from tests.integration.conftest import ANNA, DOMAIN, Phone
from tests.integration.namespaces import SERVER, Place, available, serve

pytestmark = [
    pytest.mark.peer,
    pytest.mark.timeout(120),
    pytest.mark.skipif(not available(), reason="network namespaces need root"),
]
USERS = {"anna": "pw-anna", "customer": "pw-customer"}


def coturn(folder: Path) -> tuple[Process, int]:
    folder.mkdir()
    port = free_port()
    users = [word for user, password in USERS.items() for word in ("-u", f"{user}:{password}")]
    process = Process(
        ["turnserver", "-n", "-L", SERVER, "-p", str(port), "--lt-cred-mech", "-r", DOMAIN, *users,
         "--no-tls", "--no-dtls", "--no-cli", "--no-multicast-peers", "--allow-loopback-peers",
         "--log-file", "stdout", "--simple-log", "-v", "--pidfile", str(folder / "pid"),
         "--userdb", str(folder / "db"), "--min-port", "49160", "--max-port", "49260"],
        folder / "turn.log",
    )  # fmt: skip
    wait_for_text(process, "UDP listener opened")
    return process, port


def heard_pcm(phone: Phone) -> np.ndarray:
    [sealed] = phone.client.sealed_recordings()
    path = payload_path(phone.profile.recordings, sealed.manifest.recording)
    player = MemoryPlayer()
    player.load(open_payload(path, phone.listener.unwrap(sealed.stanzas)), sealed.manifest.audio_ms)
    return player.pcm


def test_a_call_through_the_relay(authority, voices, tmp_path):
    files = authority.issue(SERVER, label="nat")
    with ExitStack() as stack:
        serve(stack)
        registrar = stack.enter_context(
            Kamailio(tmp_path / "k", files, USERS, domain=DOMAIN, host=SERVER)
        )
        relay, port = coturn(tmp_path / "turn")
        stack.callback(relay.stop)
        phones: dict[str, Phone] = {}
        for letter, user, voice in (("a", "anna", "agent"), ("b", "customer", "customer")):
            place = Place(letter)
            place.build(stack)
            folder = tmp_path / user
            stack.callback(place.engine(folder, f"file:{voices[voice]}").stop)
            phone = phones[user] = Phone(folder, "none")
            stack.callback(phone.close)
            phone.record()
            phone.register(
                f"{SERVER}:{registrar.port}", authority.ca_file, user,
                stun_server=f"{SERVER}:{port}", turn_server=f"{SERVER}:{port}",
            )  # fmt: skip
            phone.registered()
        anna, customer = phones["anna"], phones["customer"]
        call = anna.client.dial(ANNA, "customer")
        customer.client.answer(customer.in_state(CallState.INCOMING).id)
        anna.in_state(CallState.ESTABLISHED, call)
        for _ in range(10):
            anna.measured()
        anna.client.hang_up(call)
        anna.wait(lambda e: isinstance(e, RecordingStopped))
        pcm = heard_pcm(anna)
        assert likeness(pcm[:, 1], spoken_pcm(voices["customer"])) > HEARD
        log = relay.output()
        assert "usage: realm" in log or "ALLOCATE processed, success" in log
