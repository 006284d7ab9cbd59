from __future__ import annotations

import pytest

from softphone.domain.errors import ProofInvalid
from softphone.domain.leaving import TITLE, parse_certificate
from softphone.domain.note import SignedNote, VerifierKey, format_note, sign
from softphone.vault.crypto import new_key, public_key, signer, verifies

SEED = new_key()
KEY = VerifierKey("softphone/x", public_key(SEED))


def signed(text: str) -> str:
    return format_note(SignedNote(text, (sign(text, KEY, signer(SEED)),)))


def test_a_certificate_says_what_went():
    text = signed(f"{TITLE}\nx\n2026-03-31T09:00:00.000000Z\nlog 7 ab\ncontacts 3\n")
    assert parse_certificate(text, KEY, verifies) == {
        "device": "x",
        "at": "2026-03-31T09:00:00.000000Z",
        "log": "7 ab",
        "contacts": "3",
    }


@pytest.mark.parametrize("text", ["another title\nx\ny\nz\n", f"{TITLE}\nx\n"])
def test_other_notes_are_none(text: str):
    with pytest.raises(ProofInvalid):
        parse_certificate(signed(text), KEY, verifies)
