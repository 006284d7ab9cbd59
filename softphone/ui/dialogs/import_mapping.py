"""Two tables of the import: what each column holds, and what becomes of people already there."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from softphone.domain.consent import MARKETING, RECORDING
from softphone.domain.contact_import import FIELD_WORDS, Field, OnDuplicate, RowReport, Target
from softphone.ui.translation import tr
from softphone.ui.widgets.basic import ElidedLabel, label
from softphone.ui.widgets.combo import Combo
from softphone.ui.words import isolated

_MOST_DECISIONS = 200
_CHOICES: tuple[tuple[Target, str], ...] = (
    *((Target(f), FIELD_WORDS[f]) for f in Field if f not in (Field.NUMBER, Field.CONSENT)),
    (Target(Field.NUMBER), "Number or SIP address"),
    (Target(Field.NUMBER, "work"), "Number, work"),
    (Target(Field.NUMBER, "mobile"), "Number, mobile"),
    (Target(Field.NUMBER, "home"), "Number, home"),
    (Target(Field.NUMBER, "main"), "Number, main"),
    (Target(Field.NUMBER, "fax"), "Number, fax"),
    (Target(Field.NUMBER, "sip"), "SIP address"),
    (Target(Field.CONSENT, MARKETING), "Consent to marketing (date or yes)"),
    (Target(Field.CONSENT, RECORDING), "Consent to recording (date or yes)"),
)


class MappingTable(QWidget):
    """One line a column: its title, an example, where it goes."""

    def __init__(self) -> None:
        super().__init__()
        self.combos: list[Combo] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._grid = QWidget()
        self._column.addWidget(self._grid)

    def show_columns(
        self,
        columns: tuple[str, ...],
        sample: Sequence[tuple[str, ...]],
        mapping: tuple[Target, ...],
    ) -> None:
        """Show what was guessed."""
        self._grid.hide()
        self._grid.deleteLater()
        self._grid = QWidget()
        grid = QGridLayout(self._grid)
        grid.setContentsMargins(0, 0, 8, 0)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(0, 2)
        grid.setColumnStretch(1, 3)
        self.combos = []
        for place, title in enumerate((tr("Column"), tr("Example"), tr("Goes to"))):
            grid.addWidget(label(title, "label"), 0, place)
        for place, title in enumerate(columns):
            combo = Combo(tr("{column} goes to", column=title))
            combo.setMinimumWidth(210)
            for target, words in _CHOICES:
                combo.addItem(tr(words), target)
            guessed = next(
                (i for i, (target, _) in enumerate(_CHOICES) if target == mapping[place]), 0
            )
            combo.setCurrentIndex(guessed)
            example = next((row[place] for row in sample if len(row) > place and row[place]), "")
            grid.addWidget(ElidedLabel(title), place + 1, 0)
            grid.addWidget(ElidedLabel(isolated(example), "secondary"), place + 1, 1)
            grid.addWidget(combo, place + 1, 2)
            self.combos.append(combo)
        self._column.addWidget(self._grid)

    def targets(self) -> tuple[Target, ...]:
        """Return what was chosen; empty for cards."""
        return tuple(_CHOICES[combo.currentIndex()][0] for combo in self.combos)


class DecisionTable(QWidget):
    """One line a person who is there already: leave, or add what the file says."""

    def __init__(self) -> None:
        super().__init__()
        self._combos: dict[int, Combo] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._grid = QWidget()
        self._column.addWidget(self._grid)

    def show_rows(self, rows: Sequence[RowReport]) -> None:
        """Ask about these rows; those beyond the first 200 are left as they are."""
        self._grid.hide()
        self._grid.deleteLater()
        self._grid = QWidget()
        self._combos = {}
        grid = QGridLayout(self._grid)
        grid.setContentsMargins(0, 0, 8, 0)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 1)
        for place, report in enumerate(rows[:_MOST_DECISIONS]):
            combo = Combo(tr("What becomes of row {row}", row=report.row))
            combo.addItem(tr("Leave them as they are"), OnDuplicate.SKIP.value)
            combo.addItem(tr("Add what the file says"), OnDuplicate.UPDATE.value)
            known = tr("there: {name}", name=isolated(report.known))
            grid.addWidget(ElidedLabel(isolated(report.name)), place, 0)
            grid.addWidget(ElidedLabel(known, "secondary"), place, 1)
            grid.addWidget(combo, place, 2)
            self._combos[report.row] = combo
        self._column.addWidget(self._grid)

    def choices(self) -> dict[int, OnDuplicate]:
        """Return what was decided, by row."""
        return {row: OnDuplicate(str(c.currentData())) for row, c in self._combos.items()}
