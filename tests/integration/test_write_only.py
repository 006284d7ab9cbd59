"""Write-only recording: what an attacker gets who takes everything from the agent's workstation.

The attacker has the whole profile, the agent's password, and the memory of the process that
recorded, taken after the call. Keys are searched for as they are: a test that looks for the true
key finds it wherever any attack on this memory could.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from softphone.domain.call import CallState
from softphone.domain.events import RecordingStopped
from softphone.domain.recording import SealedRecording
from softphone.vault.journal import RecordingJournal, payload_path
from softphone.vault.stream import NONCE_SIZE
from tests.fakes.journal_child import KEY, audio
from tests.fakes.listener import LISTENER, file_key, listen, only
from tests.fakes.memory_dump import dump
from tests.integration.conftest import ANNA, NUMBER, Phone
from tests.integration.test_calls_with_baresip import in_state, peer, registered, talked

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


@contextmanager
def recorded(folder: Path, *more: str) -> Iterator[bytes]:
    """Let a process record and end a call; yield its memory while it still runs."""
    child = subprocess.Popen(
        [sys.executable, "-m", "tests.fakes.recorded_child", folder, LISTENER.recipient(), *more],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).resolve().parents[2],
    )
    assert child.stdout is not None
    assert child.stdin is not None
    try:
        assert child.stdout.readline() == b"sealed\n"
        yield dump(child.pid)
    finally:
        child.stdin.close()
        child.stdout.close()
        assert child.wait(timeout=20) == 0


def secrets_of(folder: Path) -> dict[str, bytes]:
    """Return every key that would open the recording, found with the listener's own key."""
    journal = RecordingJournal(folder / "journal.db", KEY, folder / "recordings")
    sealed = only(journal)
    journal.close()
    payload = payload_path(folder / "recordings", sealed.manifest.recording).read_bytes()
    sound = listen(sealed, payload)
    assert sound == audio(0, len(sound)), "the listener's key opens it"
    return keys_from(file_key(sealed), payload)


def keys_from(key: bytes, payload: bytes) -> dict[str, bytes]:
    def derived(info: bytes, salt: bytes | None) -> bytes:
        return HKDF(algorithm=SHA256(), length=32, salt=salt, info=info).derive(key)

    return {
        "file key": key,
        "payload key": derived(b"payload", payload[:NONCE_SIZE]),
        "tail key": derived(b"softphone tail", None),
        "header key": derived(b"header", None),
    }


def test_no_key_of_the_recording_is_left_in_the_memory_of_the_recorder(tmp_path: Path):
    with recorded(tmp_path) as memory:
        assert KEY in memory, "the dump is whole: the journal's key is in it"
        assert len(memory) > 10_000_000
    found = [name for name, key in secrets_of(tmp_path).items() if key in memory]
    assert found == []


def test_the_search_would_find_a_key_that_was_kept(tmp_path: Path):
    with recorded(tmp_path, "keep") as memory:
        pass
    assert secrets_of(tmp_path)["file key"] in memory


@pytest.mark.peer
@pytest.mark.timeout(120)
@pytest.mark.usefixtures("needs_baresip")
def test_no_key_is_left_in_the_engine_after_a_call(
    phone: Phone, registrar, authority, voices16, tmp_path: Path
):
    """The engine as it is, a call with a foreign phone, and the memory a moment after its end."""
    with peer(registrar, authority, voices16, tmp_path):
        phone.record()
        phone.register(registrar.server, authority.ca_file)
        phone.wait(registered)
        call = phone.client.dial(ANNA, NUMBER)
        phone.wait(in_state(CallState.ESTABLISHED))
        phone.wait(talked(4))
        phone.client.hang_up(call)
        phone.wait(lambda e: isinstance(e, RecordingStopped))
        memory = dump(phone.client.pid)
    [sealed] = phone.client.sealed_recordings()
    assert isinstance(sealed, SealedRecording)
    payload = payload_path(phone.profile.recordings, sealed.manifest.recording).read_bytes()
    key = phone.listener.unwrap(sealed.stanzas)
    assert sealed.manifest.recording.encode() in memory, "the dump is of the process that recorded"
    assert [name for name, k in keys_from(key, payload).items() if k in memory] == []
