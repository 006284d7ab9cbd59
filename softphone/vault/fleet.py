"""The fleet's policy: signed by the key that the own policy follows, newer each time, not expired.

Trust begins in this workstation's own signed policy, which names the key (``follows``). The server
hands notes over and is believed nothing. The newest version seen is remembered outside of the
database, so that an older page put back brings no older rules back.
"""

from __future__ import annotations

from dataclasses import replace

from softphone.app.ports.fleet import FleetState
from softphone.domain.audit import Action, AuditDraft, DataCategory, Result
from softphone.domain.errors import InvalidInput, PolicyInvalid, ProofInvalid, ServerMisbehaved
from softphone.domain.fleet import fleet_part, followed
from softphone.domain.note import ED25519, parse_verifier_key, weak_key
from softphone.domain.permissions import EndorsedDevice, Policy
from softphone.vault import meta
from softphone.vault.core import Core
from softphone.vault.database import Connection
from softphone.vault.policy import anchor_key, sign_fleet_policy, verify_fleet_policy

_WAITING = "fleet-policy-waiting"
_PUBLISHES = "fleet-policy-publishes"


class FleetPolicies:
    """Takes in, keeps and hands out the fleet's policy."""

    def __init__(self, core: Core, anchor: bytes) -> None:
        self._core = core
        self._anchor = anchor
        self._rejected = ""

    def etag(self) -> str | None:
        """Return the ETag of what is kept, empty at first; None where nobody is followed."""
        if not self._core.own.follows:
            return None
        row = self._newest()
        return row[1] if row else ""

    def receive(self, note: bytes, etag: str) -> bool:
        """Put a newer policy in force. Raises ServerMisbehaved (audited once while it lasts)."""
        core = self._core
        if not core.own.follows:
            return False
        try:
            text = _text(note)
            policy = verify_fleet_policy(text, core.own.follows)
            new = self._is_new(policy, text)
        except PolicyInvalid as error:
            self._reject(error.why)
            raise ServerMisbehaved(
                "The fleet's policy was refused.", error.why, "Tell your administrator."
            ) from error
        draft = AuditDraft(
            Action.POLICY_RECEIVED,
            DataCategory.RIGHTS,
            detail={"version": str(policy.version), "of": core.own.follows},
        )
        if new:
            with core.deeds.deed(draft) as connection:
                _keep(connection, policy.version, text, etag)
            core.fleet = policy
            core.policy = followed(core.own, policy)
        else:
            with core.deeds.transaction() as connection:
                _keep(connection, policy.version, text, etag)
        self._rejected = ""
        return new

    def waiting(self) -> str:
        """Return the note that waits for the server, or an empty string."""
        value = meta.get(self._core.connection, _WAITING)
        return "" if value is None else value.decode()

    def published(self, note: str) -> None:
        """The server has this note; a newer one goes on waiting."""
        with self._core.deeds.transaction() as connection:
            connection.execute(
                "DELETE FROM meta WHERE name = ? AND value = ?", (_WAITING, note.encode())
            )

    def state(self) -> FleetState:
        """Return whose policy holds here."""
        core = self._core
        publishes = meta.get(core.connection, _PUBLISHES) is not None
        known = FleetState(str(anchor_key(self._anchor)), publishes, core.own.follows)
        if core.fleet is None:
            return known
        fleet = core.fleet
        return replace(
            known,
            version=fleet.version,
            issued_at=fleet.issued_at,
            not_after=fleet.not_after,
        )

    def checked_key(self, policy_key: str) -> str:
        """Return a policy key that can be followed, empty for none. Raises InvalidInput."""
        text = policy_key.strip()
        if not text:
            return ""
        try:
            key = parse_verifier_key(text)
        except ProofInvalid as error:
            raise _not_followed("The key is malformed.") from error
        if key.type != ED25519 or weak_key(key.public_key) or key.name != "softphone-policy":
            raise _not_followed("It is no policy key.")
        if key.public_key == self._anchor:
            raise _not_followed("It is this workstation's own key.")
        return str(key)

    def _is_new(self, policy: Policy, text: str) -> bool:
        """Whether it is newer than the one in force. Raises PolicyInvalid."""
        if policy.not_after <= self._core.clock.now():
            raise _untrusted("It expired.")
        row = self._newest()
        known = 0 if self._core.fleet is None else self._core.fleet.version
        if policy.version < known:
            raise _untrusted("It is older than the one in force.")
        if policy.version == known and row and row[0] != text:
            raise _untrusted("It is another one of the same version.")
        return policy.version > known

    def _newest(self) -> tuple[str, str] | None:
        row = self._core.connection.execute(
            "SELECT note, etag FROM fleet_policy ORDER BY version DESC LIMIT 1"
        ).fetchone()
        return None if row is None else (str(row[0]), str(row[1]))

    def _reject(self, why: str) -> None:
        if why == self._rejected:
            return
        draft = AuditDraft(
            Action.POLICY_REJECTED,
            DataCategory.RIGHTS,
            result=Result.REFUSED,
            detail={"why": why, "of": self._core.own.follows},
        )
        with self._core.deeds.deed(draft):
            self._rejected = why


def load_fleet(connection: Connection, own: Policy, last_seen: int) -> Policy | None:
    """Return the fleet's policy that is kept, None before the first one came.

    Raises PolicyInvalid for one that is not signed by the followed key, or is older than the
    newest one seen here.
    """
    if not own.follows:
        return None
    row = connection.execute(
        "SELECT note FROM fleet_policy ORDER BY version DESC LIMIT 1"
    ).fetchone()
    policy = None if row is None else verify_fleet_policy(str(row[0]), own.follows)
    if (0 if policy is None else policy.version) < last_seen:
        raise _untrusted("An older policy of the fleet was put back.")
    return policy


def forget_fleet(connection: Connection) -> None:
    """Drop what an earlier followed key signed, within the caller's transaction."""
    connection.execute("DELETE FROM fleet_policy")


def begin_publishing(connection: Connection) -> None:
    """Offer each policy to the fleet from now on, within the caller's transaction."""
    meta.put(connection, _PUBLISHES, b"1")


def offer(connection: Connection, core: Core, policy: Policy, seed: bytes) -> None:
    """Queue the fleet's part of a policy, where this workstation publishes."""
    if meta.get(connection, _PUBLISHES) is None:
        return
    own = EndorsedDevice(core.device.id, str(core.device.log_vkey))
    note = sign_fleet_policy(fleet_part(policy, own), seed)
    meta.put(connection, _WAITING, note.encode())


def _keep(connection: Connection, version: int, note: str, etag: str) -> None:
    connection.execute("DELETE FROM fleet_policy")
    connection.execute("INSERT INTO fleet_policy VALUES (?, ?, ?)", (version, note, etag))


def _text(note: bytes) -> str:
    try:
        return note.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _untrusted("It cannot be read.") from error


def _untrusted(why: str) -> PolicyInvalid:
    return PolicyInvalid(
        "The fleet's policy cannot be trusted.", why, "Ask your administrator for the newest one."
    )


def _not_followed(why: str) -> InvalidInput:
    return InvalidInput(
        "No policy was followed.", why, "Copy the key that the other workstation shows."
    )
