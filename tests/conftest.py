"""Sockets are refused in unit and window tests; everything else may use loopback only."""

from __future__ import annotations

from pathlib import Path

import pytest
import pytest_socket

TRIES_AGAIN = 1
"""Tests with real peers wait for other programs on a busy machine: docs/decisions/0017."""
HERMETIC = {"unit", "ui", "contract", "vectors"}
ROOT = Path(__file__).parent


@pytest.fixture(autouse=True)
def _sockets(request: pytest.FixtureRequest):
    part = request.path.relative_to(ROOT).parts[0]
    if part in HERMETIC and "enable_socket" not in request.keywords:
        pytest_socket.disable_socket(allow_unix_socket=True)
    else:
        pytest_socket.socket_allow_hosts(["127.0.0.1", "::1", "localhost"], allow_unix_socket=True)
    yield
    pytest_socket._remove_restrictions()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Try a test with real peers once more before it counts as failed; the summary names it."""
    for item in items:
        if item.path.relative_to(ROOT).parts[0] == "integration":
            item.add_marker(pytest.mark.flaky(reruns=TRIES_AGAIN))
