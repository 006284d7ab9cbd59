from __future__ import annotations

import pytest

from softphone.domain.errors import Damaged, InvalidInput
from softphone.vault.hpke import open_with, seal_for
from softphone.vault.recipients import HybridIdentity, X25519Identity


def test_a_secret_opens_for_its_recipient_and_use_only():
    ada, bob = HybridIdentity.generate(), HybridIdentity.generate()
    sealed = seal_for(ada.recipient(), b"secret", b"use")
    assert open_with(ada.seed, sealed, b"use") == b"secret"
    for seed, value, info in (
        (bob.seed, sealed, b"use"),
        (ada.seed, sealed, b"other use"),
        (ada.seed, sealed[:-1], b"use"),
        (ada.seed, b"short", b"use"),
    ):
        with pytest.raises(Damaged):
            open_with(seed, value, info)


def test_only_hybrid_recipients_are_taken():
    with pytest.raises(InvalidInput):
        seal_for(X25519Identity.generate().recipient(), b"secret", b"use")
