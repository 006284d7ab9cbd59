"""The journal in a process that is killed in the middle of its work."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from softphone.vault.journal import RecordingJournal, payload_path
from softphone.vault.stream import open_payload
from tests.fakes.journal_child import KEY, audio
from tests.fakes.listener import LISTENER, file_key, listen, only


@pytest.mark.parametrize("kills", range(6))
def test_a_killed_process_loses_at_most_what_was_not_flushed(tmp_path: Path, kills: int):
    wanted = random.Random(kills).randint(1, 60)
    child = subprocess.Popen(
        [sys.executable, "-m", "tests.fakes.journal_child", tmp_path, LISTENER.recipient()],
        stdout=subprocess.PIPE,
        cwd=Path(__file__).resolve().parents[2],
    )
    assert child.stdout is not None
    durable = 0
    for _ in range(wanted):
        durable = int(child.stdout.readline())
    child.send_signal(signal.SIGKILL)
    for line in child.stdout.read().splitlines():
        durable = int(line)
    child.stdout.close()
    assert child.wait() == -signal.SIGKILL
    journal = RecordingJournal(tmp_path / "journal.db", KEY, tmp_path / "recordings")
    sealed = only(journal)
    journal.close()
    path = payload_path(tmp_path / "recordings", sealed.manifest.recording)
    plaintext = listen(sealed, path.read_bytes())
    assert not sealed.manifest.complete
    # One flush may have become durable without the child having said so: 70,000 bytes at most.
    assert durable <= len(plaintext) <= durable + 70_000
    assert plaintext == audio(0, len(plaintext))
    reader = open_payload(path, file_key(sealed), tail=sealed.tail, complete=False)
    assert reader.size == len(plaintext)
    reader.close()
