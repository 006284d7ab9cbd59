"""A contact's whole file as one Excel workbook (GDPR Art. 15 and 20)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from softphone.domain.contact import ContactFile
from softphone.domain.errors import InvalidInput, StorageFailed
from softphone.export.memory_xlsx import TEXT_LIMIT, MemoryWorkbook, Value, clean
from softphone.paths import write_private

Rows = list[Sequence[Value]]


@dataclass(frozen=True, slots=True)
class _Zone:
    """Times in the person's zone, as a spreadsheet can hold them (without an offset)."""

    name: str
    info: ZoneInfo

    def local(self, when: datetime | None) -> datetime | None:
        return None if when is None else when.astimezone(self.info).replace(tzinfo=None)

    def offset(self, when: datetime | None) -> str:
        """Return the offset to UTC: local times repeat when clocks go back."""
        if when is None:
            return ""
        text = when.astimezone(self.info).strftime("%z")
        return f"UTC{text[:3]}:{text[3:5]}"

    def titled(self, title: str) -> str:
        return f"{title} ({self.name})"


class ExcelWorkbookWriter:
    """Writes contact files as ``.xlsx``; a ``WorkbookWriter``."""

    def write(
        self,
        data: ContactFile,
        destination: Path,
        exported_by: str,
        exported_at: datetime,
        time_zone: str,
    ) -> None:
        """Write atomically with mode 0600; texts never become formulas.

        Nothing but the finished file touches the disk. Raises StorageFailed; InvalidInput for an
        unknown time zone.
        """
        zone = _zone(time_zone)
        workbook = MemoryWorkbook()
        properties = workbook.book.properties
        properties.creator = clean(exported_by)
        properties.title = "Contact file"
        naive_utc = (exported_at - (exported_at.utcoffset() or timedelta())).replace(tzinfo=None)
        properties.created = properties.modified = naive_utc
        for title, columns, rows in (
            _summary(data, zone),
            _contact(data, zone),
            _calls(data, zone),
            _recordings(data, zone),
            _notes(data, zone),
            _accesses(data, zone),
            _properties(exported_by, exported_at, zone),
        ):
            workbook.table(title, columns, rows)
        try:
            write_private(destination, workbook.save())
        except OSError as error:
            raise StorageFailed(
                "The workbook cannot be written.",
                "The folder is missing, full or read-only.",
                "Choose another folder.",
            ) from error


Sheet = tuple[str, list[tuple[str, int]], Rows]


def _zone(name: str) -> _Zone:
    try:
        return _Zone(name, ZoneInfo(name))
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InvalidInput(
            "The workbook cannot be written.",
            "The time zone is unknown.",
            "Choose a zone such as Europe/Berlin in Settings.",
        ) from error


def _summary(data: ContactFile, zone: _Zone) -> Sheet:
    talk_ms = sum(call.talk_ms for call in data.calls)
    starts = [call.started_at for call in data.calls]
    rows: Rows = [
        ("Name", data.contact.name),
        ("Calls", len(data.calls)),
        ("Talk time", _length(talk_ms)),
        (zone.titled("First call"), zone.local(min(starts, default=None))),
        (zone.titled("Last call"), zone.local(max(starts, default=None))),
        ("Recordings", len(data.recordings)),
        ("Recorded time", _length(sum(length for _, _, length in data.recordings))),
        ("Notes", len(data.notes)),
        ("Accesses", len(data.accesses)),
    ]
    return "Summary", [("What", 34), ("Value", 40)], rows


def _contact(data: ContactFile, zone: _Zone) -> Sheet:
    contact = data.contact
    rows: Rows = [
        ("Name", contact.name),
        ("Company", contact.company),
        ("E-mail", contact.email),
        ("Language", contact.language),
        *(("Number", number) for number in contact.numbers),
        (zone.titled("Kept since"), zone.local(contact.created_at)),
        ("Identifier", contact.id),
    ]
    return "Contact", [("What", 34), ("Value", 44)], rows


def _calls(data: ContactFile, zone: _Zone) -> Sheet:
    columns = [
        *((zone.titled("Started"), 22), ("Offset", 11), ("Direction", 11), ("Number", 22)),
        *(("How it ended", 14), ("Talk time", 11), ("Agent", 24), ("About", 24)),
        *(("Note", 50), ("Estimated MOS", 10), ("Recording", 38), ("Call", 38)),
    ]
    rows: Rows = [
        (
            zone.local(call.started_at),
            zone.offset(call.started_at),
            call.direction.value,
            call.number,
            call.disposition.value.replace("_", " "),
            _length(call.talk_ms),
            call.agent_name,
            call.wrap_up,
            call.note,
            call.quality_mos,
            call.recording,
            call.call,
        )
        for call in data.calls
    ]
    return "Calls", columns, rows


def _recordings(data: ContactFile, zone: _Zone) -> Sheet:
    columns = [(zone.titled("Started"), 22), ("Offset", 11), ("Length", 11), ("Recording", 38)]
    rows: Rows = [
        (zone.local(start), zone.offset(start), _length(length_ms), recording)
        for recording, start, length_ms in data.recordings
    ]
    return "Recordings", columns, rows


def _notes(data: ContactFile, zone: _Zone) -> Sheet:
    columns = [
        *((zone.titled("Written"), 22), ("Offset", 11), ("Author", 24), ("Text", 80)),
        *(("At", 11), ("Call", 38), ("Recording", 38)),
    ]
    rows: Rows = [
        (
            zone.local(note.written_at),
            zone.offset(note.written_at),
            note.author_name,
            part,
            None if note.at_ms is None else _length(note.at_ms),
            note.call,
            note.recording,
        )
        for note in data.notes
        for part in _parts(note.text)
    ]
    return "Notes", columns, rows


def _accesses(data: ContactFile, zone: _Zone) -> Sheet:
    columns = [
        *((zone.titled("When"), 22), ("Offset", 11), ("Who", 28), ("What", 34), ("Result", 12)),
    ]
    rows: Rows = [
        (
            zone.local(access.when),
            zone.offset(access.when),
            access.who,
            access.action,
            access.result,
        )
        for access in data.accesses
    ]
    return "Who accessed", columns, rows


def _properties(exported_by: str, exported_at: datetime, zone: _Zone) -> Sheet:
    rows: Rows = [
        ("Exported by", exported_by),
        (zone.titled("Exported"), zone.local(exported_at)),
        ("Offset", zone.offset(exported_at)),
        ("Content", "Everything kept about one contact on this workstation"),
        ("Times", f"All times are in {zone.name}; the offset to UTC stands beside each."),
        ("Protection", "This file is not encrypted. Keep it as safe as the person it is about."),
    ]
    return "Properties", [("What", 34), ("Value", 70)], rows


def _length(milliseconds: int) -> timedelta:
    return timedelta(milliseconds=milliseconds)


def _parts(text: str) -> list[str]:
    """Split a text that is longer than a cell: nothing may be missing from the answer."""
    return [text[i : i + TEXT_LIMIT] for i in range(0, len(text), TEXT_LIMIT)] or [""]
