from __future__ import annotations

import io
import os
import pty
import subprocess
from pathlib import Path

import pyrage
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from softphone.domain.errors import Damaged, InvalidInput
from softphone.domain.recording import Stanza
from softphone.vault import bech32
from softphone.vault.age_format import (
    decode_base64,
    encode_base64,
    header_bytes,
    parse_header,
    read_header,
)
from softphone.vault.recipients import (
    HybridIdentity,
    Identity,
    NotForMe,
    Passphrase,
    Recipient,
    X25519Identity,
    X25519Recipient,
    new_file_key,
    parse_identity,
    parse_recipient,
    unwrap_file_key,
    wrap_file_key,
)
from softphone.vault.stream import CHUNK, PayloadWriter, decrypt

SIZES = st.sampled_from([0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 2 * CHUNK + 17]) | (
    st.integers(min_value=0, max_value=3 * CHUNK)
)


def seal(plaintext: bytes, recipients: list[Recipient]) -> bytes:
    file_key = new_file_key()
    sink = io.BytesIO()
    sink.write(header_bytes(wrap_file_key(recipients, file_key), file_key))
    writer = PayloadWriter(sink, file_key)
    writer.write(plaintext)
    writer.finish()
    return sink.getvalue()


def unseal(data: bytes, identity: Identity) -> bytes:
    stream = io.BytesIO(data)
    file_key = unwrap_file_key(read_header(stream), [identity])
    return b"".join(decrypt(stream, file_key))


@given(SIZES)
@settings(max_examples=25, deadline=None)
def test_pyrage_opens_ours_and_we_open_theirs(size: int):
    plaintext = os.urandom(size)
    ours = X25519Identity.generate()
    theirs = pyrage.x25519.Identity.from_str(str(ours))
    assert str(theirs.to_public()) == ours.recipient()
    assert pyrage.decrypt(seal(plaintext, [parse_recipient(ours.recipient())]), [theirs]) == (
        plaintext
    )
    assert unseal(pyrage.encrypt(plaintext, [theirs.to_public()]), ours) == plaintext


@pytest.mark.parametrize("size", [0, 1, CHUNK, CHUNK + 1, 3 * CHUNK])
def test_the_age_command_opens_ours_and_we_open_theirs(tmp_path: Path, size: int):
    plaintext = os.urandom(size)
    identity = X25519Identity.generate()
    (tmp_path / "key").write_text(str(identity))
    sealed = tmp_path / "sealed.age"
    sealed.write_bytes(seal(plaintext, [parse_recipient(identity.recipient())]))
    opened = subprocess.run(
        ["age", "-d", "-i", tmp_path / "key", sealed], capture_output=True, check=True
    )
    assert opened.stdout == plaintext
    theirs = subprocess.run(
        ["age", "-r", identity.recipient()], input=plaintext, capture_output=True, check=True
    )
    assert unseal(theirs.stdout, identity) == plaintext


def test_pyrage_opens_our_passphrase_and_we_open_theirs():
    secret = "correct horse"
    assert pyrage.passphrase.decrypt(seal(b"abc", [Passphrase(secret, work_factor=10)]), secret)
    theirs = pyrage.passphrase.encrypt(b"abc", secret)
    assert unseal(theirs, Passphrase(secret, max_work_factor=22)) == b"abc"


def test_the_age_command_opens_our_passphrase(tmp_path: Path):
    sealed, opened = tmp_path / "sealed.age", tmp_path / "opened"
    sealed.write_bytes(seal(b"by passphrase", [Passphrase("correct horse", work_factor=10)]))
    child, terminal = pty.fork()
    if child == 0:  # the command reads passphrases from its terminal only
        command = ["age", "-d", "-o", str(opened), str(sealed)]
        os.execvp(command[0], command)  # noqa: S606
    asked = b""
    while b"passphrase" not in asked:
        asked += os.read(terminal, 100)
    os.write(terminal, b"correct horse\n")
    _, status = os.waitpid(child, 0)
    os.close(terminal)
    assert os.waitstatus_to_exitcode(status) == 0
    assert opened.read_bytes() == b"by passphrase"


@given(st.binary(min_size=32, max_size=32))
@settings(max_examples=20, deadline=None)
def test_hybrid_round_trip(seed: bytes):
    identity = HybridIdentity.from_seed(seed)
    other = HybridIdentity.generate()
    file_key = new_file_key()
    stanzas = wrap_file_key([parse_recipient(identity.recipient())], file_key)
    assert parse_identity(str(identity)).unwrap(stanzas) == file_key
    assert identity.seed == seed
    assert len(stanzas[0].body) == 32
    with pytest.raises(NotForMe):
        other.unwrap(stanzas)


def test_several_recipients_each_open_a_file():
    ours = [HybridIdentity.generate(), HybridIdentity.generate()]
    sealed = seal(b"abc", [parse_recipient(one.recipient()) for one in ours])
    assert [unseal(sealed, one) for one in ours] == [b"abc", b"abc"]
    with pytest.raises(NotForMe):
        unseal(sealed, X25519Identity.generate())
    with pytest.raises(NotForMe):
        unseal(sealed, Passphrase("x"))


def test_what_must_not_be_mixed_is_refused():
    hybrid = parse_recipient(HybridIdentity.generate().recipient())
    plain = parse_recipient(X25519Identity.generate().recipient())
    phrase = Passphrase("secret", work_factor=1)
    for recipients in ([hybrid, plain], [phrase, plain], [phrase, phrase], [phrase, hybrid], []):
        with pytest.raises(InvalidInput):
            wrap_file_key(recipients, new_file_key())


def test_a_key_of_low_order_is_refused():
    with pytest.raises(InvalidInput):
        X25519Recipient(bytes(32)).wrap(new_file_key())


def test_shares_of_low_order_are_refused():
    hybrid = HybridIdentity.generate()
    stanza = parse_recipient(hybrid.recipient()).wrap(new_file_key())
    low = encode_base64(decode_base64(stanza.args[0])[:1088] + bytes(32))
    with pytest.raises(Damaged):
        hybrid.unwrap([Stanza(stanza.type, (low,), stanza.body)])
    with pytest.raises(Damaged):
        X25519Identity.generate().unwrap([Stanza("X25519", ("A" * 43,), bytes(32))])


@pytest.mark.parametrize(
    "change",
    [
        lambda s: Stanza(s.type, (*s.args, "x"), s.body),
        lambda s: Stanza(s.type, (), s.body),
        lambda s: Stanza(s.type, s.args, s.body + b"\0"),
        lambda s: Stanza(s.type, (s.args[0] + "AAAA", *s.args[1:]), s.body),
        lambda s: Stanza(s.type, ("=" + s.args[0][1:], *s.args[1:]), s.body),
    ],
)
@pytest.mark.parametrize("kind", ["X25519", "hybrid", "scrypt"])
def test_malformed_stanzas_are_fatal(change, kind: str):
    if kind == "scrypt":
        identity = recipient = Passphrase("secret", work_factor=1)
    else:
        identity = X25519Identity.generate() if kind == "X25519" else HybridIdentity.generate()
        recipient = parse_recipient(identity.recipient())
    with pytest.raises(Damaged):
        identity.unwrap([change(recipient.wrap(new_file_key()))])


@pytest.mark.parametrize("digits", ["", "0", "01", "+1", "-1", "1a", "0x1", "21", "99", "1000"])
def test_work_factors_are_decimal_and_bounded(digits: str):
    phrase = Passphrase("secret", work_factor=1)
    stanza = phrase.wrap(new_file_key())
    with pytest.raises(Damaged):
        phrase.unwrap([Stanza(stanza.type, (stanza.args[0], digits), stanza.body)])


def test_a_wrong_passphrase_and_mixed_stanzas():
    stanza = Passphrase("secret", work_factor=1).wrap(new_file_key())
    with pytest.raises(NotForMe):
        Passphrase("Secret").unwrap([stanza])
    with pytest.raises(Damaged):
        Passphrase("secret").unwrap([stanza, Stanza("X25519", (), b"")])


@pytest.mark.parametrize(("phrase", "work"), [("", 10), ("x", 0), ("x", 30)])
def test_useless_passphrases_are_refused(phrase: str, work: int):
    with pytest.raises(InvalidInput):
        Passphrase(phrase, work_factor=work)


def test_an_altered_header_is_not_opened():
    identity = X25519Identity.generate()
    file_key = new_file_key()
    stanzas = wrap_file_key([parse_recipient(identity.recipient())], file_key)
    header = parse_header(header_bytes([*stanzas, Stanza("grease", (), b"")], bytes(16)))
    with pytest.raises(Damaged):
        unwrap_file_key(header, [identity])


@pytest.mark.parametrize(
    ("prefix", "size"), [("age", 31), ("age1pq", 32), ("AGE", 32), ("ssh", 32), ("age1tag", 33)]
)
def test_unknown_keys_are_refused(prefix: str, size: int):
    text = bech32.encode(prefix, bytes(size))
    for parse in (parse_recipient, parse_identity):
        with pytest.raises(InvalidInput):
            parse(text)


def test_a_hybrid_key_that_is_no_key_is_refused():
    with pytest.raises(InvalidInput):
        parse_recipient(bech32.encode("age1pq", b"\xff" * 1216))


def test_secrets_do_not_show_in_representations():
    for secret in (X25519Identity.generate(), HybridIdentity.generate(), Passphrase("hidden")):
        assert "hidden" not in repr(secret)
        assert "AGE-SECRET" not in repr(secret)


def test_sizes_are_checked():
    with pytest.raises(ValueError, match="bytes"):
        parse_recipient(X25519Identity.generate().recipient()).wrap(bytes(15))


def test_stanzas_of_other_kinds_are_passed_over():
    for identity in (X25519Identity.generate(), HybridIdentity.generate()):
        file_key = new_file_key()
        mine = parse_recipient(identity.recipient()).wrap(file_key)
        assert identity.unwrap([Stanza("grease", ("x",), b"y"), mine]) == file_key
