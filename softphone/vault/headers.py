"""The header of a recording, kept apart from its payload and sealed once more in the database.

The key of this second seal comes from a small key of the recording and one of each data subject.
Destroying either makes the header, and with it the payload, unreadable for good.
"""

from __future__ import annotations

from softphone.domain.errors import Damaged, Refused
from softphone.domain.ids import RecordingId
from softphone.domain.recording import SealedRecording
from softphone.vault.age_format import Header, encode_header, parse_header
from softphone.vault.core import Core
from softphone.vault.crypto import derive, new_key, open_sealed, seal
from softphone.vault.subjects import Subjects

RESTRICTED = (
    "The use of this person's data is restricted. It can be heard when a data protection officer "
    "ends the restriction."
)

KEYLESS = (
    "The vault was restored from a backup without the key of this recording. "
    "It can be heard when the backup is restored again with a keys file that still holds."
)


def seal_header(core: Core, subjects: Subjects, sealed: SealedRecording, number: str) -> bytes:
    """Return the sealed header and keep the recording's key. Within the caller's transaction."""
    recording = sealed.manifest.recording
    recording_key = new_key()
    core.connection.execute("INSERT INTO recording_keys VALUES (?, ?)", (recording, recording_key))
    subject_key = subjects.key(number) if number else b""
    header = encode_header(sealed.stanzas, sealed.header_mac)
    return seal(_key(recording_key, subject_key, recording), header, recording.encode())


def reseal_header(
    core: Core, subjects: Subjects, recording: RecordingId, number: str, header: bytes
) -> bytes:
    """Return a new header sealed under a new key of the recording, which replaces the old one."""
    recording_key = new_key()
    core.connection.execute(
        "UPDATE recording_keys SET recording_key = ? WHERE recording_id = ?",
        (recording_key, recording),
    )
    subject_key = subjects.key(number) if number else b""
    return seal(_key(recording_key, subject_key, recording), header, recording.encode())


def open_header(core: Core, subjects: Subjects, recording: RecordingId) -> Header:
    """Return the header of a recording.

    Raises Damaged, also where a key was destroyed or did not come back from a backup, and Refused
    while the person is restricted: then the header is sealed for the officers' group besides.
    """
    row = core.connection.execute(
        "SELECT r.header, r.number, k.recording_key, r.restricted_for FROM recordings r"
        " LEFT JOIN recording_keys k ON k.recording_id = r.id WHERE r.id = ?",
        (recording,),
    ).fetchone()
    if row[3]:
        raise Refused(RESTRICTED)
    subject_key = subjects.known_key(row[1]) if row[1] else b""
    if row[2] == b"" or (row[1] and subject_key == b""):
        raise Damaged("The recording cannot be opened.", KEYLESS)
    if row[2] is None or subject_key is None:
        raise Damaged("The recording cannot be opened.", "Its key was destroyed by an erasure.")
    key = _key(bytes(row[2]), subject_key, recording)
    return parse_header(open_sealed(key, bytes(row[0]), recording.encode()))


def _key(recording_key: bytes, subject_key: bytes, recording: RecordingId) -> bytes:
    return derive(recording_key + subject_key, "softphone header v1", salt=recording.encode())
