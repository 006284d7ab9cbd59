"""A role: its name, and each right with its reach."""

from __future__ import annotations

from PySide6.QtWidgets import QGridLayout, QLabel, QScrollArea, QWidget

from softphone.domain.permissions import RIGHT_NAMES, Permission, Role, Scope
from softphone.domain.register import Field
from softphone.domain.roles import REACHING, rights_of
from softphone.ui.dialogs.form import FormDialog
from softphone.ui.translation import tr
from softphone.ui.widgets.basic import label
from softphone.ui.widgets.combo import Combo
from softphone.ui.workplace import Workplace

REACH_WORDS: dict[Scope | None, str] = {
    None: "No",
    Scope.OWN: "Own only",
    Scope.TEAM: "Own team",
    Scope.ALL: "Everybody's",
}


class RoleDialog(FormDialog):
    """Every right is a row; what a role may not hold together the program says."""

    def __init__(
        self, work: Workplace, role: Role | None, parent: QWidget | None, *, copied: bool = False
    ) -> None:
        self._name = role.name if role is not None and not copied else ""
        self.reaches: dict[Permission, Combo] = {}
        self._rights = rights_of(role) if role is not None else {}
        changing = bool(self._name)
        title = tr("Rights of {role}", role=tr(self._name)) if changing else tr("New role")
        super().__init__(
            work,
            title,
            () if changing else (Field("name", "Name", required=True),),
            self._save,
            parent,
            lead=tr(
                "Takes effect at once, for everybody who has it. Keys follow: whoever may listen "
                "gets those of what is recorded from then on, whoever may not loses theirs."
            ),
        )
        self.setMinimumWidth(560)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setWidget(self._grid())
        scroll.setMinimumHeight(340)
        self.column.insertWidget(self.column.indexOf(self.problem), scroll, 1)

    def _grid(self) -> QWidget:
        holder = QWidget()
        grid = QGridLayout(holder)
        grid.setContentsMargins(0, 4, 12, 4)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(0, 1)
        for row, permission in enumerate(Permission):
            name: QLabel = label(tr(RIGHT_NAMES[permission]))
            combo = self._combo(permission)
            name.setBuddy(combo)
            grid.addWidget(name, row, 0)
            grid.addWidget(combo, row, 1)
        return holder

    def _combo(self, permission: Permission) -> Combo:
        combo = Combo(tr(RIGHT_NAMES[permission]))
        combo.setMinimumWidth(180)
        combo.addItem(tr("No"), "")
        if permission in REACHING:
            for scope in Scope:
                combo.addItem(tr(REACH_WORDS[scope]), scope.value)
        else:
            combo.addItem(tr("Yes"), Scope.ALL.value)
        held = self._rights.get(permission)
        if held is not None:
            combo.setCurrentIndex(combo.findData(held.value) if permission in REACHING else 1)
        combo.currentIndexChanged.connect(lambda _at: self._pick(permission, combo))
        self.reaches[permission] = combo
        return combo

    def _pick(self, permission: Permission, combo: Combo) -> None:
        chosen = str(combo.currentData())
        if chosen:
            self._rights[permission] = Scope(chosen)
        else:
            self._rights.pop(permission, None)

    def _save(self, values: dict[str, str]) -> Role:
        name = self._name or values["name"]
        return self._work.desk.roles.save(name, dict(self._rights))
