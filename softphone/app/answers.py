"""Answering requests with documents: access, portability, erasure; and the documents of Art. 30."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from softphone.app.activities import SECURITY, live_activities
from softphone.app.bus import Bus
from softphone.app.consents import Consents
from softphone.app.ports import (
    DocumentWriter,
    ExportFormat,
    ExportOrder,
    RecordingExporter,
    WorkbookWriter,
)
from softphone.app.privacy import Privacy
from softphone.app.requests import Requests
from softphone.app.session import Session
from softphone.domain.audit import Action, AuditDraft, DataCategory, Result
from softphone.domain.call import Call
from softphone.domain.consent import ConsentSource
from softphone.domain.errors import InvalidInput, Refused, SoftphoneError
from softphone.domain.events import HistoryChanged
from softphone.domain.ids import ContactId, NoteId, RecordingId
from softphone.domain.permissions import Permission
from softphone.domain.privacy import ErasureProof, ErasureReason, ErasureReceipt, ErasureStep
from softphone.domain.register import Register, RegisterEntry
from softphone.domain.report import PersonReport, Purpose
from softphone.domain.request import DataRequest, HandedOut, RequestKind

OnRecording = Callable[[int, int], bool]
"""Recordings done and in all; returns whether to go on."""
EACH_IN_TURN = "recording-{n:03d}.age"


class Answers:
    """Documents for people and authorities; runs on the vault's thread."""

    def __init__(
        self,
        session: Session,
        bus: Bus,
        requests: Requests,
        privacy: Privacy,
        documents: DocumentWriter,
        workbooks: WorkbookWriter,
        exporters: Mapping[ExportFormat, RecordingExporter],
        consents: Consents,
    ) -> None:
        self._session = session
        self._bus = bus
        self._requests = requests
        self._privacy = privacy
        self._documents = documents
        self._workbooks = workbooks
        self._exporters = exporters
        self._consents = consents

    def access(self, request: str, folder: Path, time_zone: str) -> DataRequest:
        """Write the answer of Art. 15 into a folder: a readable page and the whole file in Excel.

        Raises Refused, InvalidInput, StorageFailed.
        """
        draft, known = self._requests.answerable(request, RequestKind.ACCESS)
        report = self._report(known, draft, time_zone)
        page, book = folder / "your-data.html", folder / "your-data.xlsx"
        self._documents.access_report(report, page)
        self._workbooks.write(report.file, book, report.made_by, report.made_at, time_zone)
        return self._handed_out(known, draft, page, book)

    def portable(self, request: str, folder: Path, time_zone: str) -> DataRequest:
        """Write the answer of Art. 20 into a folder: JSON. Raises as ``access``."""
        draft, known = self._requests.answerable(
            request, RequestKind.PORTABILITY, RequestKind.ACCESS
        )
        report = self._report(known, draft, time_zone)
        file = folder / "your-data.json"
        self._documents.portable(report, file)
        return self._handed_out(known, draft, file)

    def recordings(
        self,
        request: str,
        folder: Path,
        *,
        recipient: str = "",
        passphrase: str = "",
        on_recording: OnRecording = lambda _done, _all: True,
    ) -> DataRequest:
        """Hand out the person's recordings as age files, for their key or a passphrase.

        The colleague's voice is on every one of them; the answer says so. Each one is an entry of
        its own. What this person cannot open, and what somebody else is heard in, is named in the
        answer. Raises as ``access``.
        """
        draft, known = self._requests.answerable(
            request, RequestKind.ACCESS, RequestKind.PORTABILITY
        )
        contact = self._contact(known)
        look = self._session.draft(
            Action.CONTACT_READ, DataCategory.WHOLE_RECORD, contact, detail={"request": known.id}
        )
        listed = self._session.vault.contact_file(contact, look)
        made: list[HandedOut] = []
        refused: list[str] = []
        for number, (recording, _, _) in enumerate(listed.recordings, start=1):
            file = folder / EACH_IN_TURN.format(n=number)
            order = ExportOrder(ExportFormat.AGE, file, known.kind.value, recipient, passphrase)
            entry = self._session.permit(
                Permission.RECORDINGS_DOWNLOAD,
                Action.RECORDING_EXPORTED,
                DataCategory.RECORDING,
                recording,
                detail={"reason": known.kind.value, "request": known.id},
            )
            try:
                self._refuse_others_voices(recording, contact)
                reader = self._session.vault.open_recording(recording, entry)
            except Refused as error:
                self._session.vault.append_audit(replace(entry, result=Result.REFUSED))
                refused.append(f"{number}: {error.what}")
                continue
            try:
                self._exporters[ExportFormat.AGE].export(reader, order, lambda _done, _all: True)
            finally:
                reader.close()
            made.append(self._document(file))
            if not on_recording(number, len(listed.recordings)):
                break
        words = f"{len(made)} of {len(listed.recordings)} recordings; with the voice of colleagues"
        return self._requests.answered(known, draft, "; ".join((words, *refused)), *made)

    def _refuse_others_voices(self, recording: RecordingId, contact: ContactId) -> None:
        """A copy must not harm the rights of others (GDPR Art. 15(4)). Raises Refused."""
        row = self._session.vault.recording(recording)
        if row.contact != contact or any(one.contact != contact for one in row.joined):
            raise Refused(
                "Somebody else is heard in it, who came in by a transfer (Art. 15(4)).",
                "",
                "Listen to it, and hand out what is theirs.",
            )

    def erase(
        self,
        request: str,
        folder: Path,
        mentions: tuple[NoteId, ...] = (),
        on_step: Callable[[ErasureStep], None] = lambda _step: None,
    ) -> tuple[ErasureReceipt, DataRequest]:
        """Erase the person who asked, write the receipt, and close the request (Art. 17).

        Under a legal hold the erasure is queued and Refused says who decided. Raises Refused,
        InvalidInput, StorageFailed.
        """
        draft, known = self._requests.answerable(request, RequestKind.ERASURE)
        contact = self._contact(known)
        receipt = self._privacy.erase(contact, ErasureReason.SUBJECT_REQUEST, on_step, mentions)
        file = folder / f"erasure-{receipt.erasure}.json"
        self._documents.receipt(self._privacy.receipt_text(receipt), file)
        # The register knows the person no longer; what is left is the case.
        emptied = self._session.vault.requests.get(request)
        kept = self._requests.answered(emptied, draft, "", self._document(file))
        return receipt, self._requests.close(kept.id, f"Erased: {receipt.erasure}")

    def object(
        self, request: str, purpose: str, note: str = "", live: Sequence[Call] = ()
    ) -> DataRequest:
        """Carry out an objection against a purpose (Art. 21): its basis stands no longer.

        ``live`` are the calls that are on: a recording of this person ends. Raises Refused,
        InvalidInput, NotFound.
        """
        draft, known = self._requests.answerable(request, RequestKind.OBJECTION)
        contact = self._contact(known)
        self._consents.withdraw(contact, purpose, ConsentSource.FORM, note, live)
        return self._requests.answered(known, draft, purpose)

    def prove_erased(
        self, receipt: Path, words: Sequence[str], folders: Sequence[Path] = ()
    ) -> ErasureProof:
        """Check a receipt's file, see ``Privacy.prove_erased``."""
        return self._privacy.prove_erased(self._documents.read_receipt(receipt), words, folders)

    # --- documents for authorities and partners --------------------------------------------------

    def processing_record(self, destination: Path) -> Path:
        """Write the record of processing of Art. 30. Raises Refused, StorageFailed."""
        draft = self._permit(Register.ACTIVITIES)
        purposes = self._activities()
        self._written(
            draft,
            lambda: self._documents.processing_record(
                self._controller(),
                purposes,
                self._entries(Register.PROCESSORS),
                SECURITY,
                destination,
            ),
        )
        return destination

    def agreement(self, entry: str, destination: Path) -> Path:
        """Write an agreement with who accepted it. Raises Refused, NotFound, StorageFailed."""
        draft = self._permit(Register.AGREEMENTS, entry)
        store = self._session.vault.registers
        found = store.entry(entry)
        accepted = [
            (a.person_name, f"{a.at:%Y-%m-%d %H:%M} UTC, version {a.revision}, SHA-256 {a.sha256}")
            for a in store.acknowledgements(entry)
        ]
        self._written(draft, lambda: self._documents.agreement(found, accepted, destination))
        return destination

    def register(self, register: Register, destination: Path) -> Path:
        """Write a register as a workbook. Raises Refused, StorageFailed."""
        draft = self._permit(register)
        entries = self._entries(register)
        self._written(draft, lambda: self._documents.register(register, entries, destination))
        return destination

    def read_register(self, register: Register, source: Path) -> list[dict[str, str]]:
        """Return the rows of a workbook, to be imported. Raises InvalidInput."""
        return self._documents.read_register(register, source)

    def _report(self, request: DataRequest, draft: AuditDraft, time_zone: str) -> PersonReport:
        vault = self._session.vault
        contact = self._contact(request)
        export = AuditDraft(
            Action.CONTACT_EXPORTED,
            DataCategory.WHOLE_RECORD,
            contact,
            actor=draft.actor,
            detail={"request": request.id},
        )
        file = vault.contact_file(contact, export)
        return PersonReport(
            file,
            self._session.clock.now(),
            vault.user.name,
            time_zone,
            self._controller(),
            self._activities(),
            self._entries(Register.PROCESSORS),
            vault.policy.retention,
            tuple(vault.restrictions.of_contact(contact)),
            tuple(vault.restrictions.rectifications(contact)),
            tuple(vault.requests.of_contact(contact)),
        )

    def _handed_out(self, request: DataRequest, draft: AuditDraft, *files: Path) -> DataRequest:
        made = [self._document(file) for file in files]
        names = ", ".join(document.name for document in made)
        return self._requests.answered(request, draft, names, *made)

    def _document(self, file: Path) -> HandedOut:
        return HandedOut(file.name, self._documents.sha256(file), self._session.clock.now())

    def _contact(self, request: DataRequest) -> ContactId:
        if request.contact is None:
            raise InvalidInput("Nothing was done.", "Nobody like that is in the system.")
        return request.contact

    def _controller(self) -> RegisterEntry | None:
        return next(iter(self._entries(Register.CONTROLLER)), None)

    def _activities(self) -> tuple[Purpose, ...]:
        vault = self._session.vault
        entered = self._entries(Register.ACTIVITIES)
        return live_activities(vault.policy, entered, vault.enrolment() is not None)

    def _entries(self, register: Register) -> tuple[RegisterEntry, ...]:
        return tuple(self._session.vault.registers.entries(register))

    def _permit(self, register: Register, entry: str = "") -> AuditDraft:
        return self._session.permit(
            Permission.PRIVACY_MANAGE,
            Action.REGISTER_EXPORTED,
            DataCategory.REGISTER,
            entry,
            detail={"register": register.value},
        )

    def _written(self, draft: AuditDraft, write: Callable[[], None]) -> None:
        """Write a file and log it; no log, no file."""
        vault = self._session.vault
        vault.append_audit(draft)
        try:
            write()
        except SoftphoneError:
            vault.append_audit(replace(draft, result=Result.FAILED))
            raise
        self._bus.publish(HistoryChanged(frozenset({"audit"})))
