"""Where a far side may send us: a call that somebody else has us place costs our organisation."""

from __future__ import annotations

from softphone.domain.call_policy import Redirects
from softphone.sip.uri import parse_name_addr, parse_uri


def may_follow(target: str, domain: str, rule: Redirects) -> bool:
    """Whether the policy lets us call what a 3xx or a REFER names.

    Another domain could be a premium number on the organisation's account. An address with two
    ``@`` is nobody's: which host it names depends on who reads it.
    """
    address = parse_name_addr(target).uri
    uri = parse_uri(address)
    plain = uri is not None and address.count("@") <= 1
    own = plain and uri is not None and uri.host.lower() == domain.lower()
    return rule is Redirects.ALWAYS or (own and rule is Redirects.OWN_DOMAIN)


def takes_a_place(target: str) -> bool:
    """Whether a REFER's target is to take the place of a call that goes on (RFC 3891).

    That names a phone, not a number, often by an address of its own; who has no such call refuses.
    """
    uri = parse_uri(parse_name_addr(target).uri)
    return uri is not None and any(
        part.lower().startswith("replaces=") for part in uri.headers.split("&")
    )
