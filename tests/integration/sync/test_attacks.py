"""Each way a server or a network may lie, against a real vault; named in docs/security.md.

Whatever it answers: it is refused, said, written to the log, nothing counts as confirmed, and what
is asked of the vault for a call goes on.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from shutil import copytree

import httpx
import pytest
from msgspec import structs

from softphone.domain.audit import Action, AuditFilter
from softphone.domain.note import (
    Checkpoint,
    SignedNote,
    format_checkpoint,
    format_note,
    parse_checkpoint,
    parse_note,
)
from softphone.domain.permissions import Policy
from softphone.domain.privacy import ErasureReason
from softphone.server.witness import load_witness
from softphone.vault.crypto import public_key
from softphone.vault.log_keys import LogSigner
from softphone.vault.policy import anchor_key, sign_fleet_policy
from tests.fakes.clock import START
from tests.fakes.faults import LyingTransport
from tests.fakes.fleet import Server, Station, fleet
from tests.fakes.secrets import MemorySecrets
from tests.unit.vault.rig import SUPERVISOR, Rig, contact, draft

NUMBER = "+493012345678"
Lie = Callable[[httpx.Request, httpx.Response], httpx.Response]


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[tuple[Server, Station]]:
    server, (station,) = fleet(tmp_path, [timedelta(0)])
    station.sync()
    # Something waits, so that there is something to lie about.
    station.vault.append_audit(draft(station.vault, Action.CONTACT_READ))
    yield server, station
    station.close()
    server.close()


def lied(server: Server, station: Station, lie: Lie) -> str:
    """Let the server lie for one round; return what the status bar says."""
    honest = server.transport
    server.transport = LyingTransport(honest, lie)  # type: ignore[assignment]
    try:
        return station.sync()
    finally:
        server.transport = honest


def answers(part: str, change: Callable[[dict], object]) -> Lie:
    """Exchange the answers of one address."""

    def lie(request: httpx.Request, response: httpx.Response) -> httpx.Response:
        if part not in request.url.path or response.status_code != 200:
            return response
        return httpx.Response(200, json=change(response.json()))

    return lie


def refused(station: Station) -> int:
    wanted = AuditFilter(action=Action.SERVER_MISBEHAVED)
    return station.vault.audit_count(wanted)


def goes_on(station: Station) -> None:
    """What a call needs of the vault works, and the honest server is taken afterwards."""
    sealed = station.rig.seal(station.vault, NUMBER, at=station.clock.now())
    station.vault.take_in(sealed, draft(station.vault, Action.RECORDING_SEALED))
    assert station.sync() == ""
    verdict = station.vault.verify_audit()
    assert verdict.holds
    assert verdict.witnessed_up_to == verdict.entries


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[]", b'{"size":"x"}', b"\xff" * 40, b"{" * 5000], ids=range(6)
)
def test_nonsense_is_refused(stage: tuple[Server, Station], body: bytes):
    server, station = stage
    before = station.vault.waiting()
    said = lied(server, station, lambda _request, _response: httpx.Response(200, content=body))
    assert "refused" in said
    assert refused(station) == 1
    assert station.vault.waiting() > before
    goes_on(station)


def test_an_answer_without_end_is_refused(stage: tuple[Server, Station]):
    server, station = stage
    huge = b" " * (17 * 1024 * 1024)
    said = lied(server, station, lambda _request, _response: httpx.Response(200, content=huge))
    assert "too large" in said
    goes_on(station)


def other_head(server: Server, station: Station, *, size: int = 0, cosign_only: bool = False):
    """Return a note of other entries, cosigned by the real witness: it lies with its own key."""
    witness = load_witness(server.folder)

    def change(answer: dict) -> dict:
        head = parse_checkpoint(parse_note(answer["checkpoint"]).text)
        text = format_checkpoint(Checkpoint(head.origin, size or head.size, b"r" * 32))
        device = station.vault._stores.core.device
        keys = structs.replace(device, log_key=b"x" * 32) if cosign_only else device
        note = witness.cosign(
            format_note(SignedNote(text, LogSigner(keys).sign(text))), 1_790_000_000
        )
        return {**answer, "size": size or answer["size"], "checkpoint": note}

    return change


def test_a_split_view_is_refused(stage: tuple[Server, Station]):
    """The witness cosigns another tree of the same size for us than it has."""
    server, station = stage
    said = lied(server, station, answers("/entries", other_head(server, station)))
    assert "other entries" in said
    assert refused(station) == 1
    goes_on(station)


def test_a_head_that_we_never_signed_is_refused(stage: tuple[Server, Station]):
    server, station = stage
    lie = other_head(server, station, cosign_only=True)
    assert "refused" in lied(server, station, answers("/entries", lie))
    goes_on(station)


def test_a_truncated_log_is_refused(stage: tuple[Server, Station]):
    """The server confirms fewer entries than it had confirmed before."""
    server, station = stage
    said = lied(server, station, answers("/entries", other_head(server, station, size=1)))
    assert "number of entries" in said
    assert refused(station) == 1
    goes_on(station)


@pytest.mark.parametrize("code", ["fork", "gap", "rollback"])
def test_a_claim_that_the_log_forked_is_reported(stage: tuple[Server, Station], code: str):
    """Either the server lies or the machine was cloned or turned back: both must be seen."""
    server, station = stage

    def lie(request: httpx.Request, response: httpx.Response) -> httpx.Response:
        if "/entries" not in request.url.path:
            return response
        return httpx.Response(409, json={"error": code, "message": "", "size": 9})

    assert "refused" in lied(server, station, lie)
    assert refused(station) == 1
    goes_on(station)


def test_a_cloned_workstation_is_found(stage: tuple[Server, Station], tmp_path: Path):
    """Two machines write on under one key: the second one is refused by the witness."""
    server, station = stage
    station.vault.close()
    copytree(station.rig.profile.root, tmp_path / "clone")
    secrets = MemorySecrets()
    secrets.kept.update(station.rig.secrets.kept)  # type: ignore[attr-defined]
    clone = Station("clone", Rig(tmp_path / "clone", secrets=secrets), server, timedelta(0))
    station.vault = station.rig.open(SUPERVISOR)
    station.vault.save_contact(contact("Ada", NUMBER), draft(station.vault))
    assert station.sync() == ""
    clone.vault.append_audit(draft(clone.vault, Action.NOTE_READ))
    assert "other entries" in clone.sync()
    assert refused(clone) == 1
    clone.close()


def test_an_invented_erasure_orders_nothing(stage: tuple[Server, Station]):
    server, station = stage
    person = contact("Ada", NUMBER)
    station.vault.save_contact(person, draft(station.vault))
    station.sync()
    station.vault.erase_contact(person.id, ErasureReason.SUBJECT_REQUEST, lambda _step: None)
    (own,) = station.vault.unsent_tombstones()
    station.sync()
    station.vault.save_contact(contact("Ben", NUMBER), draft(station.vault))

    def lie(answer: dict) -> dict:
        forged = json.loads(json.dumps(answer))
        for placed in forged["tombstones"]:
            placed["position"] += 5
            placed["tombstone"]["erasure"] = "0f7c0b0e-0000-4000-8000-000000000000"
        return forged

    station.vault._stores.core.connection.execute(
        "DELETE FROM meta WHERE name = 'tombstone-cursor'"
    )
    assert "did not sign" in lied(server, station, answers("/tombstones", lie))
    assert station.vault.find_contact(NUMBER) is not None
    assert own.erasure
    goes_on(station)


def fleet_note(version: int, region: str, seed: bytes = b"p" * 32) -> str:
    policy = Policy(
        version, START, START + timedelta(days=9), "", (), (), (), default_region=region
    )
    return sign_fleet_policy(replace(policy), seed)


@pytest.mark.parametrize("kind", ["replayed", "forged", "another of the same version"])
def test_a_policy_that_lies_is_refused(stage: tuple[Server, Station], kind: str):
    server, station = stage
    key = str(anchor_key(public_key(b"p" * 32)))
    station.as_administrator(
        lambda vault: vault.follow_policy(key, draft(vault, Action.POLICY_FOLLOWED))
    )

    def handing_out(note: str) -> Lie:
        def lie(request: httpx.Request, response: httpx.Response) -> httpx.Response:
            if "/policy" not in request.url.path:
                return response
            return httpx.Response(200, content=note.encode(), headers={"etag": '"x"'})

        return lie

    assert lied(server, station, handing_out(fleet_note(5, "DE"))) == ""
    assert station.vault.policy.default_region == "DE"
    told = {
        "replayed": fleet_note(4, "FR"),
        "forged": fleet_note(6, "FR", b"x" * 32),
        "another of the same version": fleet_note(5, "FR"),
    }[kind]
    for _ in range(2):
        assert "refused" in lied(server, station, handing_out(told))
    assert station.vault.policy.default_region == "DE"
    assert station.vault.audit_count(AuditFilter(action=Action.POLICY_REJECTED)) >= 1
    goes_on(station)
