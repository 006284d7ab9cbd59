"""The tests' own SRTP, held to the vectors of RFC 3711 appendix B."""

from __future__ import annotations

from tests.integration.srtp_peer import Keys, keystream


def test_counter_mode():
    key = bytes.fromhex("2B7E151628AED2A6ABF7158809CF4F3C")
    counter = int("F0F1F2F3F4F5F6F7F8F9FAFBFCFD0000", 16)
    assert keystream(key, counter, 32).hex().upper() == (
        "E03EAD0935C95E80E166B16DD92B4EB4D23513162B02D0F72A43A2FE4A5F97AB"
    )


def test_key_derivation():
    keys = Keys(
        bytes.fromhex("E1F97A0D3E018BE0D64FA32C06DE4139")
        + bytes.fromhex("0EC675AD498AFEEBB6960B3AABE6")
    )
    assert keys.key.hex().upper() == "C61E7A93744F39EE10734AFE3FF7A087"
    assert keys.salt.to_bytes(14, "big").hex().upper() == "30CBBC08863D8C85D49DB34A9AE1"
    assert keys.auth.hex().upper() == "CEBE321F6FF7716B6FD4AB49AF256A156D38BAA4"
