"""The agent's voice on its way into the call: which processing is wanted, and that it never fails.

The library is loaded on a thread of its own when a call is near. Until it is there, and for good
where it is missing or fails, the voice goes on as the microphone gave it, and that is told.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable

from softphone.audio import apm
from softphone.audio.apm import BLOCK_BYTES, Processing, VoiceUnavailable
from softphone.domain.events import VoiceProcessingChanged
from softphone.domain.voice import VoicePart, VoiceProcessing, VoiceRules

log = logging.getLogger(__name__)

DELAY_MS = 40
"""From giving a block to the speaker to its echo at the microphone; the library finds it itself
from there, within some hundred milliseconds."""
MOST_HEARD = 20
"""Blocks kept for a microphone that is silent for a while: 200 ms."""
Make = Callable[[VoiceProcessing, int], Processing]


class VoiceChain:
    """One microphone's processing. Methods run on the audio thread but for the two of streams."""

    def __init__(
        self,
        post: Callable[[Callable[[], None]], None],
        changed: Callable[[], None],
        chosen: VoiceProcessing,
        load: Callable[[], None] = apm.load,
        make: Make = apm.WebRtcProcessing,
    ) -> None:
        """``post`` runs work on the audio thread; ``changed`` is called when others should know."""
        self._post, self._changed = post, changed
        self._load, self._make = load, make
        self.chosen = chosen
        self._rules = VoiceRules()
        self._problem = ""
        self._loading = self._loaded = self._wanted = False
        self._now: Processing | None = None
        self._heard: deque[bytes] = deque(maxlen=MOST_HEARD)
        self._part = b""
        self._said = b""

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

    # --- from the streams' threads: copy, process, return ---------------------------------------

    def played(self, pcm: bytes) -> None:
        """Learn what the speaker plays (the speaker's thread); 16 kHz mono of any length.

        Only kept: the microphone's thread has the time to give it to the library, the speaker's
        must be back at once.
        """
        if self._now is not None:
            self._heard.append(pcm)

    def captured(self, pcm: bytes) -> bytes:
        """Return what of the voice is ready (the microphone's thread)."""
        now = self._now
        if now is None:
            rest, self._said = self._said, b""
            return rest + pcm if rest else pcm
        self._said += pcm
        made = b""
        while len(self._said) >= BLOCK_BYTES:
            block, self._said = self._said[:BLOCK_BYTES], self._said[BLOCK_BYTES:]
            try:
                self._listen(now)
                made += now.captured(block)
            except Exception as error:  # noqa: BLE001 - whatever a foreign library raises
                self._fail(now, error)
                return made + block + self._take_rest()
        return made

    def _listen(self, now: Processing) -> None:
        while self._heard:
            self._part += self._heard.popleft()
        whole = len(self._part) - len(self._part) % BLOCK_BYTES
        for begin in range(0, whole, BLOCK_BYTES):
            now.played(self._part[begin : begin + BLOCK_BYTES])
        self._part = self._part[whole:]

    def _take_rest(self) -> bytes:
        rest, self._said = self._said, b""
        return rest

    def _fail(self, failed: Processing, error: Exception) -> None:
        if self._now is failed:
            self._now = None
            self._post(lambda: self._give_up(f"{type(error).__name__}: {error}"))

    # --- the audio thread -----------------------------------------------------------------------

    @property
    def _decided(self) -> VoiceProcessing:
        return self._rules.decide(self.chosen)

    def _fetch(self) -> None:
        try:
            self._load()
        except VoiceUnavailable as error:
            problem = str(error)
            self._post(lambda: self._give_up(problem))
        else:
            self._post(self._arrived)

    def _arrived(self) -> None:
        self._loading, self._loaded = False, True
        self._renew()

    def _give_up(self, problem: str) -> None:
        self._loading, self._loaded, self._problem = False, False, problem
        self._now = None
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
            self._now = None
            return
        try:
            self._now = self._make(decided, DELAY_MS)
        except VoiceUnavailable as error:
            self._give_up(str(error))
