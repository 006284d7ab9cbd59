from __future__ import annotations

import pytest

from softphone.sip import account
from softphone.sip.account import media_address


@pytest.mark.parametrize(
    ("local", "ipv4", "built", "address"),
    [
        ("192.0.2.7", "192.0.2.7", True, "192.0.2.7"),
        ("::1", None, True, "127.0.0.1"),
        ("2001:db8::7", "192.0.2.7", True, "192.0.2.7"),
        ("2001:db8::7", None, True, "2001:db8::7"),
        ("2001:db8::7", None, False, "0.0.0.0"),
    ],
    ids=["IPv4", "loopback", "both", "IPv6 alone", "IPv6 alone, not built for it"],
)
def test_sound_takes_ipv4_where_there_is_some(monkeypatch, local, ipv4, built, address):
    def towards(_host: str, _port: int) -> str:
        if ipv4 is None:
            raise OSError("Network is unreachable")
        return ipv4

    monkeypatch.setattr(account, "address_towards", towards)
    assert media_address(local, ipv6=built) == address
