from __future__ import annotations

import inspect

import pytest

from softphone.domain import errors
from softphone.domain.errors import (
    CallFailed,
    SoftphoneError,
    Truncated,
    TryLater,
    WrongCredentials,
)

TREE = [
    kind
    for _, kind in inspect.getmembers(errors, inspect.isclass)
    if issubclass(kind, SoftphoneError)
]


@pytest.mark.parametrize("kind", TREE)
def test_the_tree_in_the_docstring_names_every_error(kind: type):
    assert kind.__name__ in (errors.__doc__ or "")


def test_an_error_says_what_why_and_what_to_do():
    error = SoftphoneError("It broke.", "", "Mend it.")
    assert (str(error), error.what, error.why, error.do) == (
        "It broke. Mend it.",
        "It broke.",
        "",
        "Mend it.",
    )


def test_errors_with_a_number():
    assert str(TryLater(1.6)).endswith("Try again in 2 seconds.")
    assert str(TryLater(0.1)).endswith("Try again in 1 seconds.")
    assert CallFailed("x", status=486).status == 486
    assert Truncated("x", authentic=9).authentic == 9
    assert str(WrongCredentials()) == str(WrongCredentials())
