"""Whose data is only kept and not used, since when, by whose decision."""

from __future__ import annotations

from softphone.domain.errors import NotFound
from softphone.domain.privacy import Restriction, RestrictionKind
from softphone.ui.dialogs.restrict import RESTRICTION_WORDS, ReleaseDialog
from softphone.ui.pages.list_section import ListSection
from softphone.ui.translation import tr
from softphone.ui.widgets.basic import Button
from softphone.ui.widgets.line_list import Line
from softphone.ui.widgets.notice import Notice
from softphone.ui.workplace import Workplace


class RestrictionsSection(ListSection):
    """Restrictions and legal holds."""

    kinds = frozenset({"restrictions"})

    def __init__(self, work: Workplace, notice: Notice) -> None:
        super().__init__(
            work,
            notice,
            tr("Restrictions"),
            tr(
                "Whose data is kept and not used. Their recordings are sealed: nobody can play one."
            ),
        )
        self.end = self.add_action(Button(tr("End the restriction"), icon="lock-open"))
        self.end.clicked.connect(self.open_chosen)
        self.list.lines.modelReset.connect(self._show_end)
        self._show_end()

    def lines(self, limit: int, offset: int) -> list[Line]:
        """Return restrictions, newest first; runs on the lane."""
        desk, now, words = self.work.desk, self.work.office.clock.now(), self.work.words
        found = desk.requests.restrictions()[offset : offset + limit]
        lines = []
        for restriction in found:
            try:
                name = desk.session.vault.contact(restriction.contact).name
            except NotFound:
                name = tr("A person who is being erased")
            since = words.day(restriction.since, now)
            detail = f"{restriction.reason} · {restriction.by}, {since}"
            state = tr(RESTRICTION_WORDS[restriction.kind])
            if restriction.erasure_queued:
                state = tr("Legal hold; erasure is waiting")
            icon = "lock" if restriction.kind is RestrictionKind.HELD else "pause"
            lines.append(Line(name, detail, state, icon, restriction, "hold.text"))
        return lines

    def empty(self) -> tuple[str, str, str]:
        """Say when somebody is here."""
        return (
            "lock-open",
            tr("Nobody is restricted"),
            tr("A request for restriction, an objection or a legal hold puts a person here."),
        )

    def open_chosen(self) -> None:
        """End the chosen restriction."""
        restriction = self.list.chosen()
        if isinstance(restriction, Restriction):
            ReleaseDialog(self.work, restriction, self).open()

    def _show_end(self) -> None:
        some = bool(self.list.lines.rowCount())
        self.end.set_refused("" if some else tr("Nobody is restricted"))
