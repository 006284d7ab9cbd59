"""Two real vaults, the real loop and the real server: an erasure reaches the other workstation."""

from __future__ import annotations

import queue
import secrets
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from softphone.app.bus import Bus
from softphone.app.leaving import certify_ordered, tell
from softphone.app.ports import Vault
from softphone.app.session import Session
from softphone.compose.office import tell_server
from softphone.domain.audit import Action
from softphone.domain.errors import NotFound
from softphone.domain.events import Event, SyncChanged
from softphone.domain.ids import ErasureId, SubjectPseudonym, new_id
from softphone.domain.privacy import ErasureReason, Tombstone
from softphone.domain.relay import CHUNK, SendState
from softphone.domain.tombstone import sign_tombstone, to_dict
from softphone.server import run
from softphone.sync.client import enrol
from softphone.sync.loop import SyncLoop
from softphone.sync.trust import tls_context
from softphone.vault.crypto import keyed_hash, signer
from tests.contract.vault_contract import Device
from tests.fakes.authority import Authority
from tests.fakes.lanes import ThreadLane
from tests.integration.sync.test_server_and_loop import Running
from tests.unit.vault.rig import AUDIO, SUPERVISOR, Rig, contact, draft

NUMBER = "+493012345678"


class Desk:
    """One workstation with its vault on a lane of its own."""

    def __init__(
        self, rig: Rig, server: Running, ca_file: Path, others: tuple[str, ...] = ()
    ) -> None:
        self.lane = ThreadLane()
        self.outcomes: queue.SimpleQueue[SyncChanged] = queue.SimpleQueue()
        self._bus = Bus()
        self._bus.subscribe(self._heard)
        self.vault: Vault = self.lane.submit(lambda: self._open(rig, others)).result(50)
        token = run.issue_token(server.folder)
        self.do(
            lambda vault: vault.save_enrolment(
                enrol(
                    server.url,
                    token,
                    vault.device,
                    vault.log_key,
                    str(ca_file),
                    log_key_mldsa=vault.log_key_mldsa,
                )
            )
        )
        self.loop = SyncLoop(self.vault, self.lane, self._bus, rig.clock, interval_s=3600)
        self.loop.start()
        self.settle()

    def _open(self, rig: Rig, others: tuple[str, ...]) -> Vault:
        rig.endorse(*others)
        return rig.open(SUPERVISOR)

    def _heard(self, event: Event) -> None:
        if isinstance(event, SyncChanged):
            self.outcomes.put(event)

    def do(self, work):
        return self.lane.submit(lambda: work(self.vault)).result(50)

    def settle(self) -> SyncChanged:
        outcome = self.outcomes.get(timeout=50)
        assert outcome.problem == ""
        return outcome

    def sync(self) -> SyncChanged:
        self.loop.poke()
        return self.settle()

    def close(self) -> None:
        self.loop.stop()
        self.do(lambda vault: vault.close())
        self.lane.close()


def fleet(tmp_path: Path) -> tuple[list[Rig], list[str]]:
    """Two workstations that share pseudonyms, and the keys of their logs."""
    fleet_key = secrets.token_bytes(32)
    rigs = [Rig(tmp_path / name, fleet_key=fleet_key) for name in ("one", "two")]
    for rig in rigs:
        rig.create(SUPERVISOR)
    return rigs, [rig.device()[1] for rig in rigs]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[Running, Authority]]:
    authority = Authority(tmp_path)
    running = Running(tmp_path / "server", *authority.issue())
    yield running, authority
    running.stop()


def test_an_erasure_reaches_the_other_workstation(
    tmp_path: Path, server: tuple[Running, Authority]
):
    running, authority = server
    rigs, keys = fleet(tmp_path)
    one, two = (
        Desk(rig, running, authority.ca_file, (other,))
        for rig, other in zip(rigs, reversed(keys), strict=True)
    )
    person = contact("Ada Lovelace", NUMBER)
    for desk in (one, two):
        kept = person if desk is one else replace(person, id=contact().id)
        desk.do(lambda vault, kept=kept: vault.save_contact(kept, draft(vault)))
        assert desk.do(lambda vault: vault.find_contact(NUMBER)) is not None
    one.do(
        lambda vault: vault.erase_contact(
            person.id, ErasureReason.SUBJECT_REQUEST, lambda _step: None
        )
    )
    assert one.sync().waiting == 0
    two.sync()
    assert two.do(lambda vault: vault.find_contact(NUMBER)) is None
    # What carrying it out wrote to the log is confirmed by the next round.
    assert two.sync().waiting == 0
    for desk in (one, two):
        verdict = desk.do(lambda vault: vault.verify_audit())
        assert verdict.holds
        assert verdict.witnessed_up_to == verdict.entries
    store = run.open_store(running.folder)
    assert store.counts()["tombstones"] == 1
    (stored,) = store.tombstones(0, 10)
    assert store.progress(stored.erasure) == (1, 2, 2)
    assert NUMBER not in stored.body
    store.close()
    one.close()
    two.close()


def test_an_erasure_of_a_workstation_that_nobody_endorsed_waits_and_is_shown(
    tmp_path: Path, server: tuple[Running, Authority]
):
    running, authority = server
    rigs, _ = fleet(tmp_path)
    one, two = (Desk(rig, running, authority.ca_file) for rig in rigs)
    person = contact("Ada Lovelace", NUMBER)
    for desk in (one, two):
        kept = person if desk is one else replace(person, id=contact().id)
        desk.do(lambda vault, kept=kept: vault.save_contact(kept, draft(vault)))
    one.do(
        lambda vault: vault.erase_contact(
            person.id, ErasureReason.SUBJECT_REQUEST, lambda _step: None
        )
    )
    one.sync()
    two.loop.poke()
    outcome = two.outcomes.get(timeout=50)
    assert "endorsed" in outcome.problem
    assert outcome.confirmed_at is not None
    assert two.do(lambda vault: vault.find_contact(NUMBER)) is not None
    store = run.open_store(running.folder)
    (stored,) = store.tombstones(0, 10)
    # Only the workstation that ordered it carried it out, and nobody is told otherwise.
    assert store.progress(stored.erasure) == (1, 1, 2)
    store.close()
    one.close()
    two.close()


def test_an_order_through_the_api_is_carried_out_where_its_key_is_endorsed(
    tmp_path: Path, server: tuple[Running, Authority]
):
    running, authority = server
    rigs, _ = fleet(tmp_path)
    crm = Device()
    token = run.add_client(running.folder, "CRM", "eraser", str(crm.key))
    one = Desk(rigs[0], running, authority.ca_file, (str(crm.key),))
    two = Desk(rigs[1], running, authority.ca_file)
    for desk in (one, two):
        desk.do(lambda vault: vault.save_contact(contact("Ada Lovelace", NUMBER), draft(vault)))
    fleet_key = one.do(lambda vault: vault._stores.core.device.fleet_key)
    order = sign_tombstone(
        Tombstone(
            ErasureId(new_id()),
            crm.id,
            ErasureReason.SUBJECT_REQUEST,
            datetime(2026, 5, 4, tzinfo=UTC),
            subjects=(SubjectPseudonym(keyed_hash(fleet_key, NUMBER)),),
        ),
        signer(crm.seed),
    )
    http = httpx.Client(
        base_url=running.url,
        headers={"authorization": f"Bearer {token}"},
        verify=tls_context(str(authority.ca_file)),
    )
    with http:
        answer = http.post(
            "/v1/orders",
            json={"tombstone": to_dict(order)},
            headers={"idempotency-key": "request-17"},
        )
        assert answer.status_code == 200
        one.sync()
        two.loop.poke()
        assert "endorsed" in two.outcomes.get(timeout=50).problem
        said = http.get(f"/v1/orders/{order.erasure}").json()
    assert one.do(lambda vault: vault.find_contact(NUMBER)) is None
    assert two.do(lambda vault: vault.find_contact(NUMBER)) is not None
    assert (said["complete"], said["carried_out"]) == (False, 1)
    assert {d["device"]: d["carried_out"] for d in said["devices"]} == {
        one.do(lambda vault: vault.device): True,
        two.do(lambda vault: vault.device): False,
    }
    one.close()
    two.close()


def test_a_workstation_is_given_up_from_another_one(
    tmp_path: Path, server: tuple[Running, Authority]
):
    """The order travels as a tombstone; the certificate tells the server, and nobody waits."""
    running, authority = server
    rigs, keys = fleet(tmp_path)
    one, two = (
        Desk(rig, running, authority.ca_file, (other,))
        for rig, other in zip(rigs, reversed(keys), strict=True)
    )
    lost = two.do(lambda vault: vault.device)
    one.do(lambda vault: vault.order_leaving(lost, draft(vault)))
    assert one.sync().waiting == 0
    two.sync()
    assert two.do(lambda vault: vault.leave_ordered())
    assert not one.do(lambda vault: vault.leave_ordered())
    clock = rigs[1].clock
    text = two.do(lambda vault: certify_ordered(Session(vault, clock)))
    assert two.do(lambda vault: tell(tell_server, Session(vault, clock), text))
    two.loop.stop()
    two.do(rigs[1].keeper.destroy)
    two.lane.close()
    assert list(rigs[1].profile.root.iterdir()) == []
    store = run.open_store(running.folder)
    assert store.counts()["devices"] == 1
    store.close()
    one.sync()
    one.close()


def test_a_recording_goes_through_the_server_over_tls(
    tmp_path: Path, server: tuple[Running, Authority]
):
    running, authority = server
    rigs, keys = fleet(tmp_path)
    one, two = (
        Desk(rig, running, authority.ca_file, (other,))
        for rig, other in zip(rigs, reversed(keys), strict=True)
    )
    sound = AUDIO * 40
    sealed = one.do(lambda vault: rigs[0].seal(vault, NUMBER, audio=sound))
    recording = sealed.manifest.recording
    one.do(lambda vault: vault.take_in(sealed, draft(vault, Action.RECORDING_SEALED)))
    two.do(lambda vault: vault.handover_address("sales", None, draft(vault)))
    two.sync()
    one.sync()

    def send(vault: Vault) -> None:
        [to] = vault.correspondents()
        job = vault.begin_sending(recording, to, draft(vault))
        while not job.step():
            continue

    one.do(send)
    one.sync()
    two.sync()

    def take_in(vault: Vault) -> bytes:
        [waiting] = vault.waiting_packages()
        assert waiting.size > 2 * CHUNK
        job = vault.begin_taking_in(waiting.package, draft(vault))
        while not job.step():
            continue
        reader = vault.open_recording(recording, draft(vault))
        heard = reader.read_at(0, reader.size)
        reader.close()
        return heard

    assert two.do(take_in) == sound
    two.sync()
    one.sync()
    assert [p.state for p in one.do(lambda vault: vault.sent_packages())] == [SendState.TAKEN_IN]
    one.do(lambda vault: vault.delete_recording(recording, draft(vault, Action.RECORDING_DELETED)))
    one.sync()
    two.sync()
    with pytest.raises(NotFound):
        two.do(lambda vault: vault.recording(recording))
    one.close()
    two.close()
