from __future__ import annotations

from pathlib import Path

import pytest

from softphone.domain.errors import InvalidInput, WrongCredentials
from softphone.vault.recipients import HybridIdentity, X25519Identity
from softphone.vault.recovery_words import recovery_identity, recovery_words
from tests.unit.vault.rig import ADMIN, AGENT, Rig

# From the test vectors of BIP-39 (trezor/python-mnemonic, vectors.json).
ZEROS = "abandon " * 23 + "art"
HIGH = "zoo " * 23 + "vote"
KNOWN = (
    (bytes(32), ZEROS),
    (b"\xff" * 32, HIGH),
    (b"\x80" * 32, "letter advice cage absurd amount doctor acoustic avoid " * 2
     + "letter advice cage absurd amount doctor acoustic bless"),
)  # fmt: skip


@pytest.mark.parametrize(("seed", "words"), KNOWN)
def test_the_words_are_those_of_the_standard(seed: bytes, words: str):
    key = str(HybridIdentity(seed))
    assert " ".join(recovery_words(key)) == words.strip()
    assert recovery_identity(words).seed == seed


@pytest.mark.parametrize(
    "typed",
    [
        HIGH,
        f"  {HIGH.upper()}  ",
        HIGH.replace(" ", "\n"),
        HIGH.replace("vote", "VOTE."),
        " ".join(f"{n}. {word}" for n, word in enumerate(HIGH.split(), 1)),
        ", ".join(word[:4] for word in HIGH.split()),
        str(HybridIdentity(b"\xff" * 32)),
        f" {HybridIdentity(bytes([255] * 32))}\n".lower(),
    ],
)
def test_every_usual_spelling_is_read(typed: str):
    assert recovery_identity(typed).seed == b"\xff" * 32


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("", "0 were typed"),
        ("zoo " * 23, "23 were typed"),
        (HIGH.replace("vote", "vots"), "number 24"),
        ("xxxx " + "zoo " * 21 + "yyyy vote", "number 1, 23"),
        ("zoo " * 24, "do not fit together"),
        ("abandon zoo " + "zoo " * 21 + "vote", "do not fit together"),
        ("AGE-SECRET-KEY-PQ-1QQQ", ""),
    ],
)
def test_what_is_wrong_is_said_without_the_words(typed: str, why: str):
    with pytest.raises(InvalidInput) as caught:
        recovery_identity(typed)
    assert why in caught.value.why
    for word in ("xxxx", "yyyy", "vots", "zoo"):
        assert word not in str(caught.value)


def test_a_key_of_another_kind_is_none():
    other = str(X25519Identity.generate())
    with pytest.raises(WrongCredentials):
        recovery_identity(other)
    with pytest.raises(InvalidInput):
        recovery_words(other)


def test_words_do_what_the_key_does(tmp_path: Path):
    """Reset by words; other words, of another key, open nothing."""
    rig = Rig(tmp_path)
    rig.create(AGENT)
    words = " ".join(rig.keeper.recovery_words(rig.recovery_key))
    rig.keeper.recover(words, AGENT.name, "another four random words").close()
    rig.keeper.unlock(AGENT.name, "another four random words").close()
    with pytest.raises(WrongCredentials):
        rig.keeper.recover(ZEROS, ADMIN.name, "another four random words")
