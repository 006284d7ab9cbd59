"""The committed OpenAPI document and the server agree on everything that is asked at random."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from softphone.server import run
from softphone.server.api import create_app
from softphone.server.clients import ClientRole, Clients
from softphone.server.witness import load_witness
from tests.fakes.asgi import AsgiTransport
from tests.fakes.bundles import Log
from tests.fakes.sync_source import MemorySource
from tests.openapi import DOCUMENT

schema = schemathesis.openapi.from_path(DOCUMENT)
OPERATIONS = sorted(
    (operation.ok() for operation in schema.get_all_operations()), key=lambda one: one.label
)
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
NOW = datetime(2026, 5, 4, tzinfo=UTC)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory):
    folder: Path = tmp_path_factory.mktemp("contract") / "server"
    run.init(folder)
    store = run.open_store(folder)
    source = MemorySource()
    device = store.enrol(store.issue_token(NOW), source.device, source.log_key, NOW)
    clients = Clients(store)
    tokens = [
        device,
        clients.add("DPO", ClientRole.AUDITOR, "", NOW),
        clients.add("CRM", ClientRole.ERASER, str(Log(0).key), NOW),
        "nobody.x",
    ]
    app = create_app(store, load_witness(folder), lambda: NOW)
    # What is asked thousands of times here would be throttled as one caller.
    app.user_middleware = [one for one in app.user_middleware if one.cls.__name__ != "Rates"]
    yield AsgiTransport(app), tokens
    store.close()


def asked(transport: AsgiTransport, case, token: str) -> httpx.Response:
    """Send a generated case without a network."""
    kwargs = case.as_transport_kwargs(
        base_url="https://server", headers={"authorization": f"Bearer {token}"}
    )
    kwargs.pop("timeout", None)
    kwargs.pop("verify", None)
    prepared = requests.Request(**kwargs).prepare()
    body = prepared.body or b""
    content = body.encode() if isinstance(body, str) else body
    assert prepared.url is not None
    assert prepared.method is not None
    with httpx.Client(transport=transport) as http:
        answer = http.request(
            prepared.method, prepared.url, headers=dict(prepared.headers), content=content
        )
    answer.elapsed = timedelta(0)
    return answer


@pytest.mark.timeout(60)
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: one.label)
def test_every_answer_is_one_that_the_contract_names(operation, server):
    transport, tokens = server

    @settings(
        max_examples=20,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(), token=st.sampled_from(tokens))
    def ask(case, token):
        case.validate_response(asked(transport, case, token), checks=CHECKS)

    ask()
