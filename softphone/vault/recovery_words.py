"""The recovery key as 24 words (BIP-39, English), and back from whichever way it was typed."""

from __future__ import annotations

import re

from mnemonic import Mnemonic

from softphone.domain.errors import InvalidInput, WrongCredentials
from softphone.vault.recipients import HybridIdentity, parse_identity

WORDS = 24
_SHORTEST = 4
"""Each word of the list is told apart by its first four letters."""
_LIST = Mnemonic("english")
_INDEX = {word: word for word in _LIST.wordlist} | {w[:_SHORTEST]: w for w in _LIST.wordlist}


def recovery_words(recovery_key: str) -> tuple[str, ...]:
    """Return the words of a recovery key: 256 bits and 8 of a checksum. Raises InvalidInput."""
    identity = parse_identity(recovery_key.strip())
    if not isinstance(identity, HybridIdentity):
        raise InvalidInput("There are no words for this key.", "It is not a recovery key.")
    return tuple(_LIST.to_mnemonic(identity.seed).split(" "))


def recovery_identity(typed: str) -> HybridIdentity:
    """Return the key of what was typed: the key itself, or its words in any usual spelling.

    Words may be numbered, in capitals, on several lines, or cut to four letters. Raises
    InvalidInput (no key, a word that is not in the list, words that do not fit together),
    WrongCredentials (a key of another kind).
    """
    text = typed.strip()
    if text[:4].upper() == "AGE-":
        identity = parse_identity(text.upper())
        if not isinstance(identity, HybridIdentity):
            raise WrongCredentials
        return identity
    words = re.findall(r"[^\W\d_]+", text.casefold())
    if len(words) != WORDS:
        raise _unusable(f"A recovery key has {WORDS} words; {len(words)} were typed.")
    known = [_INDEX.get(word) for word in words]
    wrong = [str(n) for n, word in enumerate(known, 1) if word is None]
    if wrong:
        # Which place, never which word: what was typed may be right but for one letter.
        raise _unusable(f"These words are not in the list: number {', '.join(wrong)}.")
    try:
        return HybridIdentity(bytes(_LIST.to_entropy([word for word in known if word])))
    except ValueError as error:
        why = "The words do not fit together: one is wrong, or two changed places."
        raise _unusable(why) from error


def _unusable(why: str) -> InvalidInput:
    return InvalidInput(
        "The recovery key cannot be used.", why, "Compare every word with the printed sheet."
    )
