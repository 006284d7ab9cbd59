"""Workstations: whose erasures are believed here, whose policy holds, who has not spoken."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from softphone.app.ports.fleet import FleetState
from softphone.app.state import PhoneState
from softphone.domain.fleet import DeviceSeen
from softphone.domain.ids import DeviceId
from softphone.domain.permissions import EndorsedDevice, Permission
from softphone.ui.dialogs.gate import field
from softphone.ui.translation import counted, tr
from softphone.ui.widgets.basic import Button, Sign, clear, divider, frame, label
from softphone.ui.widgets.states import error_line
from softphone.ui.words import refusal
from softphone.ui.workplace import Workplace


@dataclass(frozen=True, slots=True)
class _Known:
    """What the section shows, read at once."""

    state: FleetState
    device: str
    log_key: str
    devices: tuple[EndorsedDevice, ...]
    waiting: int


class FleetSection(QWidget):
    """This workstation's keys, the policy it follows, and the workstations it believes."""

    def __init__(self, work: Workplace) -> None:
        super().__init__()
        self._work = work
        self._known: _Known | None = None
        self._own_card, self._own = frame("card", margins=16, spacing=10)
        self._policy_card, self._policy = frame("card", margins=16, spacing=10)
        self._list_card, self._list = frame("card", margins=16, spacing=10)
        form_card, form = frame("card", margins=16, spacing=12)
        why = refusal(work.rights.decisions[Permission.POLICY_MANAGE])
        self._why = why
        key, self.key = field(tr("Key, as the other workstation shows it"))
        name, self.label = field(tr("What people call it"))
        self.endorse = Button(tr("Endorse"), kind="main", icon="check")
        self.endorse.set_refused(why)
        self.endorse.clicked.connect(self._endorse)
        self.problem = Sign(wrap=True)
        self.problem.hide()
        form.addWidget(label(tr("Endorse a workstation"), "card"))
        form.addWidget(
            label(
                tr(
                    "Its erasures are carried out here from then on. Take the key from its own "
                    "screen, never from the server."
                ),
                "small",
                wrap=True,
            )
        )
        form.addLayout(key)
        form.addLayout(name)
        form.addWidget(self.problem)
        foot = QHBoxLayout()
        foot.addWidget(self.endorse)
        foot.addWidget(label(why, "small", wrap=True), 1)
        form.addLayout(foot)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(16)
        for card in (self._own_card, self._policy_card, self._list_card, form_card):
            column.addWidget(card)
        follow, self.follow_key = field(tr("Policy key of the workstation to follow"))
        follow.setContentsMargins(0, 0, 0, 0)
        self._follow_row = QWidget()
        self._follow_row.setLayout(follow)
        work.store.changed.connect(self._seen)
        self._fleet: tuple[DeviceSeen, ...] = ()

    def reload(self) -> None:
        """Read what is known."""
        fleet = self._work.desk.fleet

        def read() -> _Known:
            device, log_key = fleet.own_key()
            return _Known(fleet.state(), device, log_key, fleet.devices(), fleet.waiting())

        self._work.ask(self, read, self._show, self._failed)

    def _seen(self, state: PhoneState) -> None:
        if state.fleet != self._fleet and self._known is not None:
            self._show(self._known)

    def _show(self, known: _Known) -> None:
        self._known = known
        self._fleet = self._work.store.state.fleet
        self._show_own(known)
        self._show_policy(known.state)
        self._show_devices(known)

    def _show_own(self, known: _Known) -> None:
        clear(self._own)
        self._own.addWidget(label(tr("This workstation"), "card"))
        rows = (
            (tr("Key of its log"), known.log_key, tr("Copy the key of its log")),
            (tr("Policy key"), known.state.policy_key, tr("Copy the policy key")),
        )
        for title, value, name in rows:
            self._own.addWidget(label(title, "small"))
            shown = label(value, "mono", wrap=True)
            shown.setAccessibleName(title)
            copy = Button(kind="plain", icon="copy", name=name)
            copy.clicked.connect(
                lambda _on=False, text=value: QGuiApplication.clipboard().setText(text)
            )
            row = QHBoxLayout()
            row.addWidget(shown, 1)
            row.addWidget(copy)
            self._own.addLayout(row)

    def _show_policy(self, state: FleetState) -> None:
        self._follow_row.setParent(None)
        clear(self._policy)
        self._policy.addWidget(label(tr("Policy of the fleet"), "card"))
        for icon, words, role in self._policy_words(state):
            self._policy.addWidget(Sign(icon, words, role, wrap=True))
        buttons = QHBoxLayout()
        fleet = self._work.desk.fleet
        if state.follows:
            self._button(buttons, tr("Follow nobody"), lambda: fleet.unfollow())
        else:
            self._policy.addWidget(self._follow_row)
            self._follow_row.show()
            follow = Button(tr("Follow"))
            follow.set_refused(self._why)
            follow.clicked.connect(self._follow)
            buttons.addWidget(follow)
            if not state.publishes:
                self._button(buttons, tr("Publish to the fleet"), lambda: fleet.publish())
        buttons.addStretch(1)
        self._policy.addLayout(buttons)

    def _policy_words(self, state: FleetState) -> list[tuple[str, str, str]]:
        if not state.follows:
            own = tr("The rules of this workstation hold here.")
            also = tr("They are published to the fleet after each change.")
            return [("shield-check", f"{own} {also}" if state.publishes else own, "text.primary")]
        if not state.version or state.issued_at is None or state.not_after is None:
            none = tr("No policy has come yet; the own rules hold until then.")
            return [("hourglass", none, "hold.text")]
        words = self._work.words
        ends = words.full(state.not_after)
        found = tr(
            "Version {n} of {when} is in force.", n=state.version, when=words.full(state.issued_at)
        )
        if state.not_after <= self._work.office.clock.now():
            late = tr("It ended {when}: nothing is permitted until a newer one comes.", when=ends)
            return [("warning", f"{found} {late}", "hold.text")]
        return [
            ("shield-check", f"{found} {tr('It ends {when}.', when=ends)}", "text.primary"),
        ]

    def _show_devices(self, known: _Known) -> None:
        clear(self._list)
        self._list.addWidget(label(tr("Endorsed workstations"), "card"))
        if known.waiting:
            words = counted(
                known.waiting,
                "{n} erasure waits for its workstation to be endorsed.",
                "{n} erasures wait for their workstation to be endorsed.",
            )
            self._list.addWidget(Sign("hourglass", words, "hold.text", wrap=True))
        others = [d for d in known.devices if d.device != known.device]
        if not others:
            empty = tr("None yet. Erasures of other workstations wait until theirs is endorsed.")
            self._list.addWidget(label(empty, "secondary", wrap=True))
        seen = {one.device: one for one in self._fleet}
        for place, device in enumerate(others):
            if place:
                self._list.addWidget(divider())
            self._list.addLayout(self._device(device, seen.get(device.device)))
        named = {d.device for d in known.devices} | {DeviceId(known.device)}
        silent = [one for one in self._fleet if one.silent and one.device not in named]
        for one in silent:
            self._list.addWidget(divider())
            self._list.addWidget(label(str(one.device), "strong", wrap=True))
            self._list.addWidget(self._last_word(one))

    def _device(self, device: EndorsedDevice, seen: DeviceSeen | None) -> QHBoxLayout:
        words = QVBoxLayout()
        words.setSpacing(4)
        words.addWidget(label(device.label or str(device.device), "strong", wrap=True))
        if device.label:
            words.addWidget(label(str(device.device), "small", wrap=True))
        if seen is not None:
            words.addWidget(self._last_word(seen))
        row = QHBoxLayout()
        row.addLayout(words, 1)
        name = tr("Withdraw trust in {name}", name=device.label or str(device.device))
        withdraw = Button(tr("Withdraw"), name=name)
        following = self._known is not None and bool(self._known.state.follows)
        decided = tr("The fleet's policy decides this.") if following else ""
        withdraw.set_refused(self._why or decided)
        withdraw.clicked.connect(
            lambda: self._run(lambda: self._work.desk.people.withdraw_device(device.device))
        )
        row.addWidget(withdraw)
        leave = Button(tr("Let it destroy everything"), icon="trash", kind="link")
        leave.set_refused(self._why)
        leave.clicked.connect(lambda: self._order_leaving(leave, device))
        row.addWidget(leave)
        return row

    def _order_leaving(self, button: Button, device: EndorsedDevice) -> None:
        """Ask once more in the same words, then order it."""
        name = device.label or device.device
        if not button.property("asked"):
            button.setProperty("asked", True)
            button.set_text(tr("Destroy everything on {name}: press again", name=name))
            return
        self._run(lambda: self._work.desk.people.order_leaving(device.device))

    def _last_word(self, seen: DeviceSeen) -> Sign:
        if seen.last_seen is None:
            words = tr("Never heard of since it enrolled")
        else:
            when = self._work.words.when(seen.last_seen, self._work.office.clock.now())
            words = tr("Last heard of {when}", when=when)
        if seen.behind:
            words += ", " + counted(
                seen.behind, "{n} erasure not confirmed", "{n} erasures not confirmed"
            )
        if seen.silent:
            return Sign("warning", f"{tr('Silent')}: {words}", "hold.text", wrap=True)
        return Sign("check", words, "text.secondary", wrap=True)

    def _button(self, row: QHBoxLayout, words: str, work: Callable[[], object]) -> None:
        made = Button(words)
        made.set_refused(self._why)
        made.clicked.connect(lambda: self._run(work))
        row.addWidget(made)

    def _follow(self) -> None:
        key = self.follow_key.text()
        self._run(lambda: self._work.desk.fleet.follow(key))

    def _endorse(self) -> None:
        key, name = self.key.text(), self.label.text()
        self._run(lambda: self._work.desk.people.endorse_device(key, name))

    def _run(self, work: Callable[[], object]) -> None:
        self.problem.hide()
        self._work.ask(self, work, lambda _done: self._done(), self._failed)

    def _done(self) -> None:
        for line in (self.key, self.label, self.follow_key):
            line.clear()
        self.reload()

    def _failed(self, error: Exception) -> None:
        self.problem.set("warning", error_line(error), "hold.text")
        self.problem.show()
