"""Sockets are refused in unit and window tests; everything else may use loopback only."""

from __future__ import annotations

from pathlib import Path

import pytest
import pytest_socket

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
