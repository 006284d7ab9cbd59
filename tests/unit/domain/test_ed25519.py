from __future__ import annotations

import pytest

from softphone.domain.ed25519 import LOW_ORDER, P, acceptable

D = (-121665 * pow(121666, -1, P)) % P


def add(a: tuple[int, int], b: tuple[int, int]) -> tuple[int, int]:
    """The addition law of RFC 8032 section 5.1.4, in affine coordinates."""
    (x1, y1), (x2, y2) = a, b
    mixed = D * x1 * x2 * y1 * y2
    x = (x1 * y2 + x2 * y1) * pow(1 + mixed, -1, P)
    y = (y1 * y2 + x1 * x2) * pow(1 - mixed, -1, P)
    return x % P, y % P


def x_of(y: int) -> int:
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if x * x % P != square:
        x = x * pow(2, (P - 1) // 4, P) % P
    assert x * x % P == square
    return x


@pytest.mark.parametrize("y", sorted(LOW_ORDER))
def test_each_listed_point_is_on_the_curve_and_of_low_order(y: int):
    point = (x_of(y), y)
    for _ in range(3):
        point = add(point, point)
    assert point == (0, 1)


@pytest.mark.parametrize("sign", [0, 1])
@pytest.mark.parametrize("y", [*sorted(LOW_ORDER), P, P + 1, P + 2, 2**255 - 1])
def test_low_order_and_non_canonical_keys_are_refused(y: int, sign: int):
    assert not acceptable((y | sign << 255).to_bytes(32, "little"))


def test_keys_of_another_length_are_refused_and_ordinary_ones_are_not():
    base = (4 * pow(5, -1, P) % P).to_bytes(32, "little")
    assert acceptable(base)
    assert not acceptable(base + b"\0")
    assert not acceptable(base[:31])
