"""What rings: our own ring, or sound files that a person chose, copied into the profile.

Files are read and decoded on a thread beside, once; until then, and where one is damaged, the
built-in ring sounds, and that is told. Methods run on the audio thread.
"""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from softphone.app.media import SAMPLE_RATE_HZ
from softphone.audio.loudness import FULL_SCALE, at_loudness, gated_lufs
from softphone.audio.preferences import OwnRing, Preferences
from softphone.audio.sound_file import MOST_BYTES, NoSound, decode
from softphone.audio.tones import RING_LUFS, ringtone
from softphone.domain.events import RingtonesChanged
from softphone.domain.ids import AccountId
from softphone.domain.sound import FOR_ALL, Ringtone, RingtoneProblem, ring_gain
from softphone.paths import private_folder, write_private

log = logging.getLogger(__name__)

PERIOD_S = 3
"""A shorter sound is followed by silence: it rings at most this often."""
NAME_LENGTH = 80


class Unusable(Exception):  # never leaves this module
    """A file that cannot ring."""

    def __init__(self, problem: RingtoneProblem) -> None:
        super().__init__(problem.value)
        self.problem = problem


class Ringtones:
    """Rings by account; the empty account stands for all others."""

    def __init__(
        self,
        folder: Path | None,
        preferences: Preferences,
        post: Callable[[Callable[[], None]], None],
        changed: Callable[[], None],
    ) -> None:
        """``post`` runs work on the audio thread; without a ``folder`` no file is taken."""
        self._folder, self._preferences = folder, preferences
        self._post, self._changed = post, changed
        self._pcm: dict[str, np.ndarray] = {}
        self._damaged: dict[str, RingtoneProblem] = {}
        self._refused: Ringtone | None = None

    def load(self) -> None:
        """Begin to read what was kept."""
        kept = dict(self._preferences.rings)
        if kept:
            self._beside(lambda: self._read_kept(kept))

    def present(self) -> RingtonesChanged:
        """Return how calls ring."""
        none = RingtoneProblem.NONE
        own = tuple(
            Ringtone(ring.name, AccountId(account), self._damaged.get(account, none))
            for account, ring in sorted(self._preferences.rings.items())
        )
        return RingtonesChanged(self._preferences.ring_percent, own, self._refused)

    def pcm(self, account: str = FOR_ALL) -> bytes:
        """Return one period of an account's ring, as loud as it is to be; 16 kHz mono."""
        found = self._pcm.get(account)
        if found is None:
            found = self._pcm.get(FOR_ALL, ringtone())
        gain = ring_gain(self._preferences.ring_percent)
        return found.tobytes() if gain == 1 else (found * gain).astype(np.int16).tobytes()

    def ring_at(self, percent: float) -> None:
        """Ring this loud."""
        self._preferences.ring_at(round(percent))
        self._changed()

    def choose(self, file: str, account: AccountId) -> None:
        """Take a copy of a file, or with none go back to the ring before."""
        self._refused = None
        if file:
            self._beside(lambda: self._take(Path(file), account))
        else:
            self._drop(account)
            self._preferences.ring_with(account, None)
        self._changed()

    def _drop(self, account: str) -> None:
        before = self._preferences.rings.get(account)
        self._pcm.pop(account, None)
        self._damaged.pop(account, None)
        if before is not None and self._folder is not None:
            try:
                (self._folder / before.file).unlink(missing_ok=True)
            except OSError as error:
                log.warning("a ringtone could not be removed: %s", error.strerror)

    def _use(self, account: str, ring: OwnRing, pcm: np.ndarray) -> None:
        self._drop(account)
        self._pcm[account] = pcm
        self._preferences.ring_with(account, ring)
        self._changed()

    def _refuse(self, ringtone: Ringtone) -> None:
        self._refused = ringtone
        self._changed()

    def _loaded(self, account: str, pcm: np.ndarray | None, problem: RingtoneProblem) -> None:
        if account not in self._preferences.rings:
            return  # forgotten meanwhile
        if pcm is not None:
            self._pcm.setdefault(account, pcm)
        else:
            self._damaged[account] = problem
            self._changed()

    # --- beside: reading and decoding take a while ----------------------------------------------

    @staticmethod
    def _beside(work: Callable[[], None]) -> None:
        threading.Thread(target=work, name="ringtone", daemon=True).start()

    def _take(self, file: Path, account: AccountId) -> None:
        asked = Ringtone(file.name[:NAME_LENGTH], account)
        try:
            data = _read(file)
            pcm = ring_of(data)
            kept = OwnRing(secrets.token_hex(8), asked.name)
            self._keep(kept.file, data)
        except Unusable as error:
            refused = replace(asked, problem=error.problem)
            self._post(lambda: self._refuse(refused))
        else:
            self._post(lambda: self._use(account, kept, pcm))

    def _keep(self, name: str, data: bytes) -> None:
        if self._folder is None:
            raise Unusable(RingtoneProblem.NOT_KEPT)
        try:
            write_private(private_folder(self._folder) / name, data)
        except OSError as error:
            raise Unusable(RingtoneProblem.NOT_KEPT) from error

    def _read_kept(self, kept: dict[str, OwnRing]) -> None:
        for account, ring in kept.items():
            pcm, problem = None, RingtoneProblem.NONE
            try:
                # A name with a path in it leads nowhere: the file was written by us.
                pcm = ring_of(_read((self._folder or Path()) / Path(ring.file).name))
            except Unusable as error:
                problem = error.problem
                log.warning("a ringtone is damaged, the built-in one sounds: %s", problem.value)
            self._post(lambda a=account, p=pcm, why=problem: self._loaded(a, p, why))  # type: ignore[misc]


def ring_of(data: bytes) -> np.ndarray:
    """Return a sound file as one period of a ring at RING_LUFS. Raises Unusable."""
    try:
        wave = decode(data) / FULL_SCALE
    except NoSound as error:
        raise Unusable(RingtoneProblem.NO_SOUND_FILE) from error
    if gated_lufs(wave * FULL_SCALE, SAMPLE_RATE_HZ) == float("-inf"):
        raise Unusable(RingtoneProblem.SILENT)
    pcm = at_loudness(wave, SAMPLE_RATE_HZ, RING_LUFS, gated_lufs)
    return np.concatenate([pcm, np.zeros(max(PERIOD_S * SAMPLE_RATE_HZ - len(pcm), 0), np.int16)])


def _read(file: Path) -> bytes:
    try:
        if not file.is_file():
            raise Unusable(RingtoneProblem.UNREADABLE)
        with file.open("rb") as opened:
            data = opened.read(MOST_BYTES + 1)
    except OSError as error:
        raise Unusable(RingtoneProblem.UNREADABLE) from error
    if len(data) > MOST_BYTES:
        raise Unusable(RingtoneProblem.TOO_LARGE)
    return data
