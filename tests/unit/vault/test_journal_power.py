"""Power that goes, disks that fill: at any moment, several hundred of them."""

from __future__ import annotations

import errno
import os
import random
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from softphone.domain.errors import StorageFailed
from softphone.vault.journal import RecordingJournal, payload_path
from softphone.vault.stream import CHUNK, NONCE_SIZE, SEALED_CHUNK, ChunkCipher
from tests.fakes.journal_child import KEY, audio, order
from tests.fakes.listener import LISTENER, file_key, listen, only
from tests.fakes.power_loss import FakeDisk, PowerLost

ORDER = order(LISTENER.recipient())
PATH = payload_path(Path("recordings"), ORDER.recording)

actions = st.lists(
    st.integers(0, 90_000) | st.sampled_from([CHUNK, CHUNK - 1, 2 * CHUNK, "flush", "flush"]),
    min_size=1,
    max_size=12,
)


class Story:
    """Writes as told, and remembers what was promised to be durable."""

    def __init__(self, journal: RecordingJournal) -> None:
        self.plaintext = b""
        self.durable = b""
        self.finished = False
        self._writer = journal.begin(ORDER)

    def tell(self, steps: list[int | str]) -> None:
        for step in steps:
            if isinstance(step, int):
                data = audio(len(self.plaintext), step)
                self.plaintext += data
                self._writer.write(data)
            else:
                self._writer.flush()
                self.durable = self.plaintext
        self._writer.finish(1)
        self.finished = True


@given(actions, st.integers(1, 40), st.integers(0, 2**32))
@settings(max_examples=400, deadline=None)
def test_power_may_go_at_any_moment(steps: list[int | str], cut_at: int, seed: int):
    with tempfile.TemporaryDirectory(dir=_memory()) as folder:
        disk = FakeDisk(cut_at=cut_at, random=random.Random(seed))
        path = Path(folder) / "journal.db"
        journal = RecordingJournal(path, KEY, Path("recordings"), files=disk)
        story = None
        try:
            story = Story(journal)
            story.tell(steps)
        except PowerLost:
            pass
        # No orderly close: the database goes as it stands, the payload as the disk kept it.
        journal._rows.close()
        disk = disk.after_power_loss()
        journal = RecordingJournal(path, KEY, Path("recordings"), files=disk)
        sealed = only(journal)
        plaintext = listen(sealed, bytes(disk.seen[PATH]))
        again = only(journal)
        journal._rows.close()
        assert sealed == again
        if story is None:
            assert plaintext == b""
            return
        assert plaintext.startswith(story.durable)
        assert story.plaintext.startswith(plaintext)
        if story.finished:
            assert plaintext == story.plaintext


@given(actions, st.data())
@settings(max_examples=60, deadline=None)
def test_no_nonce_ever_seals_two_plaintexts(steps: list[int | str], data: st.DataObject):
    with tempfile.TemporaryDirectory(dir=_memory()) as folder:
        disk = FakeDisk(random=random.Random(1))
        journal = RecordingJournal(Path(folder) / "j.db", KEY, Path("recordings"), files=disk)
        writer = journal.begin(ORDER)
        for step in (*steps, "flush"):
            if isinstance(step, int):
                writer.write(os.urandom(step))
                continue
            disk.error = data.draw(st.sampled_from([0, errno.ENOSPC]))
            with _maybe_failing():
                writer.flush()
        disk.error = errno.EIO
        with _maybe_failing():
            writer.finish(1)
        disk.error = 0
        writer.finish(1)
        key = file_key(only(journal))
        journal._rows.close()
    cipher = ChunkCipher(key, disk.written[0][1])
    sealed_under: dict[tuple[int, bool], bytes] = {}
    for position, content in disk.written[1:]:
        for start in range(0, len(content), SEALED_CHUNK):
            chunk = content[start : start + SEALED_CHUNK]
            number = (position + start - NONCE_SIZE) // SEALED_CHUNK
            final = cipher.open(number, chunk, final=False) is None
            assert cipher.open(number, chunk, final=final) is not None
            assert sealed_under.setdefault((number, final), chunk) == chunk


@contextmanager
def _maybe_failing() -> Iterator[None]:
    with suppress(StorageFailed):
        yield


def _memory() -> str | None:
    """Return a folder in memory where there is one: SQLCipher syncs at every commit."""
    return "/dev/shm" if Path("/dev/shm").is_dir() else None
