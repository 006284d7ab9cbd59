"""What the edge refuses, and in which words."""

from __future__ import annotations

import queue
import socket
import ssl
import subprocess
import sys
import threading
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from demo.peers.authority import Authority, ServerFiles
from demo.peers.processes import free_port
from softphone.domain.account import Account
from softphone.domain.errors import CertificateRejected, ConnectionRefused
from softphone.domain.ids import AccountId
from softphone.sip.edge import EdgeDown, EdgeUp
from softphone.sip.edge_thread import EdgeThread

ACCOUNT = AccountId("a")
STRANGER = """
import socket, sys
s = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
s.settimeout(10)
s.sendall(b"OPTIONS sip:x SIP/2.0\\r\\nContent-Length: 0\\r\\n\\r\\n")
try:
    print("GOT", s.recv(10))
except ConnectionError:
    print("GOT", b"")
"""


class TlsServer:
    """Accepts TLS and keeps the connection open until closed."""

    def __init__(self, files: ServerFiles, *, only_tls10: bool = False) -> None:
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(files.certificate, files.key)
        if only_tls10:
            self._old_tls()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._open: list[socket.socket] = []
        self._accepted = threading.Semaphore(0)
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def _old_tls(self) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # old TLS is what is tested
            self._context.minimum_version = ssl.TLSVersion.TLSv1
            self._context.maximum_version = ssl.TLSVersion.TLSv1
        self._context.set_ciphers("ALL:@SECLEVEL=0")

    def _accept(self) -> None:
        while True:
            try:
                plain, _ = self._listener.accept()
            except OSError:
                return
            self._open.append(plain)
            try:
                self._open.append(self._context.wrap_socket(plain, server_side=True))
                self._accepted.release()
            except OSError:
                plain.close()

    def cut(self) -> None:
        """Cut the connection that has just come up."""
        assert self._accepted.acquire(timeout=10)
        self._end()

    def _end(self) -> None:
        for connection in self._open:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                connection.close()
            connection.close()
        self._open.clear()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(timeout=5)
        self._end()


def account_at(server: str, ca_file: Path | str) -> Account:
    return Account(ACCOUNT, "a", "phone.example", server, ca_file=str(ca_file))


@pytest.fixture
def edges() -> Iterator[EdgeThread]:
    thread = EdgeThread()
    thread.start()
    yield thread
    thread.stop()


def first_change(edges: EdgeThread, port: int, ca_file: Path | str, host: str = "localhost"):
    changes: queue.Queue = queue.Queue()
    edges.open_edge(account_at(f"{host}:{port}", ca_file), changes.put)
    return changes.get(timeout=15), changes


def test_a_good_certificate_is_accepted_with_tls_1_3(edges, authority):
    server = TlsServer(authority.issue("localhost", label="good"))
    change, _ = first_change(edges, server.port, authority.ca_file)
    assert isinstance(change, EdgeUp)
    assert change.tls == "TLS 1.3"
    assert change.local_ip == "127.0.0.1"
    edges.close_edge(ACCOUNT)
    server.close()


@pytest.mark.parametrize(
    ("case", "words"),
    [
        ("expired", "expired"),
        ("wrong host", "another name"),
        ("unknown authority", "unknown authority"),
        ("TLS 1.0 only", "outdated encryption"),
    ],
)
def test_bad_certificates_are_refused_and_named(edges, authority, tmp_path, case, words):
    files = {
        "expired": lambda: authority.issue("localhost", label="expired", expired=True),
        "wrong host": lambda: authority.issue("elsewhere.example", label="wrong"),
        "unknown authority": lambda: Authority(tmp_path / "other", "Stranger").issue("localhost"),
        "TLS 1.0 only": lambda: authority.issue("localhost", label="old"),
    }[case]()
    server = TlsServer(files, only_tls10=case == "TLS 1.0 only")
    change, _ = first_change(edges, server.port, authority.ca_file)
    assert isinstance(change, EdgeDown)
    assert isinstance(change.problem, CertificateRejected)
    assert words in change.problem.why
    assert change.retry_s > 0
    edges.close_edge(ACCOUNT)
    server.close()


def test_the_system_trust_store_alone_refuses_our_authority(edges, authority):
    server = TlsServer(authority.issue("localhost", label="own"))
    change, _ = first_change(edges, server.port, "")
    assert isinstance(change, EdgeDown)
    assert isinstance(change.problem, CertificateRejected)
    edges.close_edge(ACCOUNT)
    server.close()


def test_a_dead_registrar_is_retried_with_growing_pauses(edges, authority):
    change, changes = first_change(edges, free_port(), authority.ca_file)
    second = changes.get(timeout=15)
    assert isinstance(change, EdgeDown)
    assert isinstance(change.problem, ConnectionRefused)
    assert "Nothing answers" in change.problem.why
    assert second.retry_s > change.retry_s


def test_a_cut_connection_comes_back(edges, authority):
    server = TlsServer(authority.issue("localhost", label="cut"))
    change, changes = first_change(edges, server.port, authority.ca_file)
    assert isinstance(change, EdgeUp)
    server.cut()
    assert isinstance(changes.get(timeout=15), EdgeDown)
    assert isinstance(changes.get(timeout=15), EdgeUp)
    edges.close_edge(ACCOUNT)
    server.close()


def test_a_missing_authority_file_is_told(edges, tmp_path):
    change, _ = first_change(edges, free_port(), tmp_path / "missing.pem")
    assert isinstance(change, EdgeDown)
    assert "cannot be read" in change.problem.why


def test_a_stranger_on_the_loopback_listener_is_refused(edges, authority):
    """Another process must not speak SIP through the edge."""
    server = TlsServer(authority.issue("localhost", label="stranger"))
    changes: queue.Queue = queue.Queue()
    port = edges.open_edge(account_at(f"localhost:{server.port}", authority.ca_file), changes.put)
    assert isinstance(changes.get(timeout=15), EdgeUp)
    said = subprocess.run(
        [sys.executable, "-c", STRANGER, str(port)], capture_output=True, text=True, timeout=20
    )
    assert said.stdout.strip() == "GOT b''"
    edges.close_edge(ACCOUNT)
    server.close()
