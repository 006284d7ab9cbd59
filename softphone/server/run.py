"""Running the server: initialise a data folder, issue enrolment tokens, publish, serve."""

from __future__ import annotations

import json
import logging
import ssl
from datetime import UTC, datetime
from pathlib import Path

import uvicorn

from softphone.domain.errors import InvalidInput, NotFound, StorageFailed
from softphone.paths import private_folder, write_private
from softphone.server.api import create_app
from softphone.server.clients import ClientRole, Clients
from softphone.server.policies import Policies
from softphone.server.serving import Limits
from softphone.server.store import Store
from softphone.server.witness import create_witness, load_witness

_CONFIG = "server.json"
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


def init(data_dir: Path, database: str = "") -> str:
    """Create or upgrade a data folder (0700) and return the witness's verifier key.

    ``database`` is any SQLAlchemy URL; SQLite in the folder without one. A folder keeps its
    database: another one is only taken for a new folder. Raises StorageFailed.
    """
    private_folder(data_dir)
    path = data_dir / _CONFIG
    if not path.exists():
        url = database or f"sqlite:///{data_dir.resolve() / 'server.db'}"
        write_private(path, json.dumps({"database": url}).encode("utf-8"))
    create_witness(data_dir)
    store = open_store(data_dir)
    try:
        store.migrate()
    finally:
        store.close()
    if (data_dir / "server.db").exists():
        (data_dir / "server.db").chmod(0o600)
    return str(load_witness(data_dir).verifier_key)


def open_store(data_dir: Path) -> Store:
    """Return the database of a data folder. Raises StorageFailed."""
    try:
        url = json.loads((data_dir / _CONFIG).read_bytes())["database"]
        return Store(str(url))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StorageFailed(
            "The server cannot start.",
            "Its data folder is not initialised or is damaged.",
            "Run the server's init first.",
        ) from error


def issue_token(data_dir: Path) -> str:
    """Return a one-time enrolment token, good for a week. Raises StorageFailed."""
    store = open_store(data_dir)
    try:
        return store.issue_token(datetime.now(UTC))
    finally:
        store.close()


def add_client(data_dir: Path, name: str, role: str, log_key: str) -> str:
    """Add a client of the API and return its token. Raises InvalidInput, ProofInvalid."""
    store = open_store(data_dir)
    try:
        return Clients(store).add(name, ClientRole(role), log_key, datetime.now(UTC))
    finally:
        store.close()


def keys(data_dir: Path, accept_policy_of: str = "") -> tuple[str, str]:
    """Return the verifier keys of the witness and of whoever may publish the fleet's policy.

    ``accept_policy_of`` is a policy key to accept from now on. Raises ProofInvalid, StorageFailed.
    """
    store = open_store(data_dir)
    try:
        policies = Policies(store)
        if accept_policy_of:
            policies.accept_from(accept_policy_of)
        return str(load_witness(data_dir).verifier_key), policies.accepted_key()
    finally:
        store.close()


def retire(data_dir: Path, device: str) -> None:
    """Wait no longer for a device that never comes back. Raises NotFound, StorageFailed."""
    store = open_store(data_dir)
    try:
        if not store.retire(device):
            raise NotFound("Nothing was changed.", "No enrolled device has this identifier.")
    finally:
        store.close()


def build_server(
    data_dir: Path,
    host: str,
    port: int,
    certfile: Path | None,
    keyfile: Path | None,
    limits: Limits | None = None,
) -> uvicorn.Server:
    """Return the server, not yet running: TLS 1.2 or newer, no access log with addresses.

    Without a certificate it speaks plain HTTP, for a reverse proxy on the same machine, and
    refuses any address but loopback. Raises InvalidInput, StorageFailed.
    """
    if certfile is None and host not in _LOOPBACK:
        raise InvalidInput(
            "The server does not start.",
            "Without a certificate it serves a reverse proxy on this machine only.",
            "Give a certificate, or listen on 127.0.0.1.",
        )
    config = uvicorn.Config(
        create_app(open_store(data_dir), load_witness(data_dir), limits=limits),
        host=host,
        port=port,
        ssl_certfile=None if certfile is None else str(certfile),
        ssl_keyfile=None if keyfile is None else str(keyfile),
        ssl_version=ssl.PROTOCOL_TLS_SERVER,
        access_log=False,
        server_header=False,
        log_config=None,
        proxy_headers=False,
        limit_concurrency=256,
        timeout_graceful_shutdown=10,
    )
    return uvicorn.Server(config)


def serve(
    data_dir: Path,
    host: str,
    port: int,
    certfile: Path | None,
    keyfile: Path | None,
    limits: Limits | None = None,
) -> None:
    """Serve until interrupted. Raises InvalidInput, StorageFailed."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    build_server(data_dir, host, port, certfile, keyfile, limits).run()
