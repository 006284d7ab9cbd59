"""Public keys of Ed25519 that must be refused before anything is verified with them."""

from __future__ import annotations

KEY_BYTES = 32
P = 2**255 - 19
_Y_BITS = 2**255 - 1
_OF_ORDER_EIGHT = int.from_bytes(
    bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"), "little"
)
LOW_ORDER = frozenset({0, 1, P - 1, _OF_ORDER_EIGHT, P - _OF_ORDER_EIGHT})
"""The y coordinates of the points of low order: under such a key anybody can sign (RFC 8032)."""


def acceptable(public_key: bytes) -> bool:
    """Whether a raw public key is canonically encoded and not of low order.

    RFC 8032 section 5.1.3 refuses y of p and more; OpenSSL takes it, and points of low order too.
    """
    y = int.from_bytes(public_key, "little") & _Y_BITS
    return len(public_key) == KEY_BYTES and y < P and y not in LOW_ORDER
