"""The commands that can be typed into the search line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from softphone.domain.agent import AgentState
from softphone.domain.recording import GapReason
from softphone.ui.models.search import Command
from softphone.ui.theme.theme import ThemeChoice
from softphone.ui.translation import tr

if TYPE_CHECKING:
    from softphone.ui.shell import Shell


def make_commands(shell: Shell) -> list[Command]:
    """Return everything that can be done by typing its words."""
    calls, theme = shell.actions_on_calls, shell.work.theme
    found = [
        Command(
            tr("Open {page}", page=tr(place.title)),
            place.icon,
            f"Ctrl+{place.digit}",
            lambda key=place.key: shell.show_page(key),  # type: ignore[misc]
        )
        for place in shell.places
    ]
    found += [
        Command(tr("Answer the call"), "phone", "Ctrl+Enter", lambda: calls.answer()),
        Command(tr("Call again whom you called last"), "phone-outgoing", "", calls.redial),
        Command(tr("Hang up"), "phone-disconnect", "Ctrl+.", lambda: calls.hang_up()),
        Command(tr("Mute or unmute"), "microphone", "Ctrl+M", calls.toggle_mute),
        Command(tr("Hold or resume"), "pause", "Ctrl+H", calls.toggle_hold),
        Command(
            tr("Pause recording for a card payment"),
            "pause",
            "Ctrl+R",
            lambda: calls.toggle_recording(GapReason.CARD_PAYMENT),
        ),
        Command(
            tr("Pause recording for another reason"),
            "pause",
            "",
            lambda: calls.toggle_recording(GapReason.AGENT_PAUSED),
        ),
        Command(
            tr("Take calls"),
            "check",
            "",
            lambda: shell.status.agent.enter(AgentState.AVAILABLE),
        ),
        *(
            Command(
                tr("Take a break: {reason}", reason=tr(reason)),
                "pause",
                "",
                lambda reason=reason: shell.status.agent.enter(  # type: ignore[misc]
                    AgentState.BREAK, reason
                ),
            )
            for reason in shell.work.rights.calls.break_reasons
        ),
        Command(tr("Use the light theme"), "sun", "", lambda: theme.choose(ThemeChoice.LIGHT)),
        Command(tr("Use the dark theme"), "moon", "", lambda: theme.choose(ThemeChoice.DARK)),
        Command(
            tr("Follow the system's theme"),
            "desktop",
            "",
            lambda: theme.choose(ThemeChoice.SYSTEM),
        ),
        Command(tr("Show keyboard shortcuts"), "keyboard", "F1", shell.show_sheet),
        Command(tr("Lock the window"), "lock-simple", "Ctrl+L", shell.lock_wanted.emit),
    ]
    return found
