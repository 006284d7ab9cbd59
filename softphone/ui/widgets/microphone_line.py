"""Why others may hear nothing: the system has muted the microphone, or its volume is 0."""

from __future__ import annotations

from softphone.domain.events import MicrophoneChanged
from softphone.domain.sound import Silenced
from softphone.ui.announce import announce
from softphone.ui.translation import tr
from softphone.ui.widgets.basic import Sign

SILENCED_WORDS: dict[Silenced, str] = {
    Silenced.MUTED: "The system has muted your microphone: others hear nothing. Switch it on in "
    "the system's sound settings.",
    Silenced.VOLUME_ZERO: "Your microphone's volume is 0 in the system: others hear nothing. "
    "Raise it in the system's sound settings.",
}
SHORT_WORDS: dict[Silenced, str] = {
    Silenced.MUTED: "Microphone muted in the system: you are not heard",
    Silenced.VOLUME_ZERO: "Microphone volume is 0 in the system: you are not heard",
}


class MicrophoneLine(Sign):
    """Shown only while the system lets nothing through; said once when that begins."""

    def __init__(self, *, short: bool = False) -> None:
        super().__init__("warning", wrap=True)
        self._words = SHORT_WORDS if short else SILENCED_WORDS
        self._shown = Silenced.NO
        self.setVisible(False)

    def show_microphone(self, told: MicrophoneChanged, *, wanted: bool = True) -> None:
        """Show the state; ``wanted`` says whether anybody speaks into it."""
        why = told.silenced if wanted else Silenced.NO
        self.setVisible(why is not Silenced.NO)
        if why is self._shown:
            return
        self._shown = why
        if why is not Silenced.NO:
            words = tr(self._words[why])
            self.set("microphone-slash", words, "hold.text")
            announce(self, words)
