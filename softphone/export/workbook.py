"""A contact's whole file as one Excel workbook (GDPR Art. 15 and 20)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from softphone.app.ports import OnRow, OpenFile
from softphone.domain.contact import ContactFile, HistoryEntry
from softphone.domain.errors import Cancelled
from softphone.export.consent_sheets import consents_sheet, informed_sheet, requests_sheet
from softphone.export.memory_xlsx import TEXT_LIMIT, StreamedWorkbook, Value, clean
from softphone.export.times import Rows, Sheet, Zone, length, zone_of
from softphone.paths import private_file

_EVERY = 500
"""Rows between two looks at whether to go on."""


class ExcelWorkbookWriter:
    """Writes contact files as ``.xlsx``; a ``WorkbookWriter``."""

    def write(
        self,
        data: ContactFile,
        destination: Path,
        exported_by: str,
        exported_at: datetime,
        time_zone: str,
        *,
        delivery: OpenFile | None = None,
        on_row: OnRow = lambda _done: True,
    ) -> None:
        """Write atomically with mode 0600; texts never become formulas.

        Nothing but the finished file touches the disk, and memory does not grow with the rows.
        Raises StorageFailed; InvalidInput for an unknown time zone; Cancelled.
        """
        zone = zone_of(time_zone)
        sealed = delivery is not None
        with delivery or private_file(destination) as file, StreamedWorkbook(file) as workbook:
            properties = workbook.book.properties
            properties.creator = clean(exported_by)
            properties.title = "Contact file"
            naive_utc = (exported_at - (exported_at.utcoffset() or timedelta())).replace(
                tzinfo=None
            )
            properties.created = properties.modified = naive_utc
            counted = _Counted(on_row)
            totals = _Totals()
            for title, columns, rows in (
                _contact(data, zone),
                _calls(data, zone, totals),
                _recordings(data, zone),
                _notes(data, zone),
                _scores(data, zone),
                consents_sheet(data, zone),
                informed_sheet(data, zone),
                requests_sheet(data, zone),
                _accesses(data, zone),
                _properties(exported_by, exported_at, zone, sealed=sealed),
            ):
                workbook.table(title, columns, counted.rows(rows))
            # Known once the calls were written; a long history is read only once.
            title, columns, rows = _summary(data, zone, totals)
            workbook.table(title, columns, rows, first=True)
            counted.end()


@dataclass(slots=True)
class _Totals:
    """What the summary says of the calls; times are UTC."""

    talk_ms: int = 0
    first: datetime | None = None
    last: datetime | None = None

    def add(self, call: HistoryEntry) -> HistoryEntry:
        """Count a call and pass it on."""
        self.talk_ms += call.talk_ms
        self.first = min(self.first or call.started_at, call.started_at)
        self.last = max(self.last or call.started_at, call.started_at)
        return call


class _Counted:
    """Tells how many rows were written, now and then and at the end, and stops when asked to."""

    def __init__(self, on_row: OnRow) -> None:
        self._on_row = on_row
        self._done = 0

    def rows(self, rows: Rows) -> Iterator[Sequence[Value]]:
        for row in rows:
            yield row
            self._done += 1
            if self._done % _EVERY == 0:
                self.end()

    def end(self) -> None:
        """Tell how many rows there are. Raises Cancelled when that was the word."""
        if not self._on_row(self._done):
            raise Cancelled("The export was cancelled.")


def _summary(data: ContactFile, zone: Zone, totals: _Totals) -> Sheet:
    rows: Rows = [
        ("Name", data.contact.name),
        ("Calls", len(data.calls)),
        ("Talk time", length(totals.talk_ms)),
        (zone.titled("First call"), zone.local(totals.first)),
        (zone.titled("Last call"), zone.local(totals.last)),
        ("Recordings", len(data.recordings)),
        ("Recorded time", length(sum(length for _, _, length in data.recordings))),
        ("Notes", len(data.notes)),
        ("Reviews", len(data.scores)),
        ("Changes of legal bases", len(data.consents)),
        ("Informed", len(data.informed)),
        ("Requests", len(data.requests)),
        ("Accesses", len(data.accesses)),
    ]
    return "Summary", [("What", 34), ("Value", 40)], rows


def _contact(data: ContactFile, zone: Zone) -> Sheet:
    contact = data.contact
    rows: Rows = [
        ("Name", contact.name),
        ("Kind", contact.kind.value),
        ("Company", contact.company),
        *(("E-mail", email) for email in contact.emails or ("",)),
        ("Language", contact.language),
        *((f"Number, {label}" if label else "Number", n) for n, label in contact.labelled),
        ("Tags", ", ".join(contact.tags)),
        *(("On do-not-call list", title) for title in data.do_not_call),
        (zone.titled("Kept since"), zone.local(contact.created_at)),
        ("Identifier", contact.id),
    ]
    return "Contact", [("What", 34), ("Value", 44)], rows


def _calls(data: ContactFile, zone: Zone, totals: _Totals) -> Sheet:
    columns = [
        *((zone.titled("Started"), 22), ("Offset", 11), ("Direction", 11), ("Number", 22)),
        *(("How it ended", 14), ("Talk time", 11), ("Agent", 24), ("About", 24)),
        *(("Note", 50), ("Estimated MOS", 10), ("Recording", 38), ("Call", 38)),
    ]
    rows = (
        (
            zone.local(call.started_at),
            zone.offset(call.started_at),
            call.direction.value,
            call.number,
            call.disposition.value.replace("_", " "),
            length(call.talk_ms),
            call.agent_name,
            call.wrap_up,
            call.note,
            call.quality_mos,
            call.recording,
            call.call,
        )
        for call in map(totals.add, data.calls)
    )
    return "Calls", columns, rows


def _recordings(data: ContactFile, zone: Zone) -> Sheet:
    columns = [(zone.titled("Started"), 22), ("Offset", 11), ("Length", 11), ("Recording", 38)]
    rows = (
        (zone.local(start), zone.offset(start), length(length_ms), recording)
        for recording, start, length_ms in data.recordings
    )
    return "Recordings", columns, rows


def _notes(data: ContactFile, zone: Zone) -> Sheet:
    columns = [
        *((zone.titled("Written"), 22), ("Offset", 11), ("Author", 24), ("Text", 80)),
        *(("At", 11), ("Call", 38), ("Recording", 38)),
    ]
    rows = (
        (
            zone.local(note.written_at),
            zone.offset(note.written_at),
            note.author_name,
            part,
            None if note.at_ms is None else length(note.at_ms),
            note.call,
            note.recording,
        )
        for note in data.notes
        for part in _parts(note.text)
    )
    return "Notes", columns, rows


def _scores(data: ContactFile, zone: Zone) -> Sheet:
    columns = [
        *((zone.titled("When"), 22), ("Offset", 11), ("Reviewer", 28), ("Question", 60)),
        *(("Points", 9), ("Of", 9), ("Recording", 38)),
    ]
    rows = (
        (
            zone.local(card.at),
            zone.offset(card.at),
            card.reviewer_name,
            answer.question,
            answer.points,
            answer.most,
            card.recording,
        )
        for card in data.scores
        for answer in card.answers
    )
    return "Reviews", columns, rows


def _accesses(data: ContactFile, zone: Zone) -> Sheet:
    columns = [
        *((zone.titled("When"), 22), ("Offset", 11), ("Who", 28), ("What", 34), ("Result", 12)),
    ]
    rows = (
        (
            zone.local(access.when),
            zone.offset(access.when),
            access.who,
            access.action,
            access.result,
        )
        for access in data.accesses
    )
    return "Who accessed", columns, rows


def _properties(exported_by: str, exported_at: datetime, zone: Zone, *, sealed: bool) -> Sheet:
    protection = (
        "It was handed out sealed (age). Once opened, keep it as safe as the person it is about."
        if sealed
        else "This file is not encrypted. Keep it as safe as the person it is about."
    )
    rows: Rows = [
        ("Exported by", exported_by),
        (zone.titled("Exported"), zone.local(exported_at)),
        ("Offset", zone.offset(exported_at)),
        ("Content", "Everything kept about one contact on this workstation"),
        ("Times", f"All times are in {zone.name}; the offset to UTC stands beside each."),
        ("Protection", protection),
    ]
    return "Properties", [("What", 34), ("Value", 70)], rows


def _parts(text: str) -> list[str]:
    """Split a text that is longer than a cell: nothing may be missing from the answer."""
    return [text[i : i + TEXT_LIMIT] for i in range(0, len(text), TEXT_LIMIT)] or [""]
