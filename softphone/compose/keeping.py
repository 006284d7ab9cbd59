"""Care for the vault of a phone that is not running."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_urlsafe

from softphone.app.backups import (
    Replayed,
    backup_test,
    make_backup,
    refused,
    replay_erasures,
    tested,
)
from softphone.app.bus import Bus
from softphone.app.invitations import Invitations
from softphone.app.keys import Keys
from softphone.app.leaving import certify, tell
from softphone.app.privacy import Privacy
from softphone.app.session import Session
from softphone.compose.alone import alone
from softphone.compose.office import SystemClock, tell_server, vault_keeper
from softphone.domain.errors import EngineLost, InvalidInput, Refused
from softphone.domain.passwords import check_password
from softphone.domain.privacy import ErasedBefore
from softphone.domain.tombstone import format_time, parse_time
from softphone.engine.control import send_command
from softphone.export.documents import HtmlDocuments
from softphone.export.workbook import ExcelWorkbookWriter
from softphone.paths import Profile
from softphone.sync.client import sync_client
from softphone.vault.backup_keys import keys_file
from softphone.vault.restore_drill import examine
from softphone.vault.restoring import Restoring, Staged, erased_in
from softphone.vault.secret_store import NoSecretStore, system_secret_store


def rekey(profile: Profile, name: str, password: str) -> dict[str, object]:
    """Replace the listeners' keys, as much of it as this person may."""
    vault = vault_keeper(profile).unlock(name, password)
    try:
        done = Keys(Session(vault, SystemClock()), Bus()).replace()
    finally:
        vault.close()
    return {"ok": True, "epochs": done.epochs, "rewrapped": done.rewrapped}


def prove_erased(
    profile: Profile, receipt: Path, folders: list[Path], name: str, password: str, words: str
) -> dict[str, object]:
    """Check a receipt, and search every byte of the profile for words about the person."""
    text = HtmlDocuments().read_receipt(receipt)
    vault = vault_keeper(profile).unlock(name, password)
    try:
        privacy = Privacy(Session(vault, SystemClock()), ExcelWorkbookWriter(), Bus())
        proof = privacy.prove_erased(text, words.split(","), folders)
    finally:
        vault.close()
    return {
        "ok": proof.holds,
        "in_log": proof.in_log,
        "rows_left": proof.rows_left,
        "remains": proof.remains,
        "words_searched": proof.words_searched,
        "elsewhere": list(proof.elsewhere),
    }


def decommission(
    profile: Profile, certificate: Path, name: str, password: str
) -> dict[str, object]:
    """Give the workstation up: write the certificate, then destroy everything."""
    if certificate.is_relative_to(profile.root):
        raise InvalidInput(
            "Nothing was destroyed.",
            "The certificate would be destroyed with the profile.",
            "Name a file elsewhere.",
        )
    keeper = vault_keeper(profile)
    vault = keeper.unlock(name, password)
    try:
        session = Session(vault, SystemClock())
        text = certify(session, HtmlDocuments(), certificate)
    except BaseException:
        vault.close()
        raise
    told = tell(tell_server, session, text)
    keeper.destroy(vault)
    return {"ok": True, "certificate": str(certificate), "server_told": told}


def drill(profile: Profile, name: str, password: str, recovery_key: str) -> dict[str, object]:
    """Prove that a printed recovery key works; nothing but the log changes."""
    vault = vault_keeper(profile).unlock(name, password)
    try:
        found = Invitations(Session(vault, SystemClock()), Bus()).drill(recovery_key)
    finally:
        vault.close()
    return {"ok": True, "people": found.people, "recordings": found.recordings}


def reset_password(profile: Profile, recovery_key: str, name: str, new: str) -> dict[str, object]:
    """Reset a forgotten password by the recovery key."""
    check_password(new, (name,))
    vault_keeper(profile).recover(recovery_key, name, new).close()
    return {"ok": True}


@contextmanager
def at_rest(profile: Profile) -> Iterator[None]:
    """Work on a vault that neither the phone nor another command has open. Raises InvalidInput."""
    _refuse_running(profile)
    with alone(profile):
        yield


def _refuse_running(profile: Profile) -> None:
    try:
        send_command(profile, "state", [], within_s=5)
    except EngineLost:
        return
    raise InvalidInput(
        "Nothing was done.", "The phone is running on this profile.", "Close it first."
    )


def backup(
    profile: Profile,
    file: Path,
    name: str,
    password: str,
    *,
    keys: Path | None = None,
    days: int | None = None,
) -> dict[str, object]:
    """Write a backup for the recovery key, and the keys of its recordings apart."""
    vault = vault_keeper(profile).unlock(name, password)
    try:
        made = make_backup(Session(vault, SystemClock()), file, keys, days)
    finally:
        vault.close()
    return {
        "ok": made.damaged == 0,
        "payloads": made.payloads,
        "written": made.written,
        "damaged": made.damaged,
        "keys": str(keys or keys_file(file)),
        "keys_until": format_time(made.keys_until),
    }


def restore(
    profile: Profile,
    file: Path,
    newer: Path | None,
    *,
    without_server: bool,
    recovery_key: str,
    name: str,
    password: str,
    keys: Path | None = None,
    without_keys: bool = False,
) -> dict[str, object]:
    """Restore a backup into a new profile; erasures are carried out before it is in place."""
    check_password(password, (name,))
    restoring = Restoring(profile, SystemClock(), system_secret_store(profile.root))
    try:
        staged = restoring.unpack(
            file, recovery_key, name, password, keys=keys, without_keys=without_keys
        )
        try:
            done = _replay(staged, newer, without_server=without_server)
            lacking = {"missing_payloads": staged.missing(), **_keys_said(staged)}
        finally:
            staged.vault.close()
        restoring.put_in_place()
    finally:
        restoring.discard()
    return {
        "ok": True,
        "made_at": staged.manifest.made_at,
        **lacking,
        "device": staged.vault.device,
        "log_key": staged.vault.log_key,
        "enrol_again": staged.enrolment is not None,
        "erased_anew": done.carried_out,
        "unknown": done.unknown,
    }


def restore_drill(
    profile: Profile,
    file: Path,
    *,
    without_server: bool,
    recovery_key: str,
    name: str,
    password: str,
    keys: Path | None = None,
    without_keys: bool = False,
) -> dict[str, object]:
    """Restore a backup into a private place, check it, throw it away; nothing else changes.

    On a workstation with a vault the person signs in: the drill is logged there, and what was
    erased there since is carried out in the copy as a restore would.
    """
    keeper = vault_keeper(profile)
    own = keeper.unlock(name, password) if keeper.exists() else None
    place = Profile(profile.root.with_name(f".drill-{profile.root.name}"))
    restoring = Restoring(place, SystemClock(), NoSecretStore())
    draft = None
    try:
        draft = backup_test(Session(own, SystemClock())) if own is not None else None
        # Of the copy's password nobody learns anything: it goes with the copy.
        staged = restoring.unpack(
            file, recovery_key, name, token_urlsafe(32), keys=keys, without_keys=without_keys
        )
        try:
            newer = erased_in(profile, staged.vault) if own and own.is_copy(staged.vault) else None
            done = _replay_known(staged, newer, without_server=without_server)
            found = examine(staged, recovery_key)
            keys_said = _keys_said(staged)
        finally:
            staged.vault.close()
        if own is not None and draft is not None:
            own.append_audit(tested(draft, found))
    except Refused as error:
        if own is not None and draft is not None:
            own.append_audit(refused(draft, error))
        raise
    finally:
        restoring.discard()
        if own is not None:
            own.close()
    return {
        "ok": found.holds,
        "made_at": found.made_at,
        "recordings": found.recordings,
        "missing_payloads": found.missing,
        "altered_payloads": found.altered,
        "damaged_pages": found.damaged_pages,
        "log_entries": found.log_entries,
        "log_holds": found.log_holds,
        "people": found.people,
        "opened_by_the_recovery_key": found.opened,
        **keys_said,
        "erased_anew": done.carried_out,
        "unknown": done.unknown,
    }


def _keys_said(staged: Staged) -> dict[str, object]:
    """Return what there is to say of the keys of recordings; after the erasures."""
    keys = staged.keys
    return {
        "keys_made_at": format_time(keys.made_at) if keys.made_at else "",
        "keys_until": format_time(keys.until) if keys.until else "",
        "recordings_without_key": staged.keyless(),
        "keys_changed_since": keys.changed,
        "recordings_erased_since": keys.recordings_erased,
        "people_erased_since": keys.people_erased,
    }


def _replay(staged: Staged, newer: Path | None, *, without_server: bool) -> Replayed:
    erased = erased_in(Profile(newer.resolve()), staged.vault) if newer else None
    return _replay_known(staged, erased, without_server=without_server)


def _replay_known(staged: Staged, erased: ErasedBefore | None, *, without_server: bool) -> Replayed:
    vault = staged.vault
    made_at = parse_time(staged.manifest.made_at)
    enrolment = staged.enrolment
    if enrolment is None or without_server:
        return replay_erasures(vault, made_at, None, erased, staged.keys)
    with sync_client(enrolment) as client:
        return replay_erasures(vault, made_at, client.tombstones, erased, staged.keys)
