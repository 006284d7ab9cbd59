"""Workbooks of a long history, and contacts by the hundred thousand."""

from __future__ import annotations

import multiprocessing
import resource
import statistics
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil
from openpyxl import Workbook

from softphone.app.bus import Bus
from softphone.app.importing import Importing, guess_mapping
from softphone.app.session import Session
from softphone.domain.audit import Action, AuditDraft, DataCategory
from softphone.domain.contact import Contact, ContactFile
from softphone.domain.contact_import import OnDuplicate, Outcome
from softphone.domain.ids import ContactId, new_id
from softphone.export.contact_files import FileContacts
from softphone.export.workbook import ExcelWorkbookWriter
from softphone.vault.opened import OpenVault
from tests.bench.result import Figure, percentile
from tests.bench.vault_fill import SUPERVISOR, fill_calls, open_as, workstation

_MANY, _FEW = 100_000, 10_000
_RUNS = 1
_NAMES = ("Ada", "Grace", "Alan", "Edsger", "Barbara", "Donald", "Frances", "Niklaus", "Radia")
_FAMILIES = ("Lovelace", "Hopper", "Turing", "Dijkstra", "Liskov", "Knuth", "Allen", "Wirth")
_TYPED = ("ada", "ada lo", "grace hopper 7", "dij", "+4930", "+49300012", "knuth 99", "person12")


def _one_client(vault: OpenVault, count: int) -> ContactFile:
    """Fill in calls of one contact and return their file, as it is read from the vault."""
    fill_calls(vault, count)
    contact = Contact(ContactId(new_id()), "Ada Lovelace", ("+493000000001",))
    vault.save_contact(contact, AuditDraft(Action.CONTACT_SAVED, DataCategory.CONTACT))
    with vault._stores.core.deeds.transaction() as connection:
        connection.execute("UPDATE calls SET contact_id = ?", (contact.id,))
    draft = AuditDraft(Action.CONTACT_EXPORTED, DataCategory.WHOLE_RECORD, contact.id)
    return vault.contact_file(contact.id, draft)


def export_100k_s() -> dict[str, Any]:
    """Measure the workbook of 100,000 calls, beside plain openpyxl over rows in memory."""
    ours, peer = list[float](), list[float]()
    with workstation() as rig, tempfile.TemporaryDirectory() as folder:
        vault = open_as(rig, SUPERVISOR)
        file = _one_client(vault, _MANY)
        rows = [
            (
                call.started_at.replace(tzinfo=None), "UTC+00:00", call.direction.value,
                call.number, call.disposition.value, call.talk_ms / 86_400_000, call.agent_name,
                call.wrap_up, call.note, call.quality_mos, call.recording, call.call,
            )
            for call in file.calls
        ]  # fmt: skip
        for _ in range(_RUNS):
            peer.append(_plain(rows, Path(folder, "peer.xlsx")))
            ours.append(_ours(file, Path(folder, "ours.xlsx")))
        size = Path(folder, "ours.xlsx").stat().st_size / 1e6
        vault.close()
    few, many = _growth_mb(_FEW), _growth_mb(_MANY)
    value, peer_value = statistics.median(ours), statistics.median(peer)
    return Figure(
        "export_100k_s", round(value, 2), "s", "the same rows, openpyxl write-only",
        round(peer_value, 2), "lower", _RUNS,
        f"a contact's workbook of {_MANY:,} calls out of the vault, {size:.1f} MB; memory grows by "
        f"{many:.0f} MB over it, by {few:.0f} MB over {_FEW:,}",
    ).line()  # fmt: skip


def _ours(file: ContactFile, path: Path) -> float:
    began = time.perf_counter()
    ExcelWorkbookWriter().write(file, path, "Sam", datetime.now(UTC), "UTC")
    return time.perf_counter() - began


def _plain(rows: list[tuple[Any, ...]], path: Path) -> float:
    began = time.perf_counter()
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Calls")
    for row in rows:
        sheet.append(row)
    book.save(path)
    return time.perf_counter() - began


def _growth_mb(count: int) -> float:
    """Return how far the memory of a fresh process grows while it exports."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        return pool.apply(_grown, (count,))


def _grown(count: int) -> float:
    with workstation() as rig, tempfile.TemporaryDirectory() as folder:
        vault = open_as(rig, SUPERVISOR)
        file = _one_client(vault, count)
        process = psutil.Process()
        seen = [process.memory_info().rss]

        def on_row(_done: int) -> bool:
            seen.append(process.memory_info().rss)
            return True

        path = Path(folder, "ours.xlsx")
        ExcelWorkbookWriter().write(file, path, "Sam", datetime.now(UTC), "UTC", on_row=on_row)
        vault.close()
    return (max(seen) - seen[0]) / (1 << 20)


def _csv(folder: Path, count: int) -> Path:
    path = folder / "contacts.csv"
    with path.open("w", encoding="utf-8") as file:
        file.write("Name,Company,Phone,Mobile,E-mail,Tags\n")
        for n in range(count):
            name = f"{_NAMES[n % 9]} {_FAMILIES[n % 8]} {n}"
            file.write(
                f"{name},Firm {n % 500},+4930{n:08d},+49171{n:07d},person{n}@example.org,bench\n"
            )
    return path


def import_100k_s() -> dict[str, Any]:
    """Measure taking 100,000 contacts in from CSV, beside the same in 10,000."""
    many, grown = _import(_MANY)
    few, _ = _import(_FEW)
    return Figure(
        "import_100k_s", round(many, 1), "s", f"{_FEW:,} contacts, times ten", round(few * 10, 1),
        "lower", 1,
        f"{_MANY:,} rows with two numbers and an e-mail each, every one looked for among those "
        f"there, in batches that can be undone; memory grows by {grown:.0f} MB",
    ).line()  # fmt: skip


def _import(count: int) -> tuple[float, float]:
    with workstation() as rig, tempfile.TemporaryDirectory() as folder:
        path = _csv(Path(folder), count)
        vault = open_as(rig, SUPERVISOR)
        importing = Importing(Session(vault, rig.clock), Bus(), FileContacts())
        source = importing.open(path)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        began = time.perf_counter()
        report = importing.run(source, guess_mapping(source), OnDuplicate.SKIP)
        took = time.perf_counter() - began
        grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
        assert report.count(Outcome.CREATED) == count
        vault.close()
    return took, grown


def contacts_100k_ms() -> dict[str, Any]:
    """Measure a page of contacts for typed beginnings, in 100,000 and in 10,000."""
    many, few = _search(_MANY), _search(_FEW)
    return Figure(
        "contacts_100k_ms", round(percentile(many, 95), 2), "ms", f"the same in {_FEW:,}",
        round(percentile(few, 95), 2), "lower", len(many),
        f"p95 of the first 200 contacts for {len(_TYPED)} beginnings; medians "
        f"{statistics.median(many):.1f} and {statistics.median(few):.1f} ms",
    ).line()  # fmt: skip


def _search(count: int) -> list[float]:
    times: list[float] = []
    with workstation() as rig, tempfile.TemporaryDirectory() as folder:
        path = _csv(Path(folder), count)
        vault = open_as(rig, SUPERVISOR)
        importing = Importing(Session(vault, rig.clock), Bus(), FileContacts())
        source = importing.open(path)
        importing.run(source, guess_mapping(source), OnDuplicate.SKIP)
        for _ in range(5):
            for text in ("", *_TYPED):
                began = time.perf_counter()
                vault.contacts(text, 200, 0)
                times.append((time.perf_counter() - began) * 1000)
        vault.close()
    return times
