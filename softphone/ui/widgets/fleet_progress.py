"""How far the other workstations are with the erasures that they were told of."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from softphone.app.state import PhoneState
from softphone.domain.fleet import DeviceSeen
from softphone.ui.translation import counted, tr
from softphone.ui.widgets.basic import Sign, clear, label
from softphone.ui.workplace import Workplace


class FleetProgress(QWidget):
    """One line a workstation; follows what the server says while it is in sight."""

    def __init__(self, work: Workplace) -> None:
        super().__init__()
        self._work = work
        self._names: dict[str, str] = {}
        self.lines: list[Sign] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(6)
        work.store.changed.connect(self._show)
        vault = work.desk.session.vault
        work.ask(
            self,
            lambda: {str(d.device): d.label for d in vault.policy.devices},
            self._name,
            lambda _error: self._show(work.store.state),
        )

    def _name(self, names: dict[str, str]) -> None:
        self._names = names
        self._show(self._work.store.state)

    def _show(self, state: PhoneState) -> None:
        clear(self._column)
        self._column.addWidget(label(tr("Other workstations"), "strong"))
        self.lines = [self._line(seen) for seen in state.fleet]
        if not self.lines:
            alone = tr("No server says of any: this workstation is the only one that is known.")
            self.lines = [Sign("info", alone, wrap=True)]
        for line in self.lines:
            self._column.addWidget(line)

    def _line(self, seen: DeviceSeen) -> Sign:
        name = self._names.get(str(seen.device)) or str(seen.device)[:8]
        if not seen.behind:
            words = tr("{name}: has carried out every erasure", name=name)
            return Sign("check", words, "text.primary", wrap=True)
        left = counted(seen.behind, "{n} erasure not confirmed", "{n} erasures not confirmed")
        if seen.last_seen is None:
            when = tr("Never heard of since it enrolled")
        else:
            now = self._work.office.clock.now()
            when = tr("Last heard of {when}", when=self._work.words.when(seen.last_seen, now))
        return Sign("hourglass", f"{name}: {left}. {when}", "hold.text", wrap=True)
