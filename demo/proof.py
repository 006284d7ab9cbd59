"""The second half: the supervisor hears, exports and erases; then everything is checked."""

from __future__ import annotations

import queue
import shutil
from pathlib import Path
from typing import Any, TypeVar

import httpx
import numpy as np
import openpyxl

from demo.capture import examine
from demo.hearing import HEARD, likeness, spoken_pcm
from demo.report import Report
from demo.stage import ADMIN, BUILD, CUSTOMER, NOTE, NUMBER, SUPERVISOR, Stage
from softphone.app.desk import Desk
from softphone.app.local_office import LocalOffice
from softphone.app.ports import RecordingFilter
from softphone.audio.player import MemoryPlayer
from softphone.compose.office import office, vault_keeper
from softphone.domain.events import Event, SyncChanged
from softphone.domain.ids import RecordingId
from softphone.paths import Profile
from softphone.sync.trust import tls_context

T = TypeVar("T")


def check_wire(stage: Stage, report: Report, path: Path) -> None:
    """Only TLS and SRTP passed between the engines, the registrar and the server."""
    ports = [stage.registrar.port, stage.server_port]
    words = ["SIP/2.0", "INVITE", NUMBER, NUMBER[1:], CUSTOMER, "Kowalska", "HTTP/1.1", NOTE]
    found = examine(path, ports, words, spoken_pcm(stage.customer_voice))
    report.figure("wire_tls_packets", found.tls_packets)
    report.figure("wire_rtp_packets", found.rtp_packets)
    report.figure("wire_sentence_likeness", round(found.heard_in_rtp, 3))
    report.check(
        "wire_is_tls_and_srtp_only",
        found.clean,
        f"{found.tls_packets} TLS and {found.rtp_packets} SRTP packets captured, nothing readable",
    )


def supervisor_acts(stage: Stage, report: Report, recording: str) -> None:
    """Listen, export, erase, sync, verify, search for remains."""
    place = office(Profile(stage.profile), "none")
    synced: queue.SimpleQueue[SyncChanged] = queue.SimpleQueue()

    def on_event(event: Event) -> None:
        if isinstance(event, SyncChanged):
            synced.put(event)

    place.bus.subscribe(on_event)
    try:
        desk = _on_lane(place, lambda: place.sign_in(SUPERVISOR, stage.passwords[SUPERVISOR]))
        _listen(stage, report, place, desk, RecordingId(recording))
        _export_and_erase(report, place, desk)
        _wait_synced(report, synced, place, desk)
        verdict = _on_lane(place, desk.audit.verify)
        report.figure("audit_entries", verdict.entries)
        report.check(
            "audit_log_verifies",
            verdict.holds and verdict.witnessed_up_to > 0,
            f"Audit log: {verdict.entries} entries hold, {verdict.witnessed_up_to} witnessed",
        )
        remains = _on_lane(
            place,
            lambda: desk.session.vault.search_remains([CUSTOMER, NUMBER, NUMBER[1:], NOTE]),
        )
        report.check("no_remains_in_the_vault", remains == 0, f"{remains} remains in the vault")
    finally:
        place.close()
    _offline(stage, report)
    _files(stage, report)


def _on_lane(place: LocalOffice, work: Any) -> Any:
    return place.lane.submit(work).result(timeout=60)


def _listen(
    stage: Stage, report: Report, place: LocalOffice, desk: Desk, recording: RecordingId
) -> None:
    player = MemoryPlayer()
    reader = _on_lane(place, lambda: desk.recordings.open(recording, "demo"))
    _on_lane(place, lambda: player.load(reader, 0))
    agent, customer = (spoken_pcm(v) for v in (stage.agent_voice, stage.customer_voice))
    left, right = player.pcm[:, 0], player.pcm[:, 1]
    own, other = likeness(left, agent), likeness(right, customer)
    crossed = max(likeness(left, customer), likeness(right, agent))
    report.figure("agent_likeness", round(own, 3))
    report.figure("customer_likeness", round(other, 3))
    report.figure("crosstalk_likeness", round(crossed, 3))
    report.check(
        "supervisor_hears_both_sides",
        min(own, other) > HEARD and crossed < HEARD / 2,
        f"Heard: agent left {own:.2f}, customer right {other:.2f}, crossed {crossed:.2f}",
    )
    report.check(
        "recording_runs_on_through_the_kill",
        len(left) / 16_000 > 10 and not _hole(left),
        f"{len(left) / 16_000:.1f} s without a hole where the window was killed",
    )
    player.unload()


def _hole(pcm: np.ndarray, seconds: float = 3.0) -> bool:
    """Whether there is a silence longer than the pauses between sentences."""
    loud = np.flatnonzero(np.abs(pcm) > 300)
    return bool(len(loud) < 2 or np.max(np.diff(loud)) > seconds * 16_000)


def _export_and_erase(report: Report, place: LocalOffice, desk: Desk) -> None:
    [contact] = _on_lane(place, lambda: desk.people.contacts("Kowalska", 10, 0))
    workbook = BUILD / "contact.xlsx"
    _on_lane(place, lambda: desk.privacy.export_contact(contact.id, workbook, place.time_zone))
    book = openpyxl.load_workbook(workbook)
    texts = {str(c.value) for s in book for row in s.iter_rows() for c in row if c.value}
    book.close()
    report.check(
        "contact_exported_to_excel",
        CUSTOMER in texts and any(NOTE in t for t in texts),
        f"Workbook with the sheets {', '.join(book.sheetnames)}",
    )
    plan = _on_lane(place, lambda: desk.privacy.plan(contact.id))
    receipt = _on_lane(place, lambda: desk.privacy.erase(contact.id))
    report.check(
        "contact_erased",
        receipt.remains_found == 0 and plan.recordings == 1 and plan.calls == 1,
        f"Erased {plan.calls} call, {plan.recordings} recording, {plan.notes} note; "
        f"receipt {receipt.erasure}",
    )
    (BUILD / "receipt.txt").write_text(
        f"Erasure {receipt.erasure}\n{receipt.executed_at.isoformat()}\n{receipt.reason}\n"
        f"{dict(receipt.counts)}\nentry {receipt.entry_index}\n\n{receipt.checkpoint}"
    )
    left = _on_lane(place, lambda: desk.recordings.page(RecordingFilter(), 10, 0))
    report.check("recording_is_gone", not left, "No recording is listed any more")


def _wait_synced(
    report: Report, synced: queue.SimpleQueue[SyncChanged], place: LocalOffice, desk: Desk
) -> None:
    for _ in range(40):
        try:
            event = synced.get(timeout=20)
        except queue.Empty:
            break
        if event.confirmed_at and not event.waiting and not event.problem:
            waiting = _on_lane(place, desk.session.vault.waiting)
            if waiting == 0:
                report.check("sync_confirmed", True, "The server confirmed everything")
                return
    report.check("sync_confirmed", False, "The server did not confirm in time")


def _offline(stage: Stage, report: Report) -> None:
    """The tombstone is on the server, and the log verifies from the command line."""
    vault = vault_keeper(Profile(stage.profile)).unlock(ADMIN, stage.passwords[ADMIN])
    try:
        enrolment = vault.enrolment()
    finally:
        vault.close()
    assert enrolment is not None  # noqa: S101 - the device was enrolled before
    answer = httpx.get(
        f"{stage.server_url}/v1/tombstones",
        params={"after": 0},
        headers={"Authorization": f"Bearer {enrolment.device_token}"},
        verify=tls_context(str(stage.authority.ca_file)),
        timeout=20,
    )
    text = answer.text
    told = answer.status_code == 200 and "art17_request" in text
    report.check(
        "tombstone_on_the_server",
        told and NUMBER not in text and CUSTOMER not in text,
        "The server holds the tombstone; it names nobody",
    )
    said = f"{SUPERVISOR}\n{stage.passwords[SUPERVISOR]}\n"
    output = stage.cli("audit", "verify", "--profile", str(stage.profile), said=said)
    report.check(
        "audit_verifies_offline", '"ok": true' in output, "softphone audit verify: the log holds"
    )


def _files(stage: Stage, report: Report) -> None:
    """No file of the profiles or of the server holds the name, the number or the note."""
    needles = [
        text.encode(code)
        for text in (CUSTOMER, NUMBER, NUMBER[1:], NOTE)
        for code in ("utf-8", "utf-16-le")
    ]
    needles.append(spoken_pcm(stage.customer_voice)[8000:8200].tobytes())
    found: list[str] = []
    folders = [stage.profile, stage.folder / "server"]
    for path in (p for folder in folders for p in folder.rglob("*") if p.is_file()):
        data = path.read_bytes()
        found += [path.name for needle in needles if needle in data]
    report.check(
        "no_plaintext_in_any_file",
        not found,
        f"Every byte of profile and server searched, found in: {', '.join(found) or 'none'}",
    )
    logs = [p for p in stage.folder.glob("*.log") if NUMBER[1:] in p.read_text("utf-8", "replace")]
    report.check("no_number_in_logs", not logs, "No log names the number")
    if not report.passed:
        for log in stage.folder.rglob("*.log"):
            shutil.copy(log, BUILD / log.name)
