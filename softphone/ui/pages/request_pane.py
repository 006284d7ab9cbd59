"""One request: who, the clock, the next step in words with its button, and its history."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QVBoxLayout, QWidget

from softphone.app.desk import Desk
from softphone.domain.register import Field, FieldKind
from softphone.domain.request import (
    KIND_WORDS,
    DataRequest,
    NextStep,
    RequestEventKind,
    RequestKind,
    RequestState,
    days_left,
)
from softphone.ui.dialogs.answer_erasure import AnswerErasureDialog
from softphone.ui.dialogs.find_person import FindPersonDialog
from softphone.ui.dialogs.form import FormAside, FormDialog
from softphone.ui.dialogs.objection import ObjectDialog
from softphone.ui.dialogs.rectify import RectifyDialog
from softphone.ui.dialogs.restrict import RestrictDialog
from softphone.ui.translation import tr
from softphone.ui.widgets.basic import Button, Sign, clear, divider, label
from softphone.ui.widgets.file_dialogs import ask_folder

if TYPE_CHECKING:
    from softphone.ui.pages.requests import RequestsSection

Offer = tuple[str, str, str, str, Callable[[], Any]]
"""Key, words, icon, kind of button, deed."""
STEP_WORDS: dict[NextStep, str] = {
    NextStep.FIND_PERSON: "Next: say who in the system asks",
    NextStep.CHECK_IDENTITY: "Next: make sure that the person is who they say (Art. 12(6))",
    NextStep.ANSWER: "Next: answer",
    NextStep.CLOSED: "Closed",
}
EVENT_WORDS: dict[RequestEventKind, str] = {
    RequestEventKind.RECEIVED: "Received",
    RequestEventKind.PERSON_FOUND: "Person found",
    RequestEventKind.PERSON_UNKNOWN: "Nobody like that in the system",
    RequestEventKind.IDENTITY_CHECKED: "Identity checked",
    RequestEventKind.EXTENDED: "Extended by two months",
    RequestEventKind.ANSWERED: "Answered",
    RequestEventKind.CLOSED: "Closed",
    RequestEventKind.REFUSED: "Refused",
}


class RequestPane(QWidget):
    """Shows one request and offers what can be done next."""

    def __init__(self, section: RequestsSection) -> None:
        super().__init__()
        self._section = section
        self.request: DataRequest | None = None
        self.buttons: dict[str, Button] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(20, 12, 20, 20)
        self._column.setSpacing(8)

    def show_request(self, request: DataRequest | None) -> None:
        """Show another request, or nothing."""
        self.request = request
        self.buttons = {}
        clear(self._column)
        if request is None:
            return
        work, now = self._section.work, self._section.work.office.clock.now()
        self._add(label(request.name or tr("A person who was erased"), "card", wrap=True))
        self._add(label(tr(KIND_WORDS[request.kind]), "secondary"))
        left = days_left(request, now)
        due = tr("Due {day}", day=work.words.day(request.due_at, now))
        role = "stop.text" if left < 0 and request.state is RequestState.OPEN else "text.secondary"
        self._add(Sign("calendar", due, role))
        self._add(divider())
        step = request.next_step
        self._add(Sign("arrow-right", tr(STEP_WORDS[step]), "accent.text", wrap=True))
        for key, words, icon, kind, act in self._offers(request, step):
            button = Button(words, icon=icon, kind=kind)
            button.clicked.connect(act)
            self.buttons[key] = button
            self._add(button)
        if request.documents:
            self._add(divider())
            self._add(label(tr("Handed out"), "label"))
            for document in request.documents:
                self._add(Sign("file-text", document.name, small=True, elide=True))
        self._add(divider())
        self._add(label(tr("History"), "label"))
        for event in reversed(request.history):
            said = f"{tr(EVENT_WORDS[event.kind])}, {event.by}"
            self._add(label(said, "strong", wrap=True))
            more = " · ".join(p for p in (work.words.when(event.at, now), event.text) if p)
            self._add(label(more, "small", wrap=True))
        self._column.addStretch(1)

    def _add(self, widget: QWidget) -> None:
        self._column.addWidget(widget)

    def _offers(self, request: DataRequest, step: NextStep) -> list[Offer]:
        """Return key, words, icon, kind and deed of what can be done now; the main one first."""
        if step is NextStep.CLOSED:
            return []
        offers: list[Offer] = []
        if step is NextStep.FIND_PERSON:
            offers.append(
                ("find", tr("Find the person"), "magnifying-glass", "main", self.find_person)
            )
        if step is NextStep.CHECK_IDENTITY:
            offers.append(
                ("identity", tr("Note the check"), "identification-card", "main", self.check)
            )
        if step is NextStep.ANSWER and request.contact is not None:
            offers += self._answers(request)
        close = "main" if step is NextStep.ANSWER and not offers else "normal"
        offers.append(("close", tr("Close with the outcome"), "check", close, self.close_request))
        if step is not NextStep.FIND_PERSON:
            offers.append(
                ("find", tr("Another person"), "magnifying-glass", "link", self.find_person)
            )
        if not request.extended_because:
            offers.append(("extend", tr("Take two more months"), "hourglass", "link", self.extend))
        offers.append(("refuse", tr("Refuse with a reason"), "prohibit", "link", self.refuse))
        return offers

    def _answers(self, request: DataRequest) -> list[Offer]:
        access = ("access", tr("Write the answer"), "file-arrow-down", "main", self._ask_access)
        copies = ("sound", tr("Hand out recordings"), "sound-wave", "normal", self.recordings)
        portable = ("portable", tr("Write it for machines"), "code", "normal", self._ask_portable)
        match request.kind:
            case RequestKind.ACCESS:
                return [access, copies, portable]
            case RequestKind.PORTABILITY:
                main = (*portable[:3], "main", portable[4])
                return [main, copies]
            case RequestKind.RECTIFICATION:
                return [("rectify", tr("Correct the data"), "pencil", "main", self.rectify)]
            case RequestKind.OBJECTION:
                return [
                    (
                        "object",
                        tr("Stop using it for a purpose"),
                        "prohibit",
                        "main",
                        self.stop_purpose,
                    ),
                    ("restrict", tr("Restrict the use"), "lock", "normal", self.restrict),
                ]
            case RequestKind.ERASURE:
                return [("erase", tr("See what would be erased"), "trash", "main", self.erase)]
            case _:
                return [("restrict", tr("Restrict the use"), "lock", "main", self.restrict)]

    # --- deeds -----------------------------------------------------------------------------------

    def find_person(self) -> FindPersonDialog:
        """Say who in the system asks."""
        dialog = FindPersonDialog(self._section.work, self._request(), self)
        dialog.open()
        return dialog

    def check(self) -> FormDialog:
        """Note how the identity was checked."""
        requests, request = self._section.work.desk.requests, self._request()
        return self._form(
            tr("How was the person recognised?"),
            Field("how", "What you compared, without copies of papers", required=True),
            lambda text: requests.check_identity(request.id, text),
        )

    def extend(self) -> FormDialog:
        """Take two more months."""
        requests, request = self._section.work.desk.requests, self._request()
        return self._form(
            tr("Why does it take longer?"),
            Field("why", "Reason; the person has to be told within the month", required=True),
            lambda text: requests.extend(request.id, text),
        )

    def close_request(self) -> FormDialog:
        """Close with the outcome."""
        requests, request = self._section.work.desk.requests, self._request()
        return self._form(
            tr("What came of it?"),
            Field("outcome", "Outcome", FieldKind.TEXT, required=True),
            lambda text: requests.close(request.id, text),
        )

    def refuse(self) -> FormDialog:
        """Refuse with the reason."""
        requests, request = self._section.work.desk.requests, self._request()
        return self._form(
            tr("Why is it refused?"),
            Field("why", "Reason; tell the person how to complain", FieldKind.TEXT, required=True),
            lambda text: requests.close(request.id, text, refused=True),
        )

    def rectify(self) -> RectifyDialog:
        """Correct the person's data."""
        dialog = RectifyDialog(self._section.work, self._request(), self)
        dialog.open()
        return dialog

    def restrict(self) -> RestrictDialog:
        """Restrict the use of the person's data."""
        request = self._request()
        dialog = RestrictDialog(self._section.work, request.contact, request.id, self)
        dialog.open()
        return dialog

    def stop_purpose(self) -> ObjectDialog:
        """Note the objection against one purpose."""
        dialog = ObjectDialog(self._section.work, self._request(), self)
        dialog.open()
        return dialog

    def erase(self) -> AnswerErasureDialog:
        """Show what would go, and erase."""
        dialog = AnswerErasureDialog(self._section.work, self._request(), self)
        dialog.open()
        return dialog

    def recordings(self) -> FormDialog:
        """Hand out recordings as age files with a passphrase."""
        section, request = self._section, self._request()
        post = section.work.dispatcher.post
        dialog: FormDialog

        def progress(done: int, all_of_them: int) -> bool:
            words = tr("{n} of {total} recordings", n=done, total=all_of_them)
            post(lambda: dialog.save.set_text(words))
            return not stopped

        stopped: list[bool] = []

        def do(desk: Desk, values: dict[str, str]) -> object:
            return desk.answers.recordings(
                request.id,
                Path(values["folder"]),
                passphrase=values["passphrase"],
                on_recording=progress,
            )

        dialog = FormAside(
            section.work,
            tr("Hand out recordings"),
            (
                Field("folder", "Folder for the files", required=True),
                Field("passphrase", "Passphrase; tell it to the person by another way"),
            ),
            do,
            self,
            values={"folder": str(Path.home())},
            lead=tr(
                "One age file for each recording. The colleague's voice is on it, too: hand it to "
                "nobody else."
            ),
            button=tr("Hand out"),
        )
        dialog.cancel.clicked.connect(lambda: stopped.append(True))
        dialog.open()
        return dialog

    def write_access(self, folder: Path) -> None:
        """Write the answer of Art. 15 into a folder."""
        section, request = self._section, self._request()
        zone = section.work.office.time_zone
        section.ask_aside(
            lambda desk: desk.answers.access(request.id, folder, zone),
            tr("Written to {file}", file=folder),
        )

    def write_portable(self, folder: Path) -> None:
        """Write the answer of Art. 20 into a folder."""
        section, request = self._section, self._request()
        zone = section.work.office.time_zone
        section.ask_aside(
            lambda desk: desk.answers.portable(request.id, folder, zone),
            tr("Written to {file}", file=folder),
        )

    def _ask_access(self) -> None:
        ask_folder(self, tr("Folder for the answer"), self.write_access)

    def _ask_portable(self) -> None:
        ask_folder(self, tr("Folder for the answer"), self.write_portable)

    def _form(self, title: str, field: Field, do: Callable[[str], object]) -> FormDialog:
        key = field.key
        dialog = FormDialog(
            self._section.work, title, (field,), lambda values: do(values[key]), self
        )
        dialog.open()
        return dialog

    def _request(self) -> DataRequest:
        if self.request is None:
            raise RuntimeError("no request is shown")
        return self.request
