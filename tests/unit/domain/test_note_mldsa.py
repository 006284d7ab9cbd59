from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest

from softphone.domain.errors import ProofInvalid
from softphone.domain.note import (
    ED25519,
    ML_DSA_44,
    Checkpoint,
    Signature,
    SignedNote,
    VerifierKey,
    format_checkpoint,
    format_note,
    parse_note,
    parse_verifier_key,
    sign_subtree,
    verify,
)
from softphone.vault.crypto import mldsa_key, verifies

SECRET = mldsa_key(bytes(32))
assert SECRET is not None
KEY = VerifierKey("softphone/one", SECRET.public_key().public_bytes_raw(), ML_DSA_44)
ROOT = bytes(range(32))
TEXT = format_checkpoint(Checkpoint("softphone/one", 300, ROOT))


def signed(at: int = 0, text: str = TEXT, key: VerifierKey = KEY) -> SignedNote:
    return SignedNote(text, (sign_subtree(text, key, SECRET.sign, at),))


def test_what_is_signed_is_the_message_of_the_specification():
    """C2SP tlog-cosignature: label, names with their length, time, start, end, hash."""
    name = b"\x0dsoftphone/one"
    message = (
        b"subtree/v1\n\0" + name + bytes(8) + name + bytes(8) + (300).to_bytes(8, "big") + ROOT
    )
    value = signed().signatures[0].value
    assert (len(value), value[:8]) == (8 + 2420, bytes(8))
    SECRET.public_key().verify(value[8:], message)


def test_the_key_survives_and_has_the_id_of_the_specification():
    assert parse_verifier_key(str(KEY)) == KEY
    assert KEY.key_id == hashlib.sha256(b"softphone/one\n\x06" + KEY.public_key).digest()[:4]
    for bad in (replace(KEY, public_key=KEY.public_key[:-1]), replace(KEY, type=ED25519)):
        with pytest.raises(ProofInvalid):
            parse_verifier_key(str(bad))


@pytest.mark.parametrize("at", [0, 1_790_000_000])
def test_it_verifies_for_its_key_and_checkpoint_only(at: int):
    note = parse_note(format_note(signed(at)))
    verify(note, KEY, verifies)
    for text in (
        TEXT.replace("one", "two"),
        TEXT.replace("300", "301"),
        format_checkpoint(Checkpoint("softphone/one", 300, bytes(32))),
    ):
        with pytest.raises(ProofInvalid):
            verify(replace(note, text=text), KEY, verifies)
    value = note.signatures[0].value
    for bad in (value[:-1], value + b"x", value[:7], bytes(7) + b"\x01" + value[8:]):
        forged = Signature(KEY.name, KEY.key_id, bad)
        with pytest.raises(ProofInvalid):
            verify(replace(note, signatures=(forged,)), KEY, verifies)


def test_names_that_do_not_fit_and_keys_of_another_kind_do_not_sign():
    with pytest.raises(ProofInvalid):
        signed(key=replace(KEY, name="x" * 256))
    with pytest.raises(ValueError, match="ML-DSA-44"):
        sign_subtree(TEXT, replace(KEY, type=ED25519), SECRET.sign)
    with pytest.raises(ProofInvalid):
        sign_subtree("no checkpoint\n", KEY, SECRET.sign)
