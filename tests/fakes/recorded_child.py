"""Records one call as the engine does, ends it, and stays: for whoever looks into its memory.

The arguments are the folder of the journal, and the recipient. Prints ``sealed`` once the recording
is closed; ends with its standard input. With a third argument it keeps the file key, as an engine
would that is not write-only: the negative control.
"""

from __future__ import annotations

import ctypes
import sys
from pathlib import Path

from softphone.vault import journal as journals
from softphone.vault.journal import RecordingJournal
from tests.fakes.journal_child import KEY, audio, order

_PR_SET_PTRACER, _ANY = 0x59616D61, ctypes.c_ulong(-1)
KEPT: list[bytes] = []


def main(folder: Path, recipient: str, *, keep: bool) -> None:
    """Record, close, wait."""
    # Where the system lets only parents look into a process, this one lets its tester.
    ctypes.CDLL(None).prctl(_PR_SET_PTRACER, _ANY, 0, 0, 0)
    if keep:
        fresh = journals.new_file_key

        def kept() -> bytes:
            key = fresh()
            KEPT.append(bytes(bytearray(key)))  # a copy of its own, which nobody wipes
            return key

        journals.new_file_key = kept
    journal = RecordingJournal(folder / "journal.db", KEY, folder / "recordings")
    writer = journal.begin(order(recipient))
    position = 0
    for length in (100, 9_000, 1, 70_000, 30_000, 200_000):
        writer.write(audio(position, length))
        position += length
        writer.flush()
    writer.finish(60_000)
    del writer
    sys.stdout.write("sealed\n")
    sys.stdout.flush()
    sys.stdin.read()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], keep=len(sys.argv) > 3)
