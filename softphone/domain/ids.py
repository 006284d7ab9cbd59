"""Identifiers. All are random UUIDs in text form unless said otherwise."""

from __future__ import annotations

import uuid
from typing import NewType

CallId = NewType("CallId", str)
RecordingId = NewType("RecordingId", str)
ContactId = NewType("ContactId", str)
NoteId = NewType("NoteId", str)
UserId = NewType("UserId", str)
DeviceId = NewType("DeviceId", str)
AccountId = NewType("AccountId", str)
ErasureId = NewType("ErasureId", str)
GroupId = NewType("GroupId", str)
"""A listeners' group, ``listen/<team>/<epoch>`` or ``recovery/<epoch>``."""
HeadsetId = NewType("HeadsetId", str)
"""Vendor, product and serial number of a headset with buttons: the same after unplugging."""
SubjectPseudonym = NewType("SubjectPseudonym", str)
"""Keyed hash (hex) of a data subject's E.164 number; the server sees only this."""


def new_id() -> str:
    """Return a fresh random identifier (UUID version 4, RFC 9562)."""
    return str(uuid.uuid4())
