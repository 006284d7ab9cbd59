from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from softphone.sip.uri import (
    SipUri,
    parse_name_addr,
    parse_uri,
    presented_number,
    split_host_port,
)


@pytest.mark.parametrize(
    "text",
    [
        "sip:anna@phone.example",
        "sip:anna@[::1]:5061;transport=tls;lr",
        "sips:1001@10.0.0.1:5061;user=phone?Subject=x",
        "sip:phone.example",
    ],
)
def test_round_trip(text):
    assert str(parse_uri(text)) == text


@pytest.mark.parametrize("text", ["tel:+49301", "sip:", "sip:@host", "sip:a@b:99999", "sip:a@[::1"])
def test_unusable_uris_are_none(text):
    assert parse_uri(text) is None


def test_with_param_replaces_in_place_whatever_its_case():
    uri = parse_uri("sip:a@b;Transport=TCP;lr")
    assert uri is not None
    assert str(uri.with_param("transport", "tls")) == "sip:a@b;Transport=tls;lr"


@pytest.mark.parametrize(
    ("value", "number", "name"),
    [
        ('"Anna ""K" <sip:+48225550147@pbx.example;user=phone>;tag=1', "+48225550147", 'Anna ""K'),
        ("sip:bob@pbx.example;tag=2", "bob@pbx.example", ""),
        ("Bob <sip:1001@pbx.example>", "1001", "Bob"),
        ("<tel:+49301>", "+49301", ""),
        ('"a\\"b" <sip:%2B4930@x.example>', "+4930", 'a"b'),
    ],
)
def test_presented_number(value, number, name):
    assert presented_number(value) == (number, name)


@given(st.text(max_size=60))
def test_nothing_typed_breaks_the_parsers(text):
    parse_name_addr(text)
    split_host_port(text)
    uri = parse_uri("sip:" + text)
    assert uri is None or isinstance(uri, SipUri)
