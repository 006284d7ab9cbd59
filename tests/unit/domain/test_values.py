"""Values without rules of their own: frozen, comparable, and random where they must be."""

from __future__ import annotations

import dataclasses
import inspect
import uuid

import pytest

from softphone.domain import account, audit, call, contact, events, permissions, privacy, recording
from softphone.domain.ids import new_id

VALUES = [
    kind
    for module in (account, audit, call, contact, events, permissions, privacy, recording)
    for _, kind in inspect.getmembers(module, inspect.isclass)
    if kind.__module__ == module.__name__ and dataclasses.is_dataclass(kind)
]


@pytest.mark.parametrize("kind", VALUES, ids=lambda kind: kind.__name__)
def test_every_value_and_event_is_frozen(kind: type):
    assert kind.__dataclass_params__.frozen
    assert "__slots__" in kind.__dict__


def test_identifiers_are_random_and_canonical():
    ids = {new_id() for _ in range(100)}
    assert len(ids) == 100
    assert all(str(uuid.UUID(text)) == text and uuid.UUID(text).version == 4 for text in ids)


def test_the_steps_of_an_erasure_destroy_keys_before_rows():
    order = [step.value for step in privacy.STEP_ORDER]
    assert order.index("keys_destroyed") < order.index("data_deleted")
    assert (order[0], order[-1]) == ("intent_logged", "done")
