"""A lying server: it can withhold, repeat and reorder erasures, but it cannot order one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from softphone.app.ports import RecordingFilter, Vault
from softphone.domain.audit import Action, AuditDraft, AuditFilter, DataCategory
from softphone.domain.errors import InvalidInput, Refused, ServerMisbehaved
from softphone.domain.ids import DeviceId, ErasureId, RecordingId, new_id
from softphone.domain.note import COSIGNATURE_V1, VerifierKey
from softphone.domain.tombstone import sign_tombstone
from softphone.vault import foreign
from softphone.vault.crypto import signer
from softphone.vault.database import open_database
from softphone.vault.migrate import migrate
from tests.contract.vault_contract import Device, a_draft
from tests.unit.vault.rig import ADMIN, SUPERVISOR, Rig, contact, draft

NUMBER = "+493012345678"


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    made = Rig(tmp_path)
    made.create(SUPERVISOR)
    return made


@pytest.fixture
def friend() -> Device:
    return Device()


@pytest.fixture
def vault(rig: Rig, friend: Device):
    rig.endorse(str(friend.key))
    opened = rig.open(ADMIN)
    yield opened
    opened.close()


@pytest.fixture
def recording(rig: Rig, vault: Vault) -> RecordingId:
    sealed = rig.seal(vault, NUMBER)
    vault.take_in(sealed, draft(vault))
    return sealed.manifest.recording


def kept(vault: Vault) -> int:
    return vault.recordings_count(RecordingFilter())


def audited(vault: Vault, action: Action) -> int:
    return vault.audit_count(AuditFilter(action=action))


LIES = [
    "another key",
    "no signature",
    "other recordings",
    "other subjects",
    "other device's name",
    "own name",
    "relayed under a friend's name",
]


def lie(kind: str, rig: Rig, vault: Vault, friend: Device, recording: RecordingId):
    other, true = Device(), friend.erase(rig.clock, RecordingId(new_id()))
    wanted = replace(true, recordings=(recording,))
    return {
        "another key": sign_tombstone(wanted, signer(other.seed)),
        "no signature": replace(wanted, signature=""),
        "other recordings": wanted,
        "other subjects": replace(
            true, subjects=(vault._stores.foreign._erasures._subjects.pseudonym(NUMBER),)
        ),
        "other device's name": replace(other.erase(rig.clock, recording), device=friend.id),
        "own name": replace(other.erase(rig.clock, recording), device=vault.device),
        "relayed under a friend's name": replace(
            friend.erase(rig.clock, recording), erasure=ErasureId(new_id())
        ),
    }[kind]


@pytest.mark.parametrize("kind", LIES)
def test_a_forged_erasure_is_refused_and_audited_once(
    rig: Rig, vault: Vault, friend: Device, recording: RecordingId, kind: str
):
    forged = lie(kind, rig, vault, friend, recording)
    for _ in range(3):
        with pytest.raises(ServerMisbehaved, match="did not sign"):
            vault.apply_tombstone(forged, 7)
    assert kept(vault) == 1
    assert audited(vault, Action.SERVER_MISBEHAVED) == 1
    assert (vault.tombstone_cursor(), vault.held_back()) == (0, 0)
    # What the friend really signed at this position still comes through.
    assert vault.apply_tombstone(friend.erase(rig.clock, recording), 7)
    assert kept(vault) == 0


def test_an_invented_device_orders_nothing(rig: Rig, vault: Vault, recording: RecordingId):
    assert not vault.apply_tombstone(Device().erase(rig.clock, recording), 3)
    assert kept(vault) == 1
    assert (vault.held_back(), vault.tombstones_done()) == (1, 2)
    [row] = vault.audit_rows(AuditFilter(action=Action.TOMBSTONE_HELD), 9, 0)
    assert row.entry.result == "refused"


def test_what_waited_is_checked_against_the_key_that_was_endorsed(
    rig: Rig, vault: Vault, recording: RecordingId
):
    """The server put words into the mouth of a workstation before it was endorsed."""
    honest = Device()
    forged = replace(Device().erase(rig.clock, recording), device=honest.id)
    true = honest.erase(rig.clock, RecordingId(new_id()))
    assert not vault.apply_tombstone(forged, 3)
    assert not vault.apply_tombstone(true, 4)
    vault.endorse_device(str(honest.key), "", a_draft(Action.DEVICE_ENDORSED))
    assert (kept(vault), vault.held_back(), vault.tombstones_done()) == (1, 0, 4)
    assert audited(vault, Action.SERVER_MISBEHAVED) == 1


def test_a_flood_of_unknown_devices_is_refused(
    rig: Rig, vault: Vault, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(foreign, "MOST_HELD", 3)
    held = [Device().erase(rig.clock, RecordingId(new_id())) for _ in range(4)]
    for position, one in enumerate(held[:3], 1):
        vault.apply_tombstone(one, position)
    with pytest.raises(ServerMisbehaved, match="more erasures"):
        vault.apply_tombstone(held[3], 4)
    vault.apply_tombstone(held[0], 1)
    assert (vault.held_back(), vault.tombstone_cursor()) == (3, 3)


def test_an_older_copy_gets_its_own_erasures_back(
    rig: Rig, vault: Vault, friend: Device, recording: RecordingId
):
    device = vault._stores.core.device
    own = replace(friend.erase(rig.clock, recording), device=device.id)
    assert vault.apply_tombstone(sign_tombstone(own, signer(device.log_key)), 2)
    assert kept(vault) == 0


def test_what_was_endorsed_survives_a_sign_out_and_what_waits_too(
    rig: Rig, vault: Vault, friend: Device, recording: RecordingId
):
    vault.apply_tombstone(Device().erase(rig.clock, recording), 3)
    vault.close()
    again = rig.open(SUPERVISOR)
    assert again.held_back() == 1
    assert again.policy.device(friend.id) is not None
    assert again.apply_tombstone(friend.erase(rig.clock, recording), 4)
    again.close()


def keys_that_endorse_nothing(vault: Vault) -> dict[str, str]:
    device = DeviceId(new_id())
    weak = VerifierKey(f"softphone/{device}", bytes(32))
    return {
        "malformed": "softphone/x+00+AQ==",
        "own": vault.log_key,
        "weak": str(weak),
        "witness": str(VerifierKey(f"softphone/{device}", b"k" * 32, COSIGNATURE_V1)),
        "no device": str(VerifierKey("softphone/somebody", b"k" * 32)),
        "another program": str(VerifierKey(f"other/{device}", b"k" * 32)),
    }


@pytest.mark.parametrize(
    "kind", ["malformed", "own", "weak", "witness", "no device", "another program"]
)
def test_a_key_that_cannot_be_believed_is_not_endorsed(vault: Vault, kind: str):
    before = vault.policy
    with pytest.raises(InvalidInput):
        vault.endorse_device(
            keys_that_endorse_nothing(vault)[kind], "", a_draft(Action.DEVICE_ENDORSED)
        )
    assert vault.policy == before


def test_only_the_policy_key_endorses(rig: Rig, vault: Vault, recording: RecordingId):
    vault.close()
    supervisor = rig.open(SUPERVISOR)
    with pytest.raises(Refused, match="policy"):
        supervisor.endorse_device(str(Device().key), "", a_draft(Action.DEVICE_ENDORSED))
    supervisor.close()


def test_endorsing_a_device_again_replaces_its_key(vault: Vault, friend: Device):
    renewed = Device()
    renewed.key = VerifierKey(f"softphone/{friend.id}", renewed.key.public_key)
    vault.endorse_device(str(renewed.key), "new", a_draft(Action.DEVICE_ENDORSED))
    [only] = vault.policy.devices
    assert (only.device, only.log_key) == (friend.id, str(renewed.key))


def test_a_vault_from_before_the_quarantine_is_brought_up_to_date(tmp_path: Path):
    source = Path(foreign.__file__).parent / "migrations" / "0001.sql"
    connection = open_database(tmp_path / "old.db", b"k" * 32)
    connection.executescript(f"BEGIN; {source.read_text()} PRAGMA user_version=1; COMMIT;")
    connection.execute("INSERT INTO seen_tombstones VALUES ('x', 4)")
    assert migrate(connection) >= 2
    assert connection.execute("SELECT count(*) FROM held_tombstones").fetchone() == (0,)
    assert connection.execute("SELECT position FROM seen_tombstones").fetchone() == (4,)
    connection.close()


def test_a_policy_without_devices_is_signed_as_before(rig: Rig):
    opened = rig.open(ADMIN)
    note = opened._stores.core.connection.execute("SELECT note FROM policies").fetchone()[0]
    assert '"devices"' not in note
    opened.save_contact(contact(), AuditDraft(Action.CONTACT_SAVED, DataCategory.CONTACT))
    opened.close()
