"""Opens what a journal hands over, as a listener does."""

from __future__ import annotations

import hashlib
import io

from softphone.domain.recording import SealedRecording
from softphone.vault.age_format import encode_header, parse_header
from softphone.vault.journal import RecordingJournal
from softphone.vault.recipients import HybridIdentity, unwrap_file_key
from softphone.vault.stream import PayloadReader
from softphone.vault.tail import open_tail

LISTENER = HybridIdentity.from_seed(bytes(range(32)))


def file_key(sealed: SealedRecording) -> bytes:
    header = parse_header(encode_header(sealed.stanzas, sealed.header_mac))
    return unwrap_file_key(header, [LISTENER])


def listen(sealed: SealedRecording, payload: bytes) -> bytes:
    """Check a payload against its manifest and return its plaintext."""
    manifest = sealed.manifest
    assert manifest.payload_sha256 == hashlib.sha256(payload).hexdigest()
    assert manifest.payload_bytes == len(payload)
    key = file_key(sealed)
    tail = None if manifest.complete else open_tail(key, sealed.tail)
    reader = PayloadReader(io.BytesIO(payload), key, cut_off=not manifest.complete, tail=tail)
    assert reader.problem == ""
    return reader.read_at(0, reader.size)


def only(journal: RecordingJournal) -> SealedRecording:
    (sealed,) = journal.sealed()
    return sealed
