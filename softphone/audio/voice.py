"""The agent's voice on its way into the call: which processing is wanted, and that it never fails.

The library is loaded on a thread of its own when a call is near. Until it is there, and for good
where it is missing or fails, the voice goes on as the microphone gave it, and that is told.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from softphone.audio import apm
from softphone.audio.apm import Processing, VoiceUnavailable
from softphone.domain.events import VoiceProcessingChanged
from softphone.domain.voice import VoicePart, VoiceProcessing, VoiceRules

log = logging.getLogger(__name__)

DELAY_MS = 40
"""From giving a block to the speaker to its echo at the microphone; the library finds it itself
from there, within some hundred milliseconds."""
Make = Callable[[VoiceProcessing, int], Processing]


class VoiceChain:
    """One microphone's processing. Methods run on the audio thread."""

    def __init__(
        self,
        post: Callable[[Callable[[], None]], None],
        changed: Callable[[], None],
        chosen: VoiceProcessing,
        use: Callable[[Processing | None], None],
        load: Callable[[], None] = apm.load,
        make: Make = apm.WebRtcProcessing,
    ) -> None:
        """``post`` runs work on the audio thread; ``changed`` is called when others should know;
        ``use`` lets the sound pass through a processing, or through none."""
        self._post, self._changed, self._use = post, changed, use
        self._load, self._make = load, make
        self.chosen = chosen
        self._rules = VoiceRules()
        self._problem = ""
        self._loading = self._loaded = self._wanted = False

    def present(self) -> VoiceProcessingChanged:
        """Return the state as an event."""
        return VoiceProcessingChanged(self.chosen, self._rules, self._problem)

    def choose(self, part: VoicePart, on: bool) -> None:
        """Switch one kind as the person wants it."""
        self.chosen = self.chosen.switched(part, on)
        self._apply()

    def rule(self, rules: VoiceRules) -> None:
        """Take what the policy says."""
        if rules != self._rules:
            self._rules = rules
            self._apply()

    def prepare(self) -> None:
        """A call is near: load the library, once, beside everything else."""
        if self._loading or self._loaded or self._problem or not self._decided.any:
            return
        self._loading = True
        threading.Thread(target=self._fetch, name="voice", daemon=True).start()

    def serve(self, heard: bool) -> None:
        """Begin when somebody hears the microphone, end when nobody does any more."""
        if heard != self._wanted:
            self._wanted = heard
            if heard:
                self.prepare()
            self._renew()

    # --- the audio thread -----------------------------------------------------------------------

    @property
    def _decided(self) -> VoiceProcessing:
        return self._rules.decide(self.chosen)

    def _fetch(self) -> None:
        try:
            self._load()
        except VoiceUnavailable as error:
            problem = str(error)
            self._post(lambda: self.give_up(problem))
        else:
            self._post(self._arrived)

    def _arrived(self) -> None:
        self._loading, self._loaded = False, True
        self._renew()

    def give_up(self, problem: str) -> None:
        """Let the voice go on as it is, for good."""
        self._loading, self._loaded, self._problem = False, False, problem
        self._use(None)
        log.warning("the voice goes on without processing: %s", problem)
        self._changed()

    def _apply(self) -> None:
        if self._wanted:
            self.prepare()
        self._renew()
        self._changed()

    def _renew(self) -> None:
        decided = self._decided
        if not (self._wanted and self._loaded and decided.any):
            self._use(None)
            return
        try:
            self._use(self._make(decided, DELAY_MS))
        except VoiceUnavailable as error:
            self.give_up(str(error))
