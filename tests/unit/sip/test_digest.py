"""Digest answers; the figures are those of RFC 7616 section 3.9.1 and RFC 2617 section 3.5."""

from __future__ import annotations

import re

import pytest

from softphone.sip import digest
from softphone.sip.digest import Credentials, authorize
from softphone.sip.message import Message

MUFASA = Credentials("Mufasa", "Circle of Life")
REALM = 'realm="http-auth@example.org", qop="auth, auth-int"'
NONCE = 'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"'
OPAQUE = 'opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'


def challenge(*values: str, status: int = 401) -> Message:
    name = "Proxy-Authenticate" if status == 407 else "WWW-Authenticate"
    return Message(f"SIP/2.0 {status} Unauthorized", [(name, v) for v in values])


def answered(answer: Message, method: str = "GET", uri: str = "/dir/index.html") -> str:
    request = Message(f"{method} {uri} SIP/2.0", [])
    assert authorize(request, answer, MUFASA)
    return request.headers[-1][1]


@pytest.mark.parametrize(
    ("algorithm", "response"),
    [
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
    ],
)
def test_the_example_of_the_rfc(monkeypatch, algorithm: str, response: str):
    cnonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"
    monkeypatch.setattr(digest.secrets, "token_hex", lambda _octets: cnonce)
    line = answered(challenge(f"Digest {REALM}, algorithm={algorithm}, {NONCE}, {OPAQUE}"))
    assert f'response="{response}"' in line
    assert OPAQUE in line


def test_the_strongest_algorithm_is_answered():
    line = answered(
        challenge(
            f"Digest {REALM}, algorithm=MD5, {NONCE}",
            f"Digest {REALM}, algorithm=SHA-256, {NONCE}",
        )
    )
    assert "algorithm=SHA-256" in line


def test_without_qop_and_algorithm_it_is_that_of_rfc_2069():
    line = answered(challenge('Digest realm="r", nonce="n"', status=407), "REGISTER", "sip:x")
    assert "qop" not in line
    one = digest._md5("Mufasa:r:Circle of Life")
    assert digest._md5(f"{one}:n:{digest._md5('REGISTER:sip:x')}") in line


@pytest.mark.parametrize("value", ["", "Digest", "Basic realm=x", 'Digest realm="r", nonce="n", '
                                   "algorithm=AKAv1-MD5"])  # fmt: skip
def test_what_cannot_be_answered_is_not(value: str):
    request = Message("SUBSCRIBE sip:a@x SIP/2.0", [])
    assert not authorize(request, challenge(value), MUFASA)
    assert request.headers == []


def test_an_answer_takes_the_place_of_the_last_one():
    request = Message("SUBSCRIBE sip:a@x SIP/2.0", [])
    for nonce in ("one", "two"):
        authorize(request, challenge(f'Digest realm="r", nonce="{nonce}"'), MUFASA)
    assert len(re.findall("nonce=", str(request.headers))) == 1
    assert "two" in request.headers[0][1]
