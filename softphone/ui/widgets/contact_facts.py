"""What the card of a contact says: who it is, what they agreed to, what they were told."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from softphone.app.contacts import ContactView
from softphone.app.numbers import display
from softphone.domain.consent import TOLD_WORDS, standing
from softphone.domain.contact import Contact, ContactKind
from softphone.ui.consent_words import how_words, state_words
from softphone.ui.dialogs.contact import label_words
from softphone.ui.translation import counted, tr
from softphone.ui.widgets.basic import Button, ElidedLabel, Sign, label
from softphone.ui.words import isolated
from softphone.ui.workplace import Workplace

_MOST = 5


def add_identity(
    column: QVBoxLayout, work: Workplace, view: ContactView, dial: Callable[[str], None]
) -> None:
    """Add name, company, numbers, addresses, tags and what is to be known before calling."""
    contact = view.contact
    column.addWidget(label(isolated(contact.name), "title", wrap=True))
    if contact.kind is ContactKind.COMPANY:
        column.addWidget(Sign("users", tr("Company")))
    elif contact.company:
        column.addWidget(label(isolated(contact.company), "secondary", wrap=True))
    column.addSpacing(4)
    for number, its_label in contact.labelled:
        column.addWidget(_number(number, its_label, dial))
    for email in contact.emails:
        column.addWidget(Sign("at", email, elide=True))
    if contact.tags:
        column.addWidget(Sign("tag", ", ".join(isolated(t) for t in contact.tags), wrap=True))
    if contact.language:
        column.addWidget(Sign("translate", contact.language))
    if view.last_activity is not None:
        when = work.words.when(view.last_activity, work.office.clock.now())
        column.addWidget(Sign("clock", tr("Last activity: {when}", when=when)))
    _add_warnings(column, view)


def _number(number: str, its_label: str, dial: Callable[[str], None]) -> QWidget:
    button = Button(display(number), kind="link", icon="phone")
    words = label_words(its_label) if its_label else ""
    button.setAccessibleName(tr("Call {number}", number=f"{display(number)} {words}".strip()))
    button.clicked.connect(lambda _on=False: dial(number))
    holder = QWidget()
    row = QHBoxLayout(holder)
    row.setContentsMargins(0, 0, 0, 0)
    row.addWidget(button)
    if words:
        row.addWidget(label(words, "small"))
    row.addStretch(1)
    return holder


def _add_warnings(column: QVBoxLayout, view: ContactView) -> None:
    if view.do_not_call:
        lists = ", ".join(view.do_not_call)
        column.addWidget(
            Sign("prohibit", tr("On a do-not-call list: {lists}", lists=lists), "hold.text",
                 wrap=True)
        )  # fmt: skip
    if view.colleague:
        words = tr("Has the name of a colleague: their own calls and rights are not part of this.")
        column.addWidget(Sign("info", words, wrap=True))
    if view.sharing:
        names = ", ".join(isolated(c.name) for c in view.sharing[:_MOST])
        column.addWidget(Sign("info", tr("Shares a number with {names}", names=names), wrap=True))


def add_staff(
    column: QVBoxLayout, view: ContactView, open_contact: Callable[[Contact], None]
) -> None:
    """Add the people of a company."""
    if not view.staff:
        return
    column.addSpacing(8)
    column.addWidget(
        label(counted(len(view.staff), "{n} person works here", "{n} people work here"), "label")
    )
    for person in view.staff[:20]:
        button = Button(isolated(person.name), kind="link", icon="user")
        button.clicked.connect(lambda _on=False, p=person: open_contact(p))
        column.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)


def add_consents(
    column: QVBoxLayout,
    work: Workplace,
    view: ContactView,
    titles: dict[str, str],
    change: Callable[[], None],
) -> None:
    """Add what stands for each purpose, and the button that changes it."""
    column.addSpacing(8)
    head = QHBoxLayout()
    head.addWidget(label(tr("Legal bases"), "label"))
    head.addStretch(1)
    button = Button(tr("Legal bases"), kind="link", icon="pencil-simple")
    button.set_text(tr("Record or withdraw"))
    button.clicked.connect(lambda: change())
    head.addWidget(button)
    holder = QWidget()
    head.setContentsMargins(0, 0, 0, 0)
    holder.setLayout(head)
    column.addWidget(holder)
    stands = standing(view.consents)
    now = work.office.clock.now()
    if not stands:
        column.addWidget(label(tr("Nothing was recorded so far."), "secondary"))
    for purpose, latest in stands.items():
        words, icon, role = state_words(latest, now)
        title = tr(titles.get(purpose, purpose))
        column.addWidget(Sign(icon, f"{title}: {words}", role, wrap=True))
        column.addWidget(label(how_words(latest, work.words, now), "small", wrap=True))


def add_informed(
    column: QVBoxLayout, work: Workplace, view: ContactView, titles: dict[str, str]
) -> None:
    """Add what the person was told, newest first."""
    if not view.informed:
        return
    column.addSpacing(8)
    column.addWidget(label(tr("Informed"), "label"))
    now = work.office.clock.now()
    for told in list(view.informed)[: -_MOST - 1 : -1]:
        text = tr(titles.get(told.topic, told.topic))
        if told.version:
            wording = tr(
                "wording {version}, {language}", version=told.version, language=told.language
            )
            text += f", {wording}"
        when = work.words.when(told.at, now)
        column.addWidget(ElidedLabel(f"{text}: {tr(TOLD_WORDS[told.how])}, {when}"))
