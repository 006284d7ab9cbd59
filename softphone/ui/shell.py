"""The window's inside for a signed-in person: rail, top bar, pages, call panel, status."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSettings, Qt, Signal
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from softphone.domain.consent import MARKETING, RECORDING
from softphone.domain.events import Event, HistoryChanged
from softphone.domain.recording import Recording
from softphone.ui.call_actions import CallActions
from softphone.ui.commands import make_commands
from softphone.ui.dialogs.sheet import ShortcutSheet
from softphone.ui.incoming_toast import IncomingToast
from softphone.ui.jumps import connect_jumps
from softphone.ui.models.search import Finder
from softphone.ui.pages.page import Page
from softphone.ui.pages.phone import DialPad
from softphone.ui.pages.recordings import RecordingsPage
from softphone.ui.pages.registry import make_page
from softphone.ui.shortcuts import SHORTCUTS, keys_for
from softphone.ui.translation import tr
from softphone.ui.widgets.basic import Button
from softphone.ui.widgets.call_panel import CallPanel
from softphone.ui.widgets.incoming import WIDTH, IncomingCard
from softphone.ui.widgets.notice import Notice
from softphone.ui.widgets.rail import PLACES, Rail, places_for
from softphone.ui.widgets.search_line import SearchLine
from softphone.ui.widgets.status_bar import StatusBar
from softphone.ui.workplace import Workplace

PANEL = 352


class Shell(QWidget):
    """Puts the parts together; made anew at each sign-in."""

    shape_wanted = Signal(str)
    lock_wanted = Signal()
    theme_wanted = Signal()

    def __init__(self, work: Workplace, settings: QSettings) -> None:
        super().__init__()
        self.setObjectName("surface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.work = work
        self.settings = settings
        self.shape = "desk"
        self.actions_on_calls = CallActions(work, self)
        self.places = places_for(work.rights)
        self.pages: dict[str, Page] = {}
        self.rail = Rail(self.places)
        self.stack = QStackedWidget()
        self.notice = Notice()
        self.panel = CallPanel(work, self.actions_on_calls)
        self.status = StatusBar(work)
        self.pad = DialPad(work, self.actions_on_calls, compact=True)
        finder = Finder(work, self.dial_text, self.open_recording)
        self.search = SearchLine(work, finder, self)
        finder.commands = make_commands(self)
        self.shape_button = Button(kind="plain", icon="corners-in", name=tr("Phone shape (F11)"))
        self._lay_out()
        self.incoming = IncomingCard(work, self.actions_on_calls, self)
        self.toast: IncomingToast | None = None
        self._connect()
        self._make_shortcuts()
        self.show_page("phone")
        self._show_panel(self.panel.call is not None)

    def show_outside(self, window: QWidget) -> None:
        """Show calls in a corner of the screen while this window is not in front."""
        self.toast = IncomingToast(self.work, self.actions_on_calls, window)
        self.destroyed.connect(self.toast.deleteLater)

    # what others may do with the window
    def dial_text(self, text: str) -> None:
        """Call a number or address; a refusal or a wrong number is said in words."""
        self.actions_on_calls.dial(text)

    def show_page(self, key: str) -> None:
        """Bring a page to the front; pages the person may not use do nothing."""
        if key not in {place.key for place in self.places}:
            return
        if self.shape == "phone" and key != "phone":
            self.shape_wanted.emit("desk")
        if key not in self.pages:
            page = make_page(key, self.work, self.actions_on_calls, self.notice, self.settings)
            self.pages[key] = page
            self.stack.addWidget(page)
            connect_jumps(self, page)
        self.stack.setCurrentWidget(self.pages[key])
        self.rail.select(key)
        self.pages[key].activate()

    def page_in_front(self) -> str:
        """Return the key of the page that is shown."""
        shown = self.stack.currentWidget()
        return next((key for key, page in self.pages.items() if page is shown), "phone")

    def open_recording(self, recording: Recording) -> None:
        """Show one recording on its page."""
        self.show_page("recordings")
        page = self.pages.get("recordings")
        if isinstance(page, RecordingsPage):
            page.show_recording(recording)

    def set_shape(self, shape: str) -> None:
        """Arrange as ``desk`` or as ``phone``."""
        self.shape = shape
        compact = shape == "phone"
        self.rail.setVisible(not compact)
        self.stack.setVisible(not compact)
        self._phone.setVisible(compact)
        self.panel.set_compact(compact)
        self.status.set_compact(compact)
        (self._phone_column if compact else self._side_column).insertWidget(0, self.panel)
        self.shape_button.set_icon("corners-out" if compact else "corners-in")
        name = tr("Desk shape (F11)") if compact else tr("Phone shape (F11)")
        self.shape_button.setAccessibleName(name)
        self.shape_button.setToolTip(name)
        self._top_row.setContentsMargins(*((8, 8, 8, 8) if compact else (24, 8, 16, 8)))
        self._top_row.setStretch(1, 0 if compact else 1)
        self.search.setMaximumWidth(16777215 if compact else 512)
        self._show_panel(self.panel.call is not None)
        self._place_incoming()

    def show_sheet(self) -> None:
        """Show all shortcuts."""
        sheet = ShortcutSheet(self.settings, self)
        sheet.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        sheet.open()

    # inside
    def _lay_out(self) -> None:
        top = QWidget()
        top.setObjectName("topBar")
        top.setFixedHeight(56)
        self._top_row = QHBoxLayout(top)
        self._top_row.setSpacing(8)
        self._top_row.addWidget(self.search, 4)
        self._top_row.addStretch(1)
        self._top_row.addWidget(self.shape_button)
        self._side = QScrollArea()
        self._side.setObjectName("sidePanel")
        self._side.setWidgetResizable(True)
        self._side.setFixedWidth(PANEL)
        self._side.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._side.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        inside = QWidget()
        self._side_column = QVBoxLayout(inside)
        self._side_column.setContentsMargins(0, 0, 0, 0)
        self._side_column.addWidget(self.panel)
        self._side.setWidget(inside)
        self._phone = QWidget()
        self._phone_column = QVBoxLayout(self._phone)
        self._phone_column.setContentsMargins(0, 0, 0, 0)
        self._pad_box = QWidget()
        pad_column = QVBoxLayout(self._pad_box)
        pad_column.setContentsMargins(16, 12, 16, 12)
        pad_column.addWidget(self.pad)
        self._phone_column.addWidget(self._pad_box, 1)
        self._phone.hide()
        notice_row = QHBoxLayout()
        notice_row.setContentsMargins(8, 0, 8, 0)
        notice_row.addWidget(self.notice)
        centre = QVBoxLayout()
        centre.setSpacing(0)
        centre.addWidget(top)
        centre.addLayout(notice_row)
        centre.addWidget(self.stack, 1)
        centre.addWidget(self._phone, 1)
        row = QHBoxLayout()
        row.setSpacing(0)
        row.addWidget(self.rail)
        row.addLayout(centre, 1)
        row.addWidget(self._side)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(row, 1)
        column.addWidget(self.status)

    def _connect(self) -> None:
        self.rail.chosen.connect(self.show_page)
        self.panel.shown.connect(self._show_panel)
        self.status.theme_pressed.connect(self.theme_wanted)
        self.status.keys_pressed.connect(self.show_sheet)
        self.status.lock_pressed.connect(self.lock_wanted)
        self.shape_button.clicked.connect(self._other_shape)
        self.work.dispatcher.failed.connect(self.notice.show_error)
        self.work.store.happened.connect(self._happened)
        # A method, not a lambda: the store outlives this shell, and only methods go with it.
        self.work.store.changed.connect(self._state_changed)

    def _make_shortcuts(self) -> None:
        calls = self.actions_on_calls
        deeds: dict[str, Callable[[], None]] = {
            "search": lambda: self.search.start(),
            "answer": lambda: calls.answer(),
            "hang_up": lambda: calls.hang_up(),
            "transfer": self.panel.show_transfer,
            "mute": calls.toggle_mute,
            "hold": calls.toggle_hold,
            "record": lambda: calls.toggle_recording(),
            "consent_recording": lambda: self.panel.consents.toggle(RECORDING),
            "consent_marketing": lambda: self.panel.consents.toggle(MARKETING),
            "shape": self._other_shape,
            "lock": self.lock_wanted.emit,
            "sheet": self.show_sheet,
        }
        for place in PLACES:
            deeds[f"page{place.digit}"] = lambda key=place.key: self.show_page(key)  # type: ignore[misc]
        for shortcut in SHORTCUTS:
            made = QShortcut(QKeySequence(keys_for(self.settings, shortcut)), self)
            made.setContext(Qt.ShortcutContext.WindowShortcut)
            made.activated.connect(deeds[shortcut.name])
            if shortcut.name == "answer":
                made.setKeys([made.key(), QKeySequence("Ctrl+Enter")])

    def _other_shape(self) -> None:
        self.shape_wanted.emit("desk" if self.shape == "phone" else "phone")

    def _show_panel(self, shown: bool) -> None:
        compact = self.shape == "phone"
        # Hide first: showing lays out at once, and both together would make the window grow.
        if shown:
            self._pad_box.hide()
        self.panel.setVisible(shown)
        self._pad_box.setVisible(not shown)
        self._side.setVisible(shown and not compact)

    def _happened(self, event: Event) -> None:
        if not isinstance(event, HistoryChanged):
            return
        if "contacts" in event.kinds:
            self.actions_on_calls.forget_contacts()
        if event.kinds & {"contacts", "consents"}:
            self.panel.consents.reload()
        page = self.stack.currentWidget()
        if isinstance(page, Page):
            page.changed(event.kinds)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the incoming card in its corner."""
        super().resizeEvent(event)
        self._place_incoming()

    def _state_changed(self, _state: object) -> None:
        self._place_incoming()

    def _place_incoming(self) -> None:
        card = self.incoming
        compact = self.shape == "phone"
        width = self.width() - 16 if compact else WIDTH
        card.setFixedWidth(width)
        card.adjustSize()
        left = 8 if compact else self.rail.width() + 16
        below = self.status.height() + (8 if compact else 16)
        card.move(left, self.height() - below - card.height())
