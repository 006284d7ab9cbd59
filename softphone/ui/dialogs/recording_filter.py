"""More ways to narrow down the recordings: person, team, tag, days, length."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta

from PySide6.QtWidgets import QWidget

from softphone.app.ports import RecordingFilter
from softphone.domain.errors import InvalidInput
from softphone.domain.ids import UserId
from softphone.domain.register import Field, FieldKind
from softphone.ui.dialogs.form import FormDialog
from softphone.ui.translation import tr
from softphone.ui.widgets.basic import label
from softphone.ui.widgets.combo import Combo
from softphone.ui.workplace import Workplace

_MINUTE_MS = 60_000


class RecordingFilterDialog(FormDialog):
    """``result_value`` is the filter; everything may stay empty."""

    def __init__(self, work: Workplace, now: RecordingFilter, parent: QWidget | None) -> None:
        self._now = now
        self._chosen = {"agent": now.agent or "", "team": now.team, "tag": now.tag}
        self.combos: dict[str, Combo] = {}
        zone = work.words.zone
        minutes = f"{now.longer_than_ms / _MINUTE_MS:g}" if now.longer_than_ms else ""
        until = now.until.astimezone(zone).date() - timedelta(days=1) if now.until else None
        super().__init__(
            work,
            tr("Filter recordings"),
            (
                Field("since", "From", FieldKind.DATE),
                Field("until", "To, inclusive", FieldKind.DATE),
                Field("minutes", "Longer than, in minutes"),
            ),
            self._made,
            parent,
            values={
                "since": now.since.astimezone(zone).date().isoformat() if now.since else "",
                "until": until.isoformat() if until else "",
                "minutes": minutes,
            },
            button=tr("Show"),
        )
        for key, title in (("agent", tr("Agent")), ("team", tr("Team")), ("tag", tr("Tag"))):
            self._add(key, title)
        vault, tagging = work.desk.session.vault, work.desk.tagging
        work.ask(self, lambda: (vault.policy.members, tagging.known()), lambda f: self._fill(*f))

    def _add(self, key: str, title: str) -> None:
        combo = Combo(title)
        combo.addItem(tr("All"), "")
        name = label(title, "label")
        name.setBuddy(combo)
        at = self.column.indexOf(self.problem)
        self.column.insertWidget(at, name)
        self.column.insertWidget(at + 1, combo)
        self.combos[key] = combo

    def _fill(self, members: tuple[object, ...], tags: list[str]) -> None:
        people = sorted(((m.name, m.id, m.team) for m in members), key=lambda p: p[0].casefold())  # type: ignore[attr-defined]
        for name, user, _team in people:
            self.combos["agent"].addItem(name, user)
        for team in sorted({team for *_, team in people}):
            self.combos["team"].addItem(team, team)
        for tag in tags:
            self.combos["tag"].addItem(tr(tag), tag)
        for key, combo in self.combos.items():
            combo.setCurrentIndex(max(0, combo.findData(self._chosen[key])))
            combo.currentIndexChanged.connect(lambda _at, k=key: self._pick(k))

    def _pick(self, key: str) -> None:
        self._chosen[key] = str(self.combos[key].currentData())

    def _made(self, values: dict[str, str]) -> RecordingFilter:
        until = self._day(values["until"])
        agent = self._chosen["agent"]
        return replace(
            self._now,
            agent=UserId(agent) if agent else None,
            team=self._chosen["team"],
            tag=self._chosen["tag"],
            since=self._day(values["since"]),
            until=until + timedelta(days=1) if until else None,
            longer_than_ms=_minutes(values["minutes"]),
        )

    def _day(self, text: str) -> datetime | None:
        if not text:
            return None
        try:
            return datetime.combine(date.fromisoformat(text), time(), self._work.words.zone)
        except ValueError as error:
            raise InvalidInput(
                "The filter was not set.", "A day is wrong.", "Write it like 2026-03-31."
            ) from error


def _minutes(text: str) -> int:
    try:
        minutes = float(text.replace(",", ".") or 0)
        if not 0 <= minutes <= 24 * 60:
            raise ValueError(text)
    except ValueError as error:
        raise InvalidInput(
            "The filter was not set.", "The length is not a number of minutes."
        ) from error
    return round(minutes * _MINUTE_MS)
