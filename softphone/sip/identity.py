"""Who a call says it is from."""

from __future__ import annotations

from softphone.sip.message import Message
from softphone.sip.uri import presented_number


def caller(remote: str, invite: Message | None, *, trust_asserted: bool) -> tuple[str, str]:
    """Return number and display name of a caller.

    ``remote`` is the From value. P-Asserted-Identity (RFC 3325) counts only if ``trust_asserted``:
    anybody can write it, and only the organisation knows whether its registrar takes it out.
    """
    if trust_asserted and invite is not None:
        asserted = invite.values("P-Asserted-Identity")
        # RFC 3325 section 9.1: one, or one SIP and one tel; the number is worth more to people.
        best = next((v for v in asserted if "tel:" in v.lower()), asserted[0] if asserted else "")
        if best:
            return presented_number(best)
    return presented_number(remote)
