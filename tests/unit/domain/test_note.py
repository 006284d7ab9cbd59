from __future__ import annotations

import base64
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from softphone.domain.errors import ProofInvalid
from softphone.domain.note import (
    COSIGNATURE_V1,
    Checkpoint,
    Signature,
    SignedNote,
    VerifierKey,
    cosign,
    cosigned_at,
    format_checkpoint,
    format_note,
    parse_checkpoint,
    parse_note,
    parse_verifier_key,
    sign,
    verify,
)
from softphone.vault.crypto import verifies

PUBLIC = b"\x07" * 32


def signer(message: bytes) -> bytes:
    """Stands for Ed25519: 64 bytes that only the message decides."""
    return hashlib.sha512(PUBLIC + message).digest()


def verifier(public: bytes, signature: bytes, message: bytes) -> bool:
    return hashlib.sha512(public + message).digest() == signature


plain = st.text(st.characters(exclude_categories=["Cs", "Cc"]))
texts = st.lists(plain, min_size=1).map(lambda lines: "".join(f"{x}\n" for x in lines))
names = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Zs", "Zl", "Zp"], exclude_characters="+"),
    min_size=1,
)
signatures = st.builds(
    Signature, names, st.binary(min_size=4, max_size=4), st.binary(min_size=1, max_size=80)
)
notes = st.builds(SignedNote, texts, st.lists(signatures, min_size=1, max_size=4).map(tuple))


@given(notes)
def test_notes_survive_formatting(note: SignedNote):
    assert parse_note(format_note(note)) == note


@given(st.text())
def test_no_text_breaks_the_parser(text: str):
    for parse in (parse_note, parse_checkpoint, parse_verifier_key):
        try:
            parse(text)
        except ProofInvalid:
            continue


GOOD = format_note(SignedNote("hello\n", (Signature("a", b"1234", b"5"),)))


@pytest.mark.parametrize(
    "bad",
    [
        "",
        "hello\n",
        GOOD[:-1],
        GOOD.replace("\u2014", "-"),
        GOOD.replace("hello", "hel\tlo"),
        GOOD.replace("\u2014 a ", "\u2014 a+b "),
        GOOD.replace("\u2014 a ", "\u2014 a  "),
        GOOD.replace("MTIzNDU=", "MTIzNDV="),
        GOOD.replace("MTIzNDU=", "MTIz NDU="),
        GOOD.replace("MTIzNDU=", "MTIz"),
        GOOD + "\n",
        GOOD + "more\n",
        "hello\n\n" + "\u2014 a MTIzNDU=\n" * 101,
        GOOD.replace("hello", "x" * 1_000_001),
    ],
)
def test_malformed_notes_are_refused(bad: str):
    with pytest.raises(ProofInvalid):
        parse_note(bad)


@pytest.mark.parametrize(
    "note",
    [
        SignedNote("no end", (Signature("a", b"1234", b"5"),)),
        SignedNote("text\n"),
        SignedNote("text\n", (Signature("a b", b"1234", b"5"),)),
        SignedNote("text\n", (Signature("a", b"123", b"5"),)),
    ],
)
def test_notes_that_could_not_be_read_again_are_not_written(note: SignedNote):
    with pytest.raises(ValueError, match=r".+"):
        format_note(note)


def test_a_verifier_key_survives_and_checks_its_id():
    key = VerifierKey("example.com/log", PUBLIC)
    assert parse_verifier_key(str(key)) == key
    assert key.key_id == hashlib.sha256(b"example.com/log\n\x01" + PUBLIC).digest()[:4]
    name, number, encoded = str(key).split("+", 2)
    unknown = base64.b64encode(b"\x09" + PUBLIC).decode()
    for bad in ("x", f"{name}+00000000+{encoded}", f"{name}+{number}+{unknown}", f"a b+{number}+x"):
        with pytest.raises(ProofInvalid):
            parse_verifier_key(bad)


def test_the_published_example_key_parses():
    # From the C2SP signed-note specification.
    key = parse_verifier_key("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
    assert key.name == "PeterNeumann"


def test_the_published_note_of_the_checksum_database_verifies():
    # The example of the note package that Go's checksum database is signed with.
    key = parse_verifier_key("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
    text = (
        "If you think cryptography is the answer to your problem,\n"
        "then you don't know what your problem is.\n"
    )
    line = (
        "\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqf"
        "qdngotpRZb6KE6RyyBwJnAM=\n"
    )
    note = parse_note(f"{text}\n{line}")
    assert note.text == text
    assert verify(note, key, verifies).key_id.hex() == "c74f20a3"
    with pytest.raises(ProofInvalid):
        verify(parse_note(f"{text}\n{line}".replace("know", "knew")), key, verifies)


def test_signatures_verify_for_their_key_and_text_only():
    key = VerifierKey("log", PUBLIC)
    note = SignedNote("text\n", (sign("text\n", key, signer),))
    assert verify(note, key, verifier) == note.signatures[0]
    with pytest.raises(ProofInvalid):
        verify(SignedNote("other\n", note.signatures), key, verifier)
    with pytest.raises(ProofInvalid):
        verify(note, VerifierKey("log", b"\x08" * 32), verifier)
    forged = Signature("log", key.key_id, b"\0" * 64)
    with pytest.raises(ProofInvalid):
        verify(SignedNote("text\n", (*note.signatures, forged)), key, verifier)


def test_cosignatures_cover_their_time():
    key = VerifierKey("witness", PUBLIC, COSIGNATURE_V1)
    made = cosign("text\n", key, signer, 1_790_000_000)
    assert verify(SignedNote("text\n", (made,)), key, verifier) == made
    assert cosigned_at(made) == 1_790_000_000
    later = Signature(made.name, made.key_id, (1_790_000_001).to_bytes(8, "big") + made.value[8:])
    with pytest.raises(ProofInvalid):
        verify(SignedNote("text\n", (later,)), key, verifier)
    with pytest.raises(ProofInvalid):
        cosigned_at(Signature("witness", key.key_id, b"short"))


def test_key_kinds_are_not_mixed():
    with pytest.raises(ValueError, match="plain"):
        sign("x\n", VerifierKey("w", PUBLIC, COSIGNATURE_V1), signer)
    with pytest.raises(ValueError, match="cosignature"):
        cosign("x\n", VerifierKey("w", PUBLIC), signer, 1)


lines = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1)
checkpoints = st.builds(
    Checkpoint,
    lines,
    st.integers(0, 10**18 - 1),
    st.binary(min_size=32, max_size=32),
    st.lists(lines, max_size=3).map(tuple),
)


@given(checkpoints)
def test_checkpoints_survive_formatting(checkpoint: Checkpoint):
    assert parse_checkpoint(format_checkpoint(checkpoint)) == checkpoint


ROOT = base64.b64encode(b"r" * 32).decode()


@pytest.mark.parametrize(
    "bad",
    [
        f"o\n01\n{ROOT}\n",
        f"o\n-1\n{ROOT}\n",
        f"\n1\n{ROOT}\n",
        f"o\n1\n{ROOT}",
        f"o\n1\n{ROOT}\n\n",
        "o\n1\nAAAA\n",
        "o\n1\n",
    ],
)
def test_malformed_checkpoints_are_refused(bad: str):
    with pytest.raises(ProofInvalid):
        parse_checkpoint(bad)


@pytest.mark.parametrize(
    "checkpoint",
    [
        Checkpoint("", 1, b"r" * 32),
        Checkpoint("a\nb", 1, b"r" * 32),
        Checkpoint("a", -1, b"r" * 32),
        Checkpoint("a", 1, b"r"),
    ],
)
def test_checkpoints_that_could_not_be_read_again_are_not_written(checkpoint: Checkpoint):
    with pytest.raises(ValueError, match=r".+"):
        format_checkpoint(checkpoint)


def test_base64_is_ascii_and_canonical():
    for encoded in ("äAAA", "AAA", "AA=="):
        with pytest.raises(ProofInvalid):
            parse_verifier_key(f"name+00000000+{encoded}")
