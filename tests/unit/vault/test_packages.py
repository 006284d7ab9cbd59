"""Two workstations that know each other, and a recording between them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from softphone.app.bus import Bus
from softphone.app.handing_over import HandingOver
from softphone.app.session import Session
from softphone.domain.audit import Action, AuditFilter
from softphone.domain.errors import InvalidInput, NotFound, Refused, SoftphoneError
from softphone.domain.privacy import ErasureReason
from softphone.domain.recording import SealTarget
from softphone.vault.delivery import sealed as sealed_file
from softphone.vault.journal import payload_path
from softphone.vault.package_format import MARK, Address, PackageNote, signed
from softphone.vault.packages import Packages
from softphone.vault.recipients import HybridIdentity, parse_recipient
from tests.unit.vault.rig import ADMIN, AGENT, AUDIO, SUPERVISOR, Rig, contact, draft
from tests.unit.vault.test_backup import record

NUMBER = "+493012345678"
FLEET = b"f" * 32


class Pair:
    """An agent's workstation and a supervisor's, which endorsed each other."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.agent = Rig(root / "agent", fleet_key=FLEET)
        self.supervisor = Rig(root / "supervisor", fleet_key=FLEET, clock=self.agent.clock)
        for rig in (self.agent, self.supervisor):
            rig.create(SUPERVISOR, AGENT)
        self.agent.endorse(self.supervisor.device()[1])
        self.supervisor.endorse(self.agent.device()[1])
        self.address_file, self.package = root / "address", root / "call.package"
        self.recording = record(self.agent, NUMBER)

    def at(self, rig: Rig, do: Callable[[HandingOver, object], object], member=SUPERVISOR):
        vault = rig.open(member)
        try:
            return do(HandingOver(Session(vault, rig.clock), Bus()), vault)
        finally:
            vault.close()

    def address(self) -> None:
        self.at(self.supervisor, lambda h, _v: h.address(self.address_file))

    def give(self, member=SUPERVISOR) -> None:
        def deed(h, _v):
            h.give(self.recording, self.address_file, self.package, "Training")

        self.at(self.agent, deed, member)

    def receive(self, member=SUPERVISOR) -> str:
        return self.at(self.supervisor, lambda h, _v: h.receive(self.package), member)

    def hand_over(self) -> str:
        self.address()
        self.give()
        return self.receive()

    def heard(self, rig: Rig, member=SUPERVISOR) -> bytes:
        def deed(_h, vault):
            reader = vault.open_recording(self.recording, draft(vault))
            assert reader.problem == ""
            sound = reader.read_at(0, reader.size)
            reader.close()
            return sound

        return self.at(rig, deed, member)

    def log(self, rig: Rig, action: Action) -> list[tuple[str, dict[str, str]]]:
        def deed(_h, vault):
            rows = vault.audit_rows(AuditFilter(action=action), 99, 0)
            return [(row.entry.result, row.detail) for row in rows]

        return self.at(rig, deed)

    def forge(self, change: Callable[[PackageNote], PackageNote], *, by: Rig | None = None,
              payload: bytes | None = None, mark: bytes = MARK) -> None:  # fmt: skip
        """Make the package as somebody would who holds the sender's vault, or another one."""

        def deed(_h, vault):
            core = vault._stores.core
            packages: Packages = vault._stores.packages
            to = msgspec.json.decode(self.address_file.read_text().split("\n")[1], type=Address)
            known, path = packages._sealed_for(self.recording, to)
            note = PackageNote(
                "00000000-0000-4000-8000-000000000001", core.device.device, to.device,
                to.recipient, core.clock.now(), "Ann", known,
            )  # fmt: skip
            return change(note), path.read_bytes(), to.recipient

        note, sound, recipient = self.at(self.agent, deed)
        rig = by or self.agent
        said = self.at(rig, lambda _h, vault: signed(note, vault._stores.core.device)).encode()
        with sealed_file(self.package, parse_recipient(recipient)) as file:
            file.write(mark + len(said).to_bytes(4, "big") + said)
            file.write(sound if payload is None else payload)


@pytest.fixture
def pair(tmp_path: Path) -> Pair:
    return Pair(tmp_path)


def test_a_recording_is_handed_over_and_heard_there(pair: Pair):
    assert pair.hand_over() == pair.recording
    assert pair.heard(pair.supervisor) == AUDIO
    assert pair.heard(pair.agent) == AUDIO, "it stays where it was made, too"

    def row(_h, vault):
        return vault.recording(pair.recording)

    there = pair.at(pair.supervisor, row)
    assert (there.agent_name, there.team, there.refused) == (AGENT.name, "sales", "")


def test_both_ends_are_logged_with_the_reason_and_each_other(pair: Pair):
    pair.hand_over()
    [(given, detail)] = pair.log(pair.agent, Action.RECORDING_HANDED_OVER)
    assert (given, detail["reason"], detail["device"]) == (
        "done", "Training", pair.supervisor.device()[0],
    )  # fmt: skip
    [(taken, there)] = pair.log(pair.supervisor, Action.RECORDING_RECEIVED)
    assert (taken, there["device"]) == ("done", pair.agent.device()[0])
    assert there["package"] == detail["package"]
    assert there["payload_sha256"]
    assert len(pair.log(pair.supervisor, Action.HANDOVER_ADDRESS_MADE)) == 1


def test_who_may_not_hear_it_neither_gives_nor_takes(pair: Pair):
    pair.address()
    with pytest.raises(Refused):
        pair.give(AGENT)
    assert not pair.package.exists()
    pair.give()
    with pytest.raises(Refused):
        pair.receive(AGENT)
    pair.receive()
    with pytest.raises(Refused):
        pair.heard(pair.supervisor, AGENT)
    with pytest.raises(Refused):
        pair.at(pair.supervisor, lambda h, _v: h.address(pair.address_file), AGENT)


def test_a_reason_is_asked_for(pair: Pair):
    pair.address()
    with pytest.raises(InvalidInput, match="reason"):
        pair.at(
            pair.agent, lambda h, _v: h.give(pair.recording, pair.address_file, pair.package, " ")
        )


def test_the_package_tells_a_stranger_nothing(pair: Pair):
    pair.address()
    pair.give()
    data = pair.package.read_bytes()
    for secret in (NUMBER, AGENT.name, pair.recording, "sales", "Training"):
        assert secret.encode() not in data
    assert NUMBER not in pair.address_file.read_text()


def test_an_erasure_at_the_origin_reaches_the_copy(pair: Pair):
    def ada(_h, vault):
        person = contact("Ada", NUMBER)
        vault.save_contact(person, draft(vault))
        return person.id

    person = pair.at(pair.agent, ada)
    pair.hand_over()

    def erase(_h, vault):
        vault.erase_contact(person, ErasureReason.SUBJECT_REQUEST, lambda _step: None)
        return list(vault.unsent_tombstones())

    tombstones = pair.at(pair.agent, erase)

    def apply(_h, vault):
        return [vault.apply_tombstone(t, n) for n, t in enumerate(tombstones, 1)]

    assert pair.at(pair.supervisor, apply) == [True]
    with pytest.raises(NotFound):
        pair.heard(pair.supervisor)
    assert not payload_path(pair.supervisor.profile.recordings, pair.recording).exists()
    with pytest.raises(Refused, match="erased"):
        pair.receive()
    assert pair.log(pair.supervisor, Action.RECORDING_RECEIVED)[0][0] == "refused"


def refused(pair: Pair, why: str) -> None:
    """The package is refused for this reason, in the log as well, and leaves nothing."""
    before = {p for p in pair.supervisor.profile.recordings.rglob("*") if p.is_file()}
    with pytest.raises(SoftphoneError) as caught:
        pair.receive()
    assert why in str(caught.value)
    result, detail = pair.log(pair.supervisor, Action.RECORDING_RECEIVED)[0]
    assert (result, detail["why"]) == ("refused", caught.value.why)
    assert {p for p in pair.supervisor.profile.recordings.rglob("*") if p.is_file()} == before


def test_a_second_time_is_refused(pair: Pair):
    pair.hand_over()
    refused(pair, "here already")
    assert pair.heard(pair.supervisor) == AUDIO


def test_a_deleted_recording_does_not_come_back_by_its_package(pair: Pair):
    pair.hand_over()
    pair.at(pair.supervisor, lambda _h, v: v.delete_recording(
        pair.recording, draft(v, Action.RECORDING_DELETED)))  # fmt: skip
    refused(pair, "was erased")


@pytest.mark.parametrize("at", [0, 60, 3000, -40, -1])
def test_an_altered_package_is_refused(pair: Pair, at: int):
    pair.address()
    pair.give()
    data = bytearray(pair.package.read_bytes())
    data[at] ^= 1
    pair.package.write_bytes(data)
    with pytest.raises(InvalidInput):
        pair.receive()
    assert pair.log(pair.supervisor, Action.RECORDING_RECEIVED)[0][0] == "refused"


@pytest.mark.parametrize("keep", [0, 21, 4000, -1])
def test_a_package_that_ends_early_is_refused(pair: Pair, keep: int):
    pair.address()
    pair.give()
    pair.package.write_bytes(pair.package.read_bytes()[:keep])
    with pytest.raises(InvalidInput):
        pair.receive()
    assert [p for p in pair.supervisor.profile.recordings.rglob("*") if p.is_file()] == []


def test_a_file_that_is_not_there_is_said(pair: Pair):
    pair.address()
    refused(pair, "no such file")


def later(note: PackageNote, days: int) -> PackageNote:
    return msgspec.structs.replace(note, made_at=note.made_at + timedelta(days=days))


OTHER = "00000000-0000-4000-8000-00000000abcd"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda n: msgspec.structs.replace(n, to_device=OTHER), "another workstation"),
        (
            lambda n: msgspec.structs.replace(n, made_at=n.made_at - timedelta(days=9)),
            "out of date",
        ),
        (lambda n: msgspec.structs.replace(n, made_at=n.made_at + timedelta(days=2)), "clocks"),
        (lambda n: msgspec.structs.replace(n, device=OTHER), "Nobody has endorsed"),
        (
            lambda n: msgspec.structs.replace(n, sealed=replace(n.sealed, group="listen/sales/0")),
            "listeners that have changed",
        ),
        (
            lambda n: msgspec.structs.replace(n, sealed=replace(n.sealed, tail=b"x")),
            "of another kind",
        ),
        (
            lambda n: msgspec.structs.replace(
                n,
                sealed=replace(
                    n.sealed, manifest=replace(n.sealed.manifest, recording="../../../../slots")
                ),
            ),
            "of another kind",
        ),
        (
            lambda n: msgspec.structs.replace(
                n,
                sealed=replace(
                    n.sealed, manifest=replace(n.sealed.manifest, payload_sha256="0" * 64)
                ),
            ),
            "not the one",
        ),
        (
            lambda n: msgspec.structs.replace(
                n,
                sealed=replace(
                    n.sealed,
                    manifest=replace(
                        n.sealed.manifest, payload_bytes=n.sealed.manifest.payload_bytes - 1
                    ),
                ),
            ),
            "not the one",
        ),
    ],
)
def test_what_an_endorsed_workstation_says_is_checked_all_the_same(
    pair: Pair, change: Callable[[PackageNote], PackageNote], why: str
):
    pair.address()
    pair.forge(change)
    refused(pair, why)


def test_another_workstations_signature_in_the_name_of_an_endorsed_one_is_refused(
    pair: Pair, tmp_path: Path
):
    stranger = Rig(tmp_path / "stranger", fleet_key=FLEET)
    stranger.create(SUPERVISOR)
    pair.address()
    pair.forge(lambda note: note, by=stranger)
    refused(pair, "not that of the workstation")


def test_a_stranger_that_nobody_endorsed_is_refused(pair: Pair):
    pair.address()
    pair.give()
    device = pair.agent.device()[0]

    def withdraw(_h, vault):
        vault.withdraw_device(device, draft(vault, Action.DEVICE_WITHDRAWN))

    pair.at(pair.supervisor, withdraw, ADMIN)
    refused(pair, "Nobody has endorsed")


def test_a_new_address_ends_the_one_before(pair: Pair):
    pair.address()
    pair.give()
    pair.address()
    refused(pair, "its address ended")


def test_an_address_ends_by_itself_and_its_key_is_destroyed(pair: Pair):
    pair.address()
    pair.give()
    pair.agent.clock.advance(8 * 86_400)
    refused(pair, "its address ended")

    def keys(_h, vault):
        return vault._stores.core.connection.execute("SELECT 1 FROM handover_keys").fetchall()

    assert pair.at(pair.supervisor, keys) == []
    with pytest.raises(InvalidInput, match="out of date"):
        pair.give()


def test_who_stopped_to_listen_since_the_address_was_made_hears_nothing(pair: Pair):
    pair.address()
    pair.give()

    def remove(_h, vault):
        member = next(m for m in vault.policy.members if m.name == SUPERVISOR.name)
        vault.change_member(member.id, "agent", "sales", draft(vault, Action.USER_CHANGED))

    pair.at(pair.supervisor, remove, ADMIN)
    with pytest.raises(Refused):
        pair.receive()


def test_an_address_that_was_altered_or_of_a_stranger_is_refused(pair: Pair, tmp_path: Path):
    pair.address()
    text = pair.address_file.read_text()
    mine = HybridIdentity.generate().recipient()
    told = msgspec.json.decode(text.split("\n")[1], type=Address)
    pair.address_file.write_text(text.replace(told.recipient, mine))
    with pytest.raises(InvalidInput, match="signature"):
        pair.give()
    stranger = Rig(tmp_path / "stranger", fleet_key=FLEET)
    stranger.create(SUPERVISOR)
    forged = msgspec.structs.replace(
        told, targets=(SealTarget(told.targets[0].group, "me", mine),), recipient=mine
    )
    said = pair.at(stranger, lambda _h, v: signed(forged, v._stores.core.device))
    pair.address_file.write_text(said)
    with pytest.raises(InvalidInput, match="signature"):
        pair.give()
    pair.at(stranger, lambda h, _v: h.address(pair.address_file))
    with pytest.raises(InvalidInput, match="Nobody has endorsed"):
        pair.give()
    pair.at(pair.agent, lambda h, _v: h.address(pair.address_file))
    with pytest.raises(InvalidInput, match="own"):
        pair.give()
    pair.address_file.write_text("nonsense")
    with pytest.raises(InvalidInput, match="another kind"):
        pair.give()
    assert not pair.package.exists()
    assert {r for r, _ in pair.log(pair.agent, Action.RECORDING_HANDED_OVER)} == {"refused"}


def test_what_was_altered_or_cut_off_here_is_not_handed_on(pair: Pair):
    pair.address()
    pair.recording = record(pair.agent, NUMBER, cut_off=True)
    with pytest.raises(SoftphoneError, match="cut it off"):
        pair.give()
    pair.recording = record(pair.agent, NUMBER)
    path = payload_path(pair.agent.profile.recordings, pair.recording)
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(SoftphoneError, match="exchanged or altered"):
        pair.give()


def test_a_received_recording_goes_on_to_a_third(pair: Pair, tmp_path: Path):
    pair.hand_over()
    third = Rig(tmp_path / "third", fleet_key=FLEET, clock=pair.agent.clock)
    third.create(SUPERVISOR)
    third.endorse(pair.supervisor.device()[1])
    pair.supervisor.endorse(third.device()[1])
    pair.at(third, lambda h, _v: h.address(pair.address_file))
    pair.at(
        pair.supervisor,
        lambda h, _v: h.give(pair.recording, pair.address_file, pair.package, "Complaint"),
    )
    pair.at(third, lambda h, _v: h.receive(pair.package))
    assert pair.heard(third) == AUDIO
    assert pair.at(third, lambda _h, v: v.recording(pair.recording)).agent_name == AGENT.name
