"""Texts spoken by espeak-ng, where the system has it; the text goes in by stdin, sound comes back
by stdout, and nothing touches the disk."""

from __future__ import annotations

import logging
import re
import shutil
import subprocess

import numpy as np

from softphone.audio.sound_file import NoSound, decode

log = logging.getLogger(__name__)

PROGRAM = "espeak-ng"
WITHIN_S = 20
WORDS_A_MINUTE = "150"
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*")


def speak(text: str, language: str, longest_s: int) -> np.ndarray | None:
    """Return a text as 16 kHz mono int16, or None where nobody can speak it.

    ``language`` is a BCP 47 tag; a region without a voice of its own has that of
    its main language.
    """
    program = shutil.which(PROGRAM)
    if program is None or not _LANGUAGE.fullmatch(language):
        return None
    for voice in dict.fromkeys((language.lower(), language.lower().split("-")[0])):
        # fmt: off
        command = [program, "-v", voice, "-s", WORDS_A_MINUTE, "-b", "1", "--stdin", "--stdout"]
        # fmt: on
        try:
            done = subprocess.run(
                command, input=text.encode(), capture_output=True, timeout=WITHIN_S, check=True
            )
            return decode(done.stdout, longest_s)
        except (OSError, subprocess.SubprocessError, NoSound) as error:
            log.warning("no voice speaks %s: %s", voice, type(error).__name__)
    return None
