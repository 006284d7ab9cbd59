"""Sealed recordings between real vaults through the real server."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from softphone.app.bus import Bus
from softphone.app.ports import NewMember, RecordingFilter
from softphone.domain.audit import Action, AuditFilter
from softphone.domain.errors import InvalidInput, NotFound, Refused, SoftphoneError, StorageFailed
from softphone.domain.ids import DeviceId, RecordingId, new_id
from softphone.domain.privacy import ErasureReason
from softphone.domain.relay import CHUNK, LARGEST_PACKAGE, PackageRefusal, SendState
from softphone.sync.client import SyncClient
from softphone.sync.loop import SyncLoop
from softphone.vault.journal import payload_path
from tests.fakes.faults import Fault, LyingTransport
from tests.fakes.fleet import DirectLane, Station, fleet
from tests.unit.vault.rig import AUDIO, SUPERVISOR, contact, draft

NUMBER = "+493012345678"
LONG = AUDIO * 60
"""Some five chunks."""


class Pair:
    """Two workstations of a fleet, and one that nobody hands anything to."""

    def __init__(self, folder: Path) -> None:
        self.server, stations = fleet(folder, [timedelta(0)] * 3)
        self.here, self.there, self.other = stations
        self.recording = self.record(AUDIO)

    def record(self, audio: bytes, station: Station | None = None) -> RecordingId:
        station = station or self.here
        vault = station.vault
        sealed = station.rig.seal(vault, NUMBER, audio=audio)
        vault.take_in(sealed, draft(vault, Action.RECORDING_SEALED))
        return sealed.manifest.recording

    def offer(self, station: Station | None = None) -> None:
        """Let a workstation give an address and the server know of it."""
        vault = (station or self.there).vault
        vault.handover_address("sales", None, draft(vault, Action.HANDOVER_ADDRESS_MADE))
        assert (station or self.there).sync() == ""

    def give(self, recording: RecordingId | None = None) -> str:
        """Seal a recording for the other side; return the package's number."""
        vault = self.here.vault
        [to] = [c for c in vault.correspondents() if c.device == self.there.vault.device]
        job = vault.begin_sending(
            recording or self.recording, to,
            draft(vault, Action.RECORDING_HANDED_OVER, reason="Training"),
        )  # fmt: skip
        while not job.step():
            pass
        return vault.sent_packages()[0].package

    def sent(self) -> str:
        """Offer, learn, give and send; return the package's number."""
        self.offer()
        assert self.here.sync() == ""
        package = self.give()
        assert self.here.sync() == ""
        return package

    def take_in(self, package: str) -> None:
        vault = self.there.vault
        job = vault.begin_taking_in(package, draft(vault, Action.RECORDING_RECEIVED))
        while not job.step():
            pass

    def state(self) -> tuple[SendState, PackageRefusal]:
        [one] = self.here.vault.sent_packages()
        return one.state, one.why

    def heard(self, station: Station, recording: RecordingId | None = None) -> bytes:
        vault = station.vault
        reader = vault.open_recording(recording or self.recording, draft(vault))
        try:
            assert reader.problem == ""
            return reader.read_at(0, reader.size)
        finally:
            reader.close()

    def close(self) -> None:
        for station in (self.here, self.there, self.other):
            station.close()
        self.server.close()


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Pair]:
    made = Pair(tmp_path)
    yield made
    made.close()


def files(station: Station) -> list[str]:
    """Return what lies in the folders of packages."""
    profile = station.rig.profile
    found = [*profile.outgoing.glob("*"), *profile.incoming.glob("*")]
    return sorted(path.name for path in found)


def log(station: Station, action: Action) -> list[tuple[str, dict[str, str]]]:
    rows = station.vault.audit_rows(AuditFilter(action=action), 99, 0)
    return [(row.entry.result, row.detail) for row in rows]


def test_a_recording_is_sent_taken_in_and_heard(pair: Pair):
    package = pair.sent()
    assert pair.state() == (SendState.SENT, PackageRefusal.NONE)
    assert files(pair.here) == [], "the server has it"
    pair.there.sync()
    [waiting] = pair.there.vault.waiting_packages()
    assert (waiting.package, waiting.device) == (package, pair.here.vault.device)
    with pytest.raises(NotFound):
        pair.heard(pair.there)
    pair.take_in(package)
    assert pair.heard(pair.there) == AUDIO
    assert files(pair.there) == [], "what could still be opened by the address's key"
    assert pair.there.vault.waiting_packages() == []
    pair.there.sync()
    pair.here.sync()
    assert pair.state() == (SendState.TAKEN_IN, PackageRefusal.NONE)
    # Nothing is left at the server, and nothing is fetched or sent again.
    assert pair.server.store is not None
    assert counts(pair) == {"relay_chunks": 0, "relay_packages": 0}
    for _ in range(2):
        assert pair.there.sync() == pair.here.sync() == ""
    assert pair.there.vault.waiting_packages() == []
    pair.here.vault.put_away_sent(package)
    assert pair.here.vault.sent_packages() == []
    [(given, detail)] = log(pair.here, Action.RECORDING_HANDED_OVER)
    assert (given, detail["package"], detail["device"]) == (
        "done", package, pair.there.vault.device,
    )  # fmt: skip
    [(taken, there)] = log(pair.there, Action.RECORDING_RECEIVED)
    assert (taken, there["package"]) == ("done", package)


def counts(pair: Pair) -> dict[str, int]:
    with pair.server.store.transaction() as connection:
        return {
            table: connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one()  # noqa: S608
            for table in ("relay_chunks", "relay_packages")
        }


def test_the_server_learns_nothing_of_it(pair: Pair):
    pair.sent()
    name = SUPERVISOR.name
    stored = b"".join(
        path.read_bytes() for path in pair.server.folder.iterdir() if path.name != "witness.json"
    )
    leaves = [n for n in (NUMBER, name, "Training", "desk 7") if n.encode() in stored]
    assert leaves == []
    with pair.server.store.transaction() as connection:
        rows = connection.exec_driver_sql("SELECT * FROM relay_packages").all()
        kept = connection.exec_driver_sql("SELECT data FROM relay_chunks").all()
    assert pair.recording not in repr(rows)
    sound = b"".join(bytes(data) for (data,) in kept)
    assert AUDIO[:64] not in sound
    assert pair.recording.encode() not in sound


def test_only_the_receiver_gets_it(pair: Pair):
    package = pair.sent()
    pair.other.sync()
    assert pair.other.vault.waiting_packages() == []
    assert files(pair.other) == []
    enrolment = pair.other.vault.enrolment()
    assert enrolment is not None
    http = httpx.Client(
        transport=pair.server.transport,
        base_url="https://server",
        headers={"authorization": f"Bearer {enrolment.device_token}"},
    )
    assert http.get(f"/v1/packages/{package}/chunks/0").status_code == 404


def test_an_erasure_at_the_origin_reaches_both(pair: Pair):
    vault = pair.here.vault
    person = contact("Ada", NUMBER)
    vault.save_contact(person, draft(vault))
    pair.recording = pair.record(AUDIO)
    package = pair.sent()
    pair.there.sync()
    pair.take_in(package)
    assert pair.heard(pair.there) == AUDIO
    vault.erase_contact(person.id, ErasureReason.SUBJECT_REQUEST, lambda _step: None)
    pair.here.sync()
    pair.there.sync()
    with pytest.raises(NotFound):
        pair.heard(pair.there)
    assert not payload_path(pair.there.rig.profile.recordings, pair.recording).exists()


def test_an_erasure_takes_back_what_still_waits(pair: Pair):
    package = pair.sent()
    pair.there.sync()
    vault = pair.here.vault
    vault.delete_recording(pair.recording, draft(vault, Action.RECORDING_DELETED))
    assert vault.sent_packages() == []
    pair.here.sync()
    assert counts(pair) == {"relay_chunks": 0, "relay_packages": 0}
    # Also when the other side takes it in before it hears of that.
    pair.there.sync()
    assert pair.there.vault.waiting_packages() == []
    assert files(pair.there) == []
    result, detail = log(pair.there, Action.RECORDING_RECEIVED)[0]
    assert (result, detail["package"]) == ("refused", package)


def test_the_sealed_file_goes_with_its_recording(pair: Pair):
    pair.offer()
    pair.here.sync()
    pair.give()
    assert len(files(pair.here)) == 1
    vault = pair.here.vault
    vault.delete_recording(pair.recording, draft(vault, Action.RECORDING_DELETED))
    assert files(pair.here) == [], "at once, not with the next round"
    assert pair.here.sync() == ""
    assert counts(pair) == {"relay_chunks": 0, "relay_packages": 0}


def test_what_is_erased_is_not_taken_in_though_its_package_waits(pair: Pair):
    package = pair.sent()
    pair.there.sync()
    vault = pair.here.vault
    vault.delete_recording(pair.recording, draft(vault, Action.RECORDING_DELETED))
    [tombstone] = vault.unsent_tombstones()
    enrolment = vault.enrolment()
    assert enrolment is not None
    # The erasure gets through, and the sender is gone before it took the package back.
    client = SyncClient(enrolment.url, enrolment.device_token, transport=pair.server.transport)
    client.push_tombstone(tombstone)
    assert pair.there.sync() == ""
    with pytest.raises(Refused, match="erased"):
        pair.take_in(package)
    assert files(pair.there) == []
    pair.there.sync()
    with pair.server.store.transaction() as connection:
        row = connection.exec_driver_sql("SELECT outcome, why FROM relay_packages").one()
    assert tuple(row) == ("refused", "erased")


def test_one_that_was_refused_says_why_on_the_other_side(pair: Pair):
    package = pair.sent()
    pair.there.sync()

    def change(vault) -> None:
        member = next(m for m in vault.policy.members if m.name == SUPERVISOR.name)
        new = NewMember("Nina New", SUPERVISOR.password, "supervisor", "sales")
        vault.add_member(new, draft(vault))
        vault.remove_member(
            next(m for m in vault.policy.members if m.name == "Nina New").id, draft(vault)
        )
        assert member

    pair.there.as_administrator(change)
    with pytest.raises(InvalidInput, match="listeners that have changed"):
        pair.take_in(package)
    pair.there.sync()
    pair.here.sync()
    assert pair.state() == (SendState.REFUSED, PackageRefusal.LISTENERS_CHANGED)


def test_weeks_offline_lose_nothing(pair: Pair):
    pair.offer()
    pair.here.sync()
    pair.give()
    assert "cannot be reached" in pair.here.sync([Fault.LOST] * 99)
    assert pair.state()[0] is SendState.WAITING
    assert len(files(pair.here)) == 1
    assert pair.here.sync() == ""
    assert pair.state()[0] is SendState.SENT


def test_an_address_that_ended_meanwhile_is_said(pair: Pair):
    pair.offer()
    pair.here.sync()
    pair.give()
    for station in (pair.here, pair.there):
        station.clock.advance(8 * 86_400)
    pair.server.now += timedelta(days=8)
    pair.here.sync()
    assert pair.state() == (SendState.REFUSED, PackageRefusal.FOREIGN)
    assert files(pair.here) == []
    assert pair.here.vault.correspondents() == []


def test_what_nobody_fetched_ends(pair: Pair):
    pair.sent()
    pair.there.sync()
    for station in (pair.here, pair.there):
        station.clock.advance(8 * 86_400)
    pair.server.now += timedelta(days=8)
    pair.here.sync()
    assert pair.state() == (SendState.ENDED, PackageRefusal.NONE)
    assert pair.there.vault.waiting_packages() == []
    pair.there.sync()
    assert files(pair.there) == []
    assert log(pair.there, Action.RECORDING_RECEIVED)[0][1]["why"].startswith("Nobody took it in")


class Cut:
    """A network that ends after some chunks."""

    def __init__(self, inner: httpx.BaseTransport, method: str, after: int) -> None:
        self.inner, self.method, self.left = inner, method, after
        self.chunks: list[int] = []

    def __call__(self, request: httpx.Request, response: httpx.Response) -> httpx.Response:
        if "/chunks/" in request.url.path and request.method == self.method:
            if not self.left:
                raise httpx.ReadTimeout("no answer", request=request)
            self.left -= 1
            self.chunks.append(int(request.url.path.rpartition("/")[2]))
        return response


@pytest.mark.parametrize("method", ["PUT", "GET"])
def test_what_was_cut_off_goes_on_where_it_was(pair: Pair, method: str):
    pair.recording = pair.record(LONG)
    pair.offer()
    pair.here.sync()
    pair.give()
    station = pair.here if method == "PUT" else pair.there
    if method == "GET":
        pair.here.sync()
    honest = pair.server.transport
    cut = Cut(honest, method, 2)
    pair.server.transport = LyingTransport(honest, cut)  # type: ignore[assignment]
    assert "cannot be reached" in station.sync()
    if method == "GET":
        assert [name[-5:] for name in files(station)] == [".part"]
        assert pair.there.vault.waiting_packages() == []
    again = Cut(honest, method, 99)
    pair.server.transport = LyingTransport(honest, again)  # type: ignore[assignment]
    assert station.sync() == ""
    assert cut.chunks == [0, 1]
    # The third PUT had arrived; its answer had not.
    assert again.chunks[0] == (3 if method == "PUT" else 2)
    pair.server.transport = honest
    pair.there.sync()
    pair.take_in(pair.here.vault.sent_packages()[0].package)
    assert pair.heard(pair.there) == LONG


def test_half_a_chunk_on_the_disk_is_fetched_again(pair: Pair):
    pair.recording = pair.record(LONG)
    package = pair.sent()
    honest = pair.server.transport
    pair.server.transport = LyingTransport(honest, Cut(honest, "GET", 2))  # type: ignore[assignment]
    pair.there.sync()
    pair.server.transport = honest
    part = pair.there.rig.profile.incoming / f"{package}.part"
    with part.open("r+b") as file:
        file.truncate(CHUNK + 77)
    assert pair.there.sync() == ""
    pair.take_in(package)
    assert pair.heard(pair.there) == LONG


def test_a_full_disk_is_said_and_tried_again(pair: Pair):
    package = pair.sent()
    pair.there.sync()
    [waiting] = pair.there.rig.profile.incoming.iterdir()
    target = payload_path(pair.there.rig.profile.recordings, pair.recording).parent
    target.mkdir(exist_ok=True)
    target.rmdir()
    target.write_bytes(b"in the way")
    with pytest.raises((StorageFailed, OSError)):
        pair.take_in(package)
    target.unlink()
    assert waiting.exists()
    pair.take_in(package)
    assert pair.heard(pair.there) == AUDIO


def test_a_crash_between_taking_in_and_noting_it(pair: Pair):
    package = pair.sent()
    pair.there.sync()
    [file] = pair.there.rig.profile.incoming.iterdir()
    kept = file.read_bytes()
    pair.take_in(package)
    core = pair.there.vault._stores.core  # type: ignore[attr-defined]
    with core.deeds.transaction() as connection:
        connection.execute("UPDATE incoming_packages SET state = 'waiting'")
    file.write_bytes(kept)
    with pytest.raises(InvalidInput, match="here already"):
        pair.take_in(package)
    pair.there.sync()
    pair.here.sync()
    assert pair.state() == (SendState.TAKEN_IN, PackageRefusal.NONE)


def test_a_crash_while_sealing_leaves_nothing(pair: Pair):
    pair.offer()
    pair.here.sync()
    pair.here.rig.profile.outgoing.mkdir()
    for name in (f"{new_id()}.{pair.recording}", ".new-abc"):
        (pair.here.rig.profile.outgoing / name).write_bytes(b"half")
    pair.here.sync()
    assert files(pair.here) == []


def test_a_restored_backup_has_no_sealed_files(pair: Pair):
    pair.offer()
    pair.here.sync()
    pair.give()
    for file in pair.here.rig.profile.outgoing.iterdir():
        file.unlink()
    pair.here.sync()
    assert pair.state()[0] is SendState.ENDED


def test_sealing_that_is_given_up_leaves_nothing(pair: Pair):
    pair.recording = pair.record(AUDIO * 200)
    pair.offer()
    pair.here.sync()
    vault = pair.here.vault
    [to] = vault.correspondents()
    job = vault.begin_sending(pair.recording, to, draft(vault, Action.RECORDING_HANDED_OVER))
    assert not job.step()
    assert pair.here.sync() == "", "a round in the middle leaves it alone"
    del job
    assert files(pair.here) == []
    assert vault.sent_packages() == []


def test_too_large_ones_stay(pair: Pair):
    pair.offer()
    pair.here.sync()
    path = payload_path(pair.here.rig.profile.recordings, pair.recording)
    with path.open("r+b") as file:
        file.truncate(LARGEST_PACKAGE)
    with pytest.raises(InvalidInput, match="too large"):
        pair.give()


def test_one_whose_endorsement_was_withdrawn_is_not_sent_to(pair: Pair):
    pair.offer()
    pair.here.sync()
    [to] = pair.here.vault.correspondents()
    pair.here.withdraw(DeviceId(pair.there.vault.device))
    vault = pair.here.vault
    assert vault.correspondents() == []
    with pytest.raises(InvalidInput, match="endorsed"):
        vault.begin_sending(pair.recording, to, draft(vault)).step()
    assert files(pair.here) == []


# what a lying server may try -----------------------------------------------------------------

Lie = Callable[[httpx.Request, httpx.Response], httpx.Response]


def lied(pair: Pair, station: Station, lie: Lie) -> str:
    """Let the server lie for one round; what else waits is done all the same."""
    # Something else that waits: it is confirmed whatever the lie is about.
    vault = station.vault
    vault.append_audit(draft(vault, Action.CONTACT_READ))
    honest = pair.server.transport
    pair.server.transport = LyingTransport(honest, lie)  # type: ignore[assignment]
    try:
        said = station.sync()
    finally:
        pair.server.transport = honest
    confirmed = pair.server.head(vault.device).frontier.size
    assert confirmed >= vault.audit_count(AuditFilter()) - 3
    return said


def changed(part: str, change: Callable[[dict], object], method: str = "GET") -> Lie:
    def lie(request: httpx.Request, response: httpx.Response) -> httpx.Response:
        if part not in request.url.path or request.method != method or response.status_code != 200:
            return response
        if "/chunks/" in request.url.path or request.url.path.count("/") > 2:
            return response
        return httpx.Response(200, json=change(response.json()))

    return lie


def chunked(change: Callable[[bytes], bytes]) -> Lie:
    def lie(request: httpx.Request, response: httpx.Response) -> httpx.Response:
        if "/chunks/" not in request.url.path or request.method != "GET":
            return response
        return httpx.Response(200, content=change(response.content))

    return lie


def misbehaved(station: Station) -> int:
    return station.vault.audit_count(AuditFilter(action=Action.SERVER_MISBEHAVED))


def packages(change: Callable[[dict], None]) -> Callable[[dict], object]:
    def work(answer: dict) -> object:
        for one in answer["packages"]:
            change(one)
        return answer

    return work


@pytest.mark.parametrize(
    ("lie", "why"),
    [
        (chunked(lambda data: data[:-1]), "shorter than it announced"),
        (chunked(lambda data: data + b"x"), "too large"),
        (chunked(lambda data: data * 100), "too large"),
        (chunked(lambda data: data[:50] + bytes([data[50] ^ 1]) + data[51:]), "was announced"),
        (
            changed("/packages", packages(lambda one: one.update(sha256="0" * 64))),
            "was announced",
        ),
        (
            changed("/packages", packages(lambda one: one.update(receiver=new_id()))),
            "packages of other workstations",
        ),
        (
            changed("/packages", packages(lambda one: one.update(package="../../../x"))),
            "malformed",
        ),
        (changed("/packages", packages(lambda one: one.update(sha256="..")), ), "malformed"),
        (changed("/packages", packages(lambda one: one.update(size=0))), "malformed"),
        (changed("/packages", packages(lambda one: one.update(ends_at="soon"))), "malformed"),
        (changed("/packages", packages(lambda one: one.update(received=99))), "parts"),
        (changed("/packages", lambda _answer: {"packages": 7}), "cannot be read"),
        (
            changed("/packages", lambda answer: {"packages": answer["packages"] * 201}),
            "far too many",
        ),
        (changed("/addresses", lambda _answer: {"addresses": [], "more": True}), "promises"),
        (
            changed(
                "/addresses",
                lambda _answer: {
                    "addresses": [{"device": "x", "digest": "y", "ends_at": "z"}], "more": False,
                },
            ),
            "list of addresses",
        ),
    ],
)  # fmt: skip
def test_a_server_that_lies_about_packages_is_refused(pair: Pair, lie: Lie, why: str):
    pair.sent()
    assert why in lied(pair, pair.there, lie)
    assert misbehaved(pair.there) == 1
    about_addresses = why == "promises" or "list of addresses" in why
    came = pair.there.vault.waiting_packages()
    assert len(came) == about_addresses, "whatever else there is goes on"
    assert not [p for p in pair.there.rig.profile.vault.parent.rglob("x") if p.is_file()]


def test_it_is_written_to_the_log_once_while_it_lasts(pair: Pair):
    pair.sent()
    lie = chunked(lambda data: data[:-1])
    honest = pair.server.transport
    pair.server.transport = LyingTransport(honest, lie)  # type: ignore[assignment]
    loop_rounds(pair, pair.there, 3)
    assert misbehaved(pair.there) == 1
    pair.server.transport = honest
    assert pair.there.sync() == ""
    assert len(pair.there.vault.waiting_packages()) == 1


def loop_rounds(pair: Pair, station: Station, count: int) -> None:
    """Run rounds of one loop, as the program does."""

    def connect(known) -> SyncClient:
        return SyncClient(known.url, known.device_token, transport=pair.server.transport)

    loop = SyncLoop(station.vault, DirectLane(), Bus(), station.clock, connect=connect)
    for _ in range(count):
        loop.run_round()


def test_a_package_larger_than_any_is_not_fetched(pair: Pair):
    package = pair.sent()
    lied(
        pair,
        pair.there,
        changed("/packages", packages(lambda one: one.update(size=LARGEST_PACKAGE + 1))),
    )
    assert files(pair.there) == []
    result, detail = log(pair.there, Action.RECORDING_RECEIVED)[0]
    assert (result, detail["package"]) == ("refused", package)
    assert "larger" in detail["why"]


def test_a_package_of_a_stranger_is_not_fetched(pair: Pair):
    pair.sent()
    pair.there.withdraw(pair.here.vault.device)
    pair.there.sync()
    assert files(pair.there) == []
    assert "Nobody has endorsed" in log(pair.there, Action.RECORDING_RECEIVED)[0][1]["why"]
    pair.here.sync()
    assert pair.state() == (SendState.REFUSED, PackageRefusal.STRANGER)


def test_one_package_in_place_of_another_is_refused(pair: Pair):
    """Another one for this workstation, under the number, size and hash of the first."""
    pair.sent()
    second = pair.record(AUDIO)
    other = pair.give(second)
    pair.here.sync()
    first = next(p.package for p in pair.here.vault.sent_packages() if p.package != other)
    kept: dict[str, tuple[int, str]] = {}

    def swap(request: httpx.Request, response: httpx.Response) -> httpx.Response:
        path = request.url.path
        if path == "/v1/packages" and request.method == "GET":
            answer = response.json()
            kept.update({p["package"]: (p["size"], p["sha256"]) for p in answer["packages"]})
            ones = [p for p in answer["packages"] if p["package"] == first]
            for one in ones:
                one["size"], one["sha256"] = kept[other]
            return httpx.Response(200, json={"packages": ones})
        if f"{first}/chunks" in path:
            url = request.url.copy_with(path=path.replace(first, other))
            passed = httpx.Request("GET", url, headers=request.headers)
            return pair_transport.handle_request(passed)
        return response

    pair_transport = pair.server.transport
    lied(pair, pair.there, swap)
    with pytest.raises(InvalidInput, match="another package"):
        pair.take_in(first)
    assert log(pair.there, Action.RECORDING_RECEIVED) == [], "the use case writes the refusal"
    assert files(pair.there) == []
    assert list(pair.there.vault.recordings(RecordingFilter(), 9, 0)) == []


def test_a_package_that_was_taken_in_is_not_fetched_again(pair: Pair):
    """Offered anew under its number: told again. Under another number: refused by its content."""
    package = pair.sent()
    pair.there.sync()
    [file] = pair.there.rig.profile.incoming.iterdir()
    sealed = file.read_bytes()
    pair.take_in(package)
    pair.there.sync()
    again, asked = new_id(), []

    def replay(name: str) -> Lie:
        def lie(request: httpx.Request, response: httpx.Response) -> httpx.Response:
            path = request.url.path
            if path == "/v1/packages" and request.method == "GET":
                one = {
                    "package": name, "sender": pair.here.vault.device,
                    "receiver": pair.there.vault.device, "size": len(sealed),
                    "sha256": hashlib.sha256(sealed).hexdigest(), "received": 1,
                    "ends_at": "2099-01-01T00:00:00.000000Z", "receipt": "",
                }  # fmt: skip
                return httpx.Response(200, json={"packages": [one]})
            if f"{name}/chunks/" in path:
                asked.append(name)
                return httpx.Response(200, content=sealed)
            return response

        return lie

    assert lied(pair, pair.there, replay(package)) == ""
    assert asked == []
    assert lied(pair, pair.there, replay(again)) == ""
    assert asked == [again]
    with pytest.raises(SoftphoneError, match="another package"):
        pair.take_in(again)
    assert files(pair.there) == []
    # And it does not begin from the beginning with every round.
    lied(pair, pair.there, replay(again))
    assert asked == [again]


def test_a_receipt_that_the_receiver_did_not_sign_is_refused(pair: Pair):
    package = pair.sent()
    pair.there.sync()
    forged = "softphone hand-over receipt v1\n{}\n\n— x AAAA\n"

    def claim(text: str) -> Callable[[dict], None]:
        return lambda one: one.update(outcome="taken_in", receipt=text)

    assert "receipt" in lied(pair, pair.here, changed("/packages", packages(claim(forged))))
    # Nor one that is true of another package.
    pair.take_in(package)
    [done] = pair.there.vault.relay_settled()
    core = pair.here.vault._stores.core  # type: ignore[attr-defined]
    with core.deeds.transaction() as connection:
        connection.execute("UPDATE outgoing_packages SET package = ?", (new_id(),))
    [one] = pair.here.vault.sent_packages()
    with pytest.raises(SoftphoneError, match="another package"):
        pair.here.vault.note_receipt(one.package, done.receipt)
    assert pair.state()[0] is SendState.SENT


def test_addresses_that_do_not_hold_are_refused(pair: Pair):
    pair.offer()
    pair.offer(pair.other)
    device = pair.there.vault.device
    own = pair.there.vault.relay_own_addresses()[0]
    foreign = pair.other.vault.relay_own_addresses()[0]
    tried = {
        "another": (own.replace('"sales"', '"sellers"'), "not that of the workstation"),
        "foreign": (foreign, "another workstation"),
        "nonsense": ("nonsense", "of another kind"),
    }
    for text, why in tried.values():
        digest = hashlib.sha256(text.encode()).hexdigest()

        def lie(
            request: httpx.Request, response: httpx.Response, *, text=text, digest=digest
        ) -> httpx.Response:
            path = request.url.path
            if path == "/v1/addresses" and request.method == "GET":
                one = {
                    "device": device, "digest": digest, "ends_at": "2099-01-01T00:00:00.000000Z",
                }  # fmt: skip
                return httpx.Response(200, json={"addresses": [one], "more": False})
            return httpx.Response(200, text=text) if path.endswith(digest) else response

        before = misbehaved(pair.here)
        assert why in lied(pair, pair.here, lie)
        assert misbehaved(pair.here) == before + 1
        assert pair.here.vault.correspondents() == []

    def other_text(request: httpx.Request, response: httpx.Response) -> httpx.Response:
        if request.url.path.startswith("/v1/addresses/"):
            return httpx.Response(200, text=foreign)
        return response

    assert "not the one that was offered" in lied(pair, pair.here, other_text)
    assert pair.here.sync() == ""
    assert len(pair.here.vault.correspondents()) == 2


def test_an_address_of_a_stranger_is_not_even_asked_for(pair: Pair):
    pair.offer()
    pair.here.withdraw(pair.there.vault.device)
    asked: list[str] = []

    def listen(request: httpx.Request, response: httpx.Response) -> httpx.Response:
        asked.append(request.url.path)
        return response

    assert lied(pair, pair.here, listen) == ""
    assert [path for path in asked if path.startswith("/v1/addresses/")] == []
    assert pair.here.vault.correspondents() == []


def test_a_server_that_confirms_what_it_does_not_keep_is_refused(pair: Pair):
    pair.offer()
    pair.here.sync()
    pair.give()

    def lie(request: httpx.Request, response: httpx.Response) -> httpx.Response:
        if "/chunks/" in request.url.path:
            return httpx.Response(200, json={"received": 0})
        return response

    assert "does not keep" in lied(pair, pair.here, lie)
    assert len(files(pair.here)) == 1
    assert pair.here.sync() == ""
    assert pair.state()[0] is SendState.SENT


def test_a_server_that_lost_it_is_said(pair: Pair):
    pair.sent()
    lied(pair, pair.here, changed("/packages", lambda _answer: {"packages": []}))
    assert pair.state()[0] is SendState.ENDED


def test_a_server_of_before_is_left_alone(pair: Pair):
    pair.offer()
    asked: list[str] = []

    def older(request: httpx.Request, response: httpx.Response) -> httpx.Response:
        asked.append(request.url.path)
        if "/addresses" in request.url.path or "/packages" in request.url.path:
            return httpx.Response(404, json={"detail": "Not Found"})
        return response

    assert lied(pair, pair.here, older) == ""
    assert asked[-1] == "/v1/addresses"


def test_a_full_server_keeps_it_waiting(pair: Pair):
    pair.offer()
    pair.here.sync()
    pair.give()

    def full(request: httpx.Request, response: httpx.Response) -> httpx.Response:
        if request.method == "POST" and request.url.path == "/v1/packages":
            return httpx.Response(409, json={"error": "full", "message": "", "size": None})
        return response

    assert lied(pair, pair.here, full) == ""
    assert pair.state()[0] is SendState.WAITING

    def small(request: httpx.Request, response: httpx.Response) -> httpx.Response:
        if request.method == "POST" and request.url.path == "/v1/packages":
            return httpx.Response(413, json={"error": "too_large", "message": "", "size": None})
        return response

    lied(pair, pair.here, small)
    assert pair.state() == (SendState.REFUSED, PackageRefusal.TOO_LARGE)


def test_a_new_address_is_offered_in_place_of_the_old_one(pair: Pair):
    pair.offer()
    pair.here.sync()
    [before] = pair.here.vault.correspondents()
    pair.there.clock.advance(3600)
    pair.offer()
    pair.here.sync()
    [after] = pair.here.vault.correspondents()
    assert after.ends_at == before.ends_at + timedelta(hours=1)
    assert replace(before, ends_at=after.ends_at) == after


def test_an_address_for_listeners_of_before_is_offered_no_longer(pair: Pair):
    pair.offer()
    new = NewMember("Nina New", SUPERVISOR.password, "supervisor", "sales")

    def change(vault) -> None:
        vault.add_member(new, draft(vault))
        vault.remove_member(
            next(m for m in vault.policy.members if m.name == new.name).id, draft(vault)
        )

    pair.there.as_administrator(change)
    assert pair.there.vault.own_addresses() == []
    pair.there.sync()
    pair.here.sync()
    assert pair.here.vault.correspondents() == []
