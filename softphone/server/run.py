"""Running the server: initialise a data folder, issue enrolment tokens, publish, serve."""

from __future__ import annotations

import hashlib
import json
import logging
import ssl
from datetime import UTC, datetime
from pathlib import Path

import uvicorn

from softphone.domain.errors import StorageFailed
from softphone.paths import private_folder, write_private
from softphone.server.api import create_app
from softphone.server.clients import ClientRole, Clients
from softphone.server.store import Store
from softphone.server.witness import create_witness, load_witness

_CONFIG = "server.json"


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


def publish_policy(data_dir: Path, version: int, signed: bytes) -> None:
    """Offer a signed policy to all devices, who verify it. Raises Refused, StorageFailed."""
    store = open_store(data_dir)
    try:
        store.put_policy(version, hashlib.sha256(signed).hexdigest(), signed)
    finally:
        store.close()


def build_server(
    data_dir: Path, host: str, port: int, certfile: Path, keyfile: Path
) -> uvicorn.Server:
    """Return the server, not yet running: TLS 1.2 or newer, no access log with addresses."""
    config = uvicorn.Config(
        create_app(open_store(data_dir), load_witness(data_dir)),
        host=host,
        port=port,
        ssl_certfile=str(certfile),
        ssl_keyfile=str(keyfile),
        ssl_version=ssl.PROTOCOL_TLS_SERVER,
        access_log=False,
        server_header=False,
        log_config=None,
        proxy_headers=False,
        limit_concurrency=256,
        timeout_graceful_shutdown=10,
    )
    return uvicorn.Server(config)


def serve(data_dir: Path, host: str, port: int, certfile: Path, keyfile: Path) -> None:
    """Serve until interrupted. Raises StorageFailed."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    build_server(data_dir, host, port, certfile, keyfile).run()
