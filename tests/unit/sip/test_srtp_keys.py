from __future__ import annotations

from softphone.sip.srtp_keys import SUITES, fresh_key


def test_keys_are_nul_free_ascii_of_the_right_length_and_never_repeat():
    seen = set()
    for _, octets in SUITES:
        for _ in range(200):
            key = fresh_key(octets)
            assert len(key.encode("ascii")) == octets
            assert "\0" not in key
            seen.add(key)
    assert len(seen) == 200 * len(SUITES)
