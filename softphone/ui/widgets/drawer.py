"""The drawer of the audit page: explanation first, proof second."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from softphone.domain.audit import AuditRow, DataCategory, Result
from softphone.ui.pages.audit_rows import category_words, result_words
from softphone.ui.translation import tr
from softphone.ui.widgets.basic import Button, Sign, clear, divider, frame, label
from softphone.ui.words import number
from softphone.ui.workplace import Workplace

WIDTH = 400
_OPENED = frozenset({DataCategory.CONTACT.value, DataCategory.RECORDING.value})
_DETAIL_WORDS = {
    "missing": "Right missing",
    "reason": "Reason",
    "sealed_for": "Sealed for",
    "what": "What happened",
    "why": "Why",
}


class AuditDrawer(QWidget):
    """One entry; Up and Down stay with the list."""

    closed = Signal()
    stepped = Signal(int)
    object_wanted = Signal(str)
    """The identifier of what the entry is about."""

    def __init__(self, work: Workplace) -> None:
        super().__init__()
        self.setObjectName("sidePanel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedWidth(WIDTH)
        self.setAccessibleName(tr("Entry"))
        self._work = work
        self._proof = ""
        self.title = Sign(wrap=True)
        up = Button(kind="plain", icon="caret-up", name=tr("Newer entry"))
        down = Button(kind="plain", icon="caret-down", name=tr("Older entry"))
        close = Button(kind="plain", icon="x", name=tr("Close the drawer"))
        up.clicked.connect(lambda: self.stepped.emit(-1))
        down.clicked.connect(lambda: self.stepped.emit(1))
        close.clicked.connect(self.closed)
        head = QHBoxLayout()
        head.addWidget(self.title, 1)
        for button in (up, down, close):
            head.addWidget(button)
        self._body = QVBoxLayout()
        self._body.setSpacing(0)
        inside = QWidget()
        inside.setLayout(self._body)
        self._body.setContentsMargins(20, 4, 20, 16)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setWidget(inside)
        head.setContentsMargins(20, 16, 12, 8)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(head)
        column.addWidget(scroll, 1)

    def show_entry(self, row: AuditRow, size: int) -> None:
        """Explain an entry; ``size`` is how many the log has."""
        words, icon, role = result_words(row)
        refused = row.entry.result != Result.DONE.value
        title = f"{tr(row.what)}: {words}" if refused else tr(row.what)
        self.title.set(icon, title, role if refused else "text.primary")
        clear(self._body)
        self._body.addWidget(self._facts(row))
        if row.entry.object_id and row.entry.category in _OPENED:
            self.jump = Button(tr("Open what it is about"), kind="link", icon="caret-right")
            wanted = row.entry.object_id
            self.jump.clicked.connect(lambda: self.object_wanted.emit(wanted))
            self._body.addWidget(self.jump, 0, Qt.AlignmentFlag.AlignLeft)
        self._body.addSpacing(12)
        self._body.addWidget(divider())
        self._body.addSpacing(12)
        self._body.addWidget(self._proof_part(row, size))
        self._body.addStretch(1)
        kept = tr(
            "Names are kept beside the entry, not in it. When a person is erased, the names go "
            "and this proof still holds."
        )
        note = Sign("info", kept, small=True, wrap=True)
        self._body.addWidget(note)

    def _facts(self, row: AuditRow) -> QWidget:
        facts: list[tuple[str, str]] = [
            (tr("When"), self._work.words.full(row.entry.time)),
            (tr("Who"), tr("{who}, on {device}", who=row.who, device=row.entry.device)),
            (tr("Kind of data"), category_words(row)),
        ]
        if row.object_label:
            facts.append((tr("Object"), row.object_label))
        for key, value in row.detail.items():
            facts.append((tr(_DETAIL_WORDS.get(key, key)), tr(value) if value else ""))
        if row.entry.result == Result.REFUSED.value:
            givers = tr(" or ").join(self._work.rights.rights_givers) or tr("An administrator")
            facts.append((tr("Can be given by"), givers))
        return _grid(facts)

    def _proof_part(self, row: AuditRow, size: int) -> QWidget:
        part = QWidget()
        column = QVBoxLayout(part)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addWidget(label(tr("Proof"), "strong"))
        place = tr(
            "{n} of {size} on {device}",
            n=number(row.entry.index + 1),
            size=number(size),
            device=row.entry.device,
        )
        state = tr("Witnessed by the server") if row.witnessed else tr("Waiting for the witness")
        column.addWidget(_grid([(tr("Entry"), place), (tr("Checkpoint"), state)]))
        entry = row.entry
        self._proof = "\n".join(
            f"{name}: {value}"
            for name, value in (
                ("device", entry.device),
                ("entry", str(entry.index)),
                ("time", entry.time.isoformat()),
                ("actor", entry.actor),
                ("action", entry.action),
                ("object", entry.object_id),
                ("result", entry.result),
                ("commitment", entry.commitment),
                ("leaf hash", row.leaf_hash),
            )
            if value
        )
        card, inside = frame("insetSmall", margins=12)
        shown = label(_spaced(row.leaf_hash), "mono", wrap=True)
        shown.setAccessibleName(tr("Entry hash"))
        inside.addWidget(label(tr("Entry hash"), "small"))
        inside.addWidget(shown)
        column.addWidget(card)
        copy = Button(tr("Copy proof"), icon="copy")
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self._proof))
        row_of_buttons = QHBoxLayout()
        row_of_buttons.addWidget(copy)
        row_of_buttons.addStretch(1)
        column.addLayout(row_of_buttons)
        return part


def _spaced(text: str) -> str:
    return " ".join(text[i : i + 4] for i in range(0, len(text), 4))


def _grid(facts: list[tuple[str, str]]) -> QWidget:
    made = QWidget()
    grid = QGridLayout(made)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(12)
    grid.setVerticalSpacing(10)
    grid.setColumnMinimumWidth(0, 104)
    grid.setColumnStretch(1, 1)
    for line, (name, value) in enumerate(facts):
        title = label(name, "secondary", wrap=True)
        grid.addWidget(title, line, 0)
        grid.addWidget(label(value, wrap=True), line, 1)
    return made
